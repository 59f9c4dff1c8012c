import { startUpstream, type Upstream } from '../../e2e/harness/upstream.ts';
import { readIngress } from './ingress.ts';
import { type LiteLlm, startLiteLlm } from './litellm.ts';
import { type OllamaApi, startOllamaApi } from './ollama-api.ts';
import { startTunnel, type Tunnel } from './tunnel.ts';

/** The tag that config.yaml names and make-model.sh makes. */
export const TAG = 'qwen2.5:14b-instruct-8k';

/** A model this small does not know when to stop: 100 tokens are two seconds, ten on a busy machine. */
const SHORT = [
  'ollama-qwen2.5',
  'claude-haiku-5-5',
  'claude-haiku-4-5',
  'claude-sonnet-5-5',
  'claude-opus-5-5',
].map((id) => ({ id, max_output_tokens: 100 }));

const TOKEN = { id: 'd1c0.access', secret: 'cfast_0123456789abcdef0123456789abcdef01234567deadbeef' };

export type World = {
  /** Stands in for Anthropic where a fallback goes there. */
  claude: Upstream;
  ollama: OllamaApi;
  litellm: LiteLlm;
  tunnel: Tunnel;
  /** Scenario 1 through the tunnel, for `startProgram`. */
  settings: Record<string, string>;
  /** Ends the running LiteLLM at once. */
  killProxy(): Promise<void>;
  /** Starts it again at the same address; @param masterKey as before if it is not given */
  restartProxy(masterKey?: string): Promise<void>;
  close(): Promise<void>;
};

/** Everything at home and the way there: the real LiteLLM on its real file, a real model behind Ollama's API. */
export async function startWorld(
  modelUrl: string,
  options: { config?: 'config.yaml' | 'config.claude.yaml'; env?: NodeJS.ProcessEnv } = {},
): Promise<World> {
  const claude = await startUpstream();
  const ollama = await startOllamaApi(modelUrl, TAG);
  const rules = await readIngress();
  const litellm = await startLiteLlm({ ollamaUrl: ollama.url, ...options });
  const tunnel = await startTunnel({
    rules,
    hostname: 'llm.example.com',
    origins: { 'http://litellm:4000': litellm.url },
    token: TOKEN,
  });
  const world: World = {
    claude,
    ollama,
    litellm,
    tunnel,
    settings: {
      ANTHROPIC_API_KEY: 'sk-ant-for-tests',
      ANTHROPIC_BASE_URL: `${claude.url}/anthropic`,
      LITELLM_ENABLED: 'true',
      LITELLM_PROXY_URL: tunnel.url,
      LITELLM_MASTER_KEY: litellm.masterKey,
      OLLAMA_BASE_URL: ollama.url,
      CF_ACCESS_CLIENT_ID: TOKEN.id,
      CF_ACCESS_CLIENT_SECRET: TOKEN.secret,
      MODELS: JSON.stringify(SHORT),
    },
    killProxy: () => world.litellm.kill(),
    async restartProxy(masterKey = litellm.masterKey) {
      await world.litellm.kill();
      world.litellm = await startLiteLlm({
        ollamaUrl: ollama.url,
        ...options,
        port: litellm.port,
        masterKey,
      });
    },
    async close() {
      await tunnel.close();
      await world.litellm.stop();
      await ollama.close();
      await claude.close();
    },
  };
  return world;
}
