import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import { AnthropicStream, anthropicModels } from './anthropic-wire.ts';
import { OpenAiStream } from './openai-wire.ts';
import { readTools, type ScriptedCall, type SeenTools } from './tool-wire.ts';

const bodySchema = z.object({
  model: z.string(),
  stream: z.optional(z.boolean()),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
});

/** One request for an answer, as the upstream saw it. */
export type Asked = {
  path: '/v1/messages' | '/v1/chat/completions';
  headers: IncomingHttpHeaders;
  body: z.infer<typeof bodySchema> & Record<string, unknown>;
  /** All messages' texts with their roles, oldest first, system texts left out. */
  turns: { role: string; text: string }[];
  /** Resolves when the connection of this request is gone, however. */
  closed: Promise<void>;
} & SeenTools;

export type EndReason = 'end_turn' | 'max_tokens' | 'refusal' | 'tool_use';

/** What both wires can do, so that one test runs on each path. */
export type Stream = {
  /** Status and headers go out, with what the wire sends before the first text. */
  start(): void;
  text(piece: string): void;
  thinking(piece: string): void;
  /** Calls of tools, with their arguments in pieces; the end that follows says that their results are waited for. */
  tools(calls: readonly ScriptedCall[]): void;
  /** A sign of life without content. */
  ping(): void;
  /** The regular end: with calls they are its reason. */
  end(reason?: EndReason): void;
  /** An error inside the stream. */
  fail(): void;
  /** The connection breaks. */
  cut(): void;
  /** Instead of a stream: an error of the provider's own form. */
  refuse(status: number, type?: string, message?: string): void;
  /** The bare response, for whatever no provider should send. */
  readonly response: ServerResponse;
};

export type Script = (stream: Stream, asked: Asked) => void | Promise<void>;

export type Upstream = {
  url: string;
  asked: Asked[];
  /** Answers questions that contain `word` by this script, until the test file ends. */
  on(word: string, script: Script): void;
  /** Makes a service answer its probes with this status (0: not at all, the connection stays open). */
  setService(name: 'anthropic' | 'litellm' | 'ollama', status: number): void;
  close(): Promise<void>;
};

/** Says what it was asked, in two pieces; where it is only tried whether it can call a tool, it can. */
const echo: Script = (stream, asked) => {
  stream.start();
  const number = /^Call the tool report_number to report the number (\d+)/.exec(asked.question)?.[1];
  if (number !== undefined) {
    stream.tools([{ name: 'report_number', args: { number: Number(number) } }]);
    return stream.end();
  }
  stream.text('You said: ');
  stream.text(asked.question);
  stream.end();
};

/**
 * One server that speaks as Anthropic under /anthropic, as LiteLLM under /litellm and as Ollama under /ollama,
 * and does what a test says. It shares nothing with the project's own embedded upstreams.
 */
export async function startUpstream(): Promise<Upstream> {
  const asked: Asked[] = [];
  const scripts: { word: string; script: Script }[] = [];
  const services: Record<string, number> = { anthropic: 200, litellm: 200, ollama: 200 };

  async function answer(
    service: string,
    path: Asked['path'],
    incoming: IncomingMessage,
    response: ServerResponse,
  ) {
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    const json: unknown = JSON.parse(await bodyOf(incoming));
    const parsed = bodySchema.parse(json);
    const body = { ...(typeof json === 'object' ? json : {}), ...parsed };
    const turns = body.messages
      .filter(({ role }) => role !== 'system')
      .map(({ role, content }) => ({ role, text: textOf(content) }));
    const one: Asked = {
      path,
      headers: incoming.headers,
      body,
      turns,
      ...readTools(body),
      closed,
    };
    asked.push(one);
    const Wire = path === '/v1/messages' ? AnthropicStream : OpenAiStream;
    const stream = new Wire(response, body.model);
    const status = services[service] ?? 200;
    if (status === 0) return;
    if (status !== 200) return stream.refuse(status);
    const found = scripts.findLast(({ word }) => one.question.includes(word));
    await (found?.script ?? echo)(stream, one);
  }

  const server = createServer((incoming, response) => {
    const { pathname } = new URL(incoming.url ?? '/', 'http://upstream');
    const [, service = '', ...rest] = pathname.split('/');
    const path = `/${rest.join('/')}`;
    if (path === '/v1/messages' || path === '/v1/chat/completions') {
      answer(service, path, incoming, response).catch((error: unknown) =>
        response.destroy(error instanceof Error ? error : undefined),
      );
      return;
    }
    const status = services[service] ?? 404;
    if (status === 0) return;
    const body = status === 200 ? probe(service, path) : null;
    response.writeHead(body === null && status === 200 ? 404 : status, {
      'content-type': 'application/json',
    });
    response.end(JSON.stringify(body ?? { error: 'as the test says' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    on: (word, script) => scripts.push({ word, script }),
    setService: (name, status) => {
      services[name] = status;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Settings of scenario 1 that point everything at this upstream. */
export function settingsFor(upstream: Upstream): Record<string, string> {
  return {
    ANTHROPIC_API_KEY: 'sk-ant-for-tests',
    ANTHROPIC_BASE_URL: `${upstream.url}/anthropic`,
    LITELLM_ENABLED: 'true',
    LITELLM_PROXY_URL: `${upstream.url}/litellm`,
    LITELLM_MASTER_KEY: 'sk-proxy-for-tests',
    OLLAMA_BASE_URL: `${upstream.url}/ollama`,
  };
}

/** What each service answers to those who look whether it is there; null for an unknown address. */
function probe(service: string, path: string): unknown {
  const key = `${service} ${path}`;
  if (key === 'anthropic /v1/models') return anthropicModels();
  if (key === 'litellm /health/liveliness' || key === 'litellm /health/liveness') return "I'm alive!";
  if (key === 'litellm /v1/models' || key === 'litellm /models') {
    return {
      object: 'list',
      data: [{ id: 'ollama-qwen2.5', object: 'model', created: 1, owned_by: 'openai' }],
    };
  }
  if (key === 'litellm /health/readiness') return { status: 'healthy' };
  if (key === 'litellm /health/readiness/details') return { status: 'healthy', litellm_version: '1.104.2' };
  if (key === 'ollama /api/version') return { version: '0.30.1' };
  if (key === 'ollama /api/tags') {
    return { models: [{ name: 'qwen2.5:14b-instruct-8k', model: 'qwen2.5:14b-instruct-8k', size: 9e9 }] };
  }
  if (key === 'ollama /api/ps') return { models: [] };
  return null;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: unknown) => (isText(part) ? part.text : '')).join('');
}

function isText(part: unknown): part is { text: string } {
  return typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string';
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  incoming.setEncoding('utf8');
  let text = '';
  for await (const chunk of incoming) text += chunk;
  return text;
}
