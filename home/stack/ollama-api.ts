import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import { type Manner, write } from './model-writing.ts';
import { type Chat, chatOver } from './ollama-chat.ts';
import { describeModel, isHostAllowed, VERSION } from './ollama-facts.ts';
import { callSchema, toolSchema } from './ollama-tools.ts';

/** A request that arrived, and what became of it. */
export type OllamaRequest = {
  method: string;
  path: string;
  host: string;
  /** Parsed JSON; null where there was none. */
  body: unknown;
  /** When it was read, and when the first piece of its answer left: `performance.now()`; null before. */
  arrivedAt: number;
  answeredAt: number | null;
  /** Resolves when the connection of this request is done with: true when the asker left before the end. */
  left: Promise<boolean>;
};

export type OllamaApi = {
  url: string;
  requests: OllamaRequest[];
  /** Tags that are there; change it to take a model away. */
  tags: Set<string>;
  /** Tags in memory. */
  loaded: Set<string>;
  /** How long loading takes, ms. One that is left meanwhile starts from the beginning, as Ollama's does. */
  loadMs: number;
  /** Whether the template of the model has a place for tools. Ollama refuses a request with tools where it has none. */
  hasTools: boolean;
  /** How a question is answered: by the real model, unless a test wants something certain. */
  manner: (chat: Chat) => Manner;
  close(): Promise<void>;
};

const chatSchema = z.object({
  model: z.string(),
  stream: z._default(z.boolean(), true),
  messages: z.array(
    z.object({
      role: z.string(),
      content: z._default(z.string(), ''),
      tool_calls: z.optional(z.array(callSchema)),
      tool_call_id: z.optional(z.string()),
    }),
  ),
  tools: z._default(z.array(toolSchema), []),
  options: z.optional(z.object({ num_predict: z.optional(z.number()), temperature: z.optional(z.number()) })),
});

/** `name` is the older word, which LiteLLM still sends to `/api/show`. */
const nameSchema = z.union([
  z.object({ model: z.string() }),
  z.pipe(
    z.object({ name: z.string() }),
    z.transform(({ name }) => ({ model: name })),
  ),
]);

/**
 * Ollama's own API, as its reference describes it, over the model of an OpenAI-compatible server: what LiteLLM's
 * `ollama_chat/` and the Worker's probe talk to. It checks Host as Ollama does while it is bound to loopback.
 */
export async function startOllamaApi(modelUrl: string, tag: string): Promise<OllamaApi> {
  const requests: OllamaRequest[] = [];
  const tags = new Set([tag]);
  const loaded = new Set<string>();

  async function load(model: string, gone: AbortSignal): Promise<number> {
    if (loaded.has(model)) return 0;
    await pause(api.loadMs, undefined, { signal: gone });
    loaded.add(model);
    return api.loadMs;
  }

  async function answer(request: OllamaRequest, response: ServerResponse): Promise<void> {
    if (!isHostAllowed(request.host)) return void response.writeHead(403).end();
    switch (`${request.method} ${request.path}`) {
      case 'GET /':
        return void response.end('Ollama is running');
      case 'GET /api/version':
        return json(response, 200, { version: VERSION });
      case 'GET /api/tags':
        return json(response, 200, { models: [...tags].map(describeModel) });
      case 'GET /api/ps':
        return json(response, 200, {
          models: [...loaded].map((name) => ({
            ...describeModel(name),
            expires_at: '2030-01-01T00:00:00Z',
            size_vram: 0,
            context_length: 8192,
          })),
        });
      case 'POST /api/show':
      case 'POST /api/generate':
      case 'POST /api/chat':
        return answerForModel(request, response);
      default:
        return void response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
    }
  }

  async function answerForModel(request: OllamaRequest, response: ServerResponse): Promise<void> {
    const named = z.safeParse(nameSchema, request.body);
    if (!named.success) return json(response, 400, { error: 'model is required' });
    const { model } = named.data;
    if (!tags.has(model)) return json(response, 404, { error: `model '${model}' not found` });
    if (request.path === '/api/show') {
      const capabilities = api.hasTools ? ['completion', 'tools'] : ['completion'];
      return json(response, 200, { ...describeModel(model), capabilities, model_info: {} });
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    if (request.path === '/api/generate') {
      await load(model, gone.signal);
      return json(response, 200, { model, response: '', done: true, done_reason: 'load' });
    }
    const chat = z.safeParse(chatSchema, request.body);
    if (!chat.success) return json(response, 400, { error: z.prettifyError(chat.error) });
    // In these words, and before anything is loaded.
    if (chat.data.tools.length > 0 && !api.hasTools)
      return json(response, 400, { error: `registry.ollama.ai/library/${model} does not support tools` });
    const loadMs = await load(model, gone.signal);
    const writing = write(modelUrl, chat.data, api.manner(chat.data), gone.signal);
    await chatOver(writing, chat.data, loadMs, response, () => {
      request.answeredAt ??= performance.now();
    });
  }

  const server = createServer((incoming, response) => {
    const left = new Promise<boolean>((resolve) =>
      response.once('close', () => resolve(!response.writableFinished)),
    );
    void readJson(incoming).then(async (body) => {
      const { pathname } = new URL(incoming.url ?? '/', 'http://ollama');
      const { method = 'GET', headers } = incoming;
      const request: OllamaRequest = {
        ...{ method, path: pathname, host: headers.host ?? '', body, left },
        ...{ arrivedAt: performance.now(), answeredAt: null },
      };
      requests.push(request);
      await answer(request, response).catch(() => response.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const api: OllamaApi = {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    tags,
    loaded,
    loadMs: 0,
    hasTools: true,
    manner: () => 'real',
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return api;
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  let text = '';
  incoming.setEncoding('utf8');
  for await (const piece of incoming) text += piece;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
