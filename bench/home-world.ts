import { startLiteLlm } from '../home/stack/litellm.ts';
import { startModelServer } from '../home/stack/model-server.ts';
import { type OllamaApi, startOllamaApi } from '../home/stack/ollama-api.ts';
import { TAG } from '../home/stack/world.ts';
import { startWorld } from './world.ts';

/** What the home model is called in LiteLLM's configuration. */
export const HOME_MODEL = 'ollama-qwen2.5';

export type HomeWorld = {
  /** The model alone. */
  ollama: OllamaApi;
  /** The real LiteLLM on its own file, before the model. */
  litellm: { url: string; masterKey: string };
  /** The shipped Worker before LiteLLM: its address, without a trailing slash. */
  url: string;
  close(): Promise<void>;
};

/**
 * The home side on this machine, without the tunnel: a real small model behind Ollama's API, the real LiteLLM, the
 * Worker. The model has one thread: at home it runs on a graphics card, so here it must not take the processor from
 * what is measured.
 */
export async function startHomeWorld(options: {
  /** As in {@link startWorld}. */
  storage: string | null;
  /** Of an answer through the Worker. */
  maxTokens: number;
  signal: AbortSignal;
}): Promise<HomeWorld> {
  const { storage, maxTokens, signal } = options;
  const opened: (() => Promise<void>)[] = [];
  async function close(): Promise<void> {
    for (const end of opened.toReversed()) await end();
  }
  try {
    const model = await startModelServer(1);
    opened.push(model.stop);
    const ollama = await startOllamaApi(model.url, TAG);
    opened.push(ollama.close);
    const litellm = await startLiteLlm({ ollamaUrl: ollama.url });
    opened.push(litellm.stop);
    signal.throwIfAborted();
    const worker = await startWorld(storage, {
      LITELLM_ENABLED: 'true',
      LITELLM_PROXY_URL: litellm.url,
      LITELLM_MASTER_KEY: litellm.masterKey,
      DEFAULT_MODEL: HOME_MODEL,
      MODELS: JSON.stringify([{ id: HOME_MODEL, max_output_tokens: maxTokens }]),
    });
    opened.push(worker.close);
    return { ollama, litellm, url: worker.url, close };
  } catch (error) {
    await close();
    throw error;
  }
}
