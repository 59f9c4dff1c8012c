import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../config.ts';
import type { ToolServerConfig, ToolsConfig } from '../config-tools.ts';
import type { TelemetryEvent } from '../telemetry/telemetry.ts';
import { createToolMemory, memoryOf, type ToolMemory } from './tool-memory.ts';
import { createToolRunner, type ToolOutcome } from './tool-runner.ts';
import type { OfferedTool } from './toolbox.ts';

/** Tests only: servers of tools, well-behaved and hostile, and what stands around a runner. */

export type Message = {
  method?: string;
  id?: string | number;
  params?: Record<string, unknown>;
  error?: unknown;
};
export type Heard = { method: string; path: string; headers: IncomingHttpHeaders; message: Message };

/** How a raw server answers one request. */
export type Handler = (heard: Heard, response: ServerResponse) => unknown;

export type RawServer = { url: string; origin: string; heard: Heard[]; close: () => Promise<void> };

/** An HTTP server on a free port that answers as the test says. */
export async function aRawServer(handler: Handler, port = 0): Promise<RawServer> {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const message = (text === '' ? {} : JSON.parse(text)) as Message;
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      message,
    };
    heard.push(one);
    await handler(one, response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/mcp`,
    origin,
    heard,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function sendJson(
  response: ServerResponse,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(200, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function sendResult(response: ServerResponse, { id }: Message, result: unknown): void {
  sendJson(response, { jsonrpc: '2.0', id, result });
}

export const aTool = (name: string, more: object = {}) => ({
  name,
  description: `Does ${name}.`,
  inputSchema: { type: 'object', properties: { q: { type: 'string' } } },
  annotations: { readOnlyHint: true },
  ...more,
});

export const asText = (text: string) => ({ content: [{ type: 'text', text }] });

/**
 * A small server of the 2025 kind without sessions. `call` answers a tools/call; everything can be overridden by
 * `before`, which answers what it returns true for.
 */
export function speaks(
  tools: () => object[],
  call: (heard: Heard, response: ServerResponse) => unknown = ({ message }, response) =>
    sendResult(response, message, asText('fine')),
  before: (heard: Heard, response: ServerResponse) => unknown = () => false,
): Handler {
  return async (heard, response) => {
    if (await before(heard, response)) return;
    const { message } = heard;
    switch (message.method) {
      case 'initialize':
        return sendResult(response, message, {
          protocolVersion: '2025-11-25',
          capabilities: { tools: { listChanged: true } },
          serverInfo: { name: 'fake', version: '1' },
        });
      case 'tools/list':
        return sendResult(response, message, { tools: tools() });
      case 'tools/call':
        return call(heard, response);
      case undefined:
      case 'server/discover':
        response.writeHead(400);
        return response.end();
      default:
        response.writeHead(202);
        return response.end();
    }
  };
}

/** server-everything of the protocol's own makers, over Streamable HTTP. */
export type Everything = { url: string; port: number; stop: () => Promise<void> };

export async function startEverything(port?: number): Promise<Everything> {
  const chosen = port ?? (await freePort());
  const main = fileURLToPath(
    new URL('../../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url),
  );
  // A test runner that is killed outright ends nothing; the channel to it closes all the same.
  const lifeline = new URL('../../scripts/lifeline.mjs', import.meta.url).href;
  const child: ChildProcess = spawn(process.execPath, ['--import', lifeline, main, 'streamableHttp'], {
    env: { PATH: process.env.PATH, PORT: String(chosen) },
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const url = `http://127.0.0.1:${chosen}/mcp`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`server-everything ended with ${child.exitCode}`);
    const isUp = await fetch(url, { method: 'DELETE' }).catch(() => null);
    if (isUp !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    port: chosen,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function freePort(): Promise<number> {
  const server = await aRawServer(() => {});
  const { port } = new URL(server.url);
  await server.close();
  return Number(port);
}

export function aToolServer(url: string, more: Partial<ToolServerConfig> = {}): ToolServerConfig {
  return {
    name: 'one',
    url,
    token: '',
    headers: {},
    allowed: null,
    readOnly: [],
    mode: 'read',
    ...more,
  };
}

/** A runner over real HTTP, with everything that it logs and asks for. */
export function aRunner(
  servers: ToolServerConfig[],
  more: { tools?: Partial<ToolsConfig>; memory?: ToolMemory; now?: () => number; waitMs?: number } = {},
) {
  const events: TelemetryEvent[] = [];
  const asked: string[] = [];
  const memory = more.memory ?? createToolMemory();
  const tools = { ...readConfig({}).tools, servers, ...more.tools };
  const runner = createToolRunner({
    tools,
    configHash: 'hash',
    memory,
    fetch: (input, init) => {
      asked.push(`${init?.method} ${input}`);
      return fetch(input, init);
    },
    telemetry: (event) => events.push(event),
    now: more.now ?? Date.now,
    // Long enough for a busy machine: only what hangs is waited for so long.
    waitMs: more.waitMs ?? 20_000,
  });
  return {
    runner,
    events,
    asked,
    memory,
    known: (name = 'one') => memoryOf(memory, 'hash', aToolServer('', { name })),
    call: async (
      tool: string,
      args: Record<string, unknown> = {},
      signal: AbortSignal = new AbortController().signal,
    ): Promise<ToolOutcome> => {
      const { tools: offered } = await runner.toolbox(signal);
      const found = offered.find((one) => one.tool === tool) ?? anOffered(tool);
      return runner.call(found, args, { signal, connectionId: 'connection' });
    },
  };
}

export function anOffered(tool: string, more: Partial<OfferedTool> = {}): OfferedTool {
  return {
    name: tool,
    title: null,
    description: '',
    inputSchema: { type: 'object', properties: {} },
    server: 'one',
    tool,
    readOnly: true,
    ...more,
  };
}
