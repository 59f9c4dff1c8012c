import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { handleAnthropic } from './anthropic.ts';
import { Control, handleControl, SERVICES, type Service } from './control.ts';
import { Exchange, PAGE } from './exchange.ts';
import { handleLiteLlm } from './litellm.ts';
import { NetBoxService } from './netbox/service.ts';
import { handleOllama } from './ollama.ts';
import { PromptCache } from './tokens.ts';
import type { World } from './world.ts';

export type SimulatorOptions = {
  /** 0 takes any free port. */
  port?: number;
  host?: string;
  /** The same seed gives the same answers in the same rhythm. */
  seed?: number;
  /** Factor on every wait: 1 is believable, 0 waits for nothing. */
  pace?: number;
  now?: () => Date;
};

export type Simulator = {
  url: string;
  /** Base URLs without `/v1`. */
  anthropicUrl: string;
  litellmUrl: string;
  ollamaUrl: string;
  /** Of the simulated NetBox's MCP server, whole. */
  netboxMcpUrl: string;
  /** What `/control` changes, for tests in the same process. */
  control: Control;
  close(): Promise<void>;
};

/** A longer request is cut off: Anthropic's own limit, bytes. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Starts the embedded upstreams: one server, a path prefix for each service.
 * @throws when the port is taken.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = '127.0.0.1', seed = 1, pace = 1, now = () => new Date() } = options;
  let count = 0;
  const world: World = {
    control: new Control(),
    cache: new PromptCache(),
    thoughtBefore: new Set(),
    seed,
    pace,
    now,
    id: (prefix) => `${prefix}_${++count}`,
  };
  let netbox: NetBoxService | null = null;
  const server = createServer((request, response) => {
    handle(request, response, world, () => netbox).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The simulator has no port.');
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  netbox = new NetBoxService(`${url}/netbox`, now, world.control);
  return {
    url,
    anthropicUrl: `${url}/anthropic`,
    litellmUrl: `${url}/litellm`,
    ollamaUrl: `${url}/ollama`,
    netboxMcpUrl: `${url}/netbox/mcp`,
    control: world.control,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  world: World,
  netbox: () => NetBoxService | null,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://simulator');
  const body = await readBody(request);
  const exchange = new Exchange(request, response, url, body ?? '');
  if (body === null)
    return exchange.json(413, { type: 'error', error: { type: 'request_too_large', message: '' } });
  if (url.pathname === '/control' || url.pathname.startsWith('/control/'))
    return handleControl(exchange, world.control);

  const service = SERVICES.find(
    (name) => url.pathname === `/${name}` || url.pathname.startsWith(`/${name}/`),
  );
  if (service === undefined) {
    return exchange.json(404, {
      error: `The simulator serves ${SERVICES.map((name) => `/${name}`).join(', ')}.`,
    });
  }
  world.control.see(service, exchange, world.now);
  if (!(await world.control.admit(service, exchange, PAGE))) return;
  const path = url.pathname.slice(service.length + 1) || '/';
  if (service === 'netbox') await netbox()?.handle(exchange, path);
  else await answer(service, exchange, path, world);
}

async function answer(
  service: Exclude<Service, 'netbox'>,
  exchange: Exchange,
  path: string,
  world: World,
): Promise<void> {
  switch (service) {
    case 'anthropic':
      return handleAnthropic(exchange, path, world);
    case 'litellm':
      return handleLiteLlm(exchange, path, world);
    case 'ollama':
      return handleOllama(exchange, path, world);
  }
}

/** Null when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
