import { type CallToolResult, Client, type ConnectOptions, type Tool } from '@modelcontextprotocol/client';
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/client/validators/cf-worker';
import type { ToolServerConfig } from '../config-tools.ts';
import { toToolFault } from './client-faults.ts';
import type { Fetch } from './guarded-fetch.ts';
import type { ListedTool } from './listed-tool.ts';
import { createTransport } from './mcp-transport.ts';
import type { Era } from './tool-memory.ts';
import { within } from './within.ts';

/** The official client, loaded only where a server of tools is used: it makes a third of the Worker's start. */

const CONNECT_MS = 10_000;
const CLOSE_MS = 2_000;

export type ListPage = { tools: Tool[]; next: string | undefined };

/** An open connection. Its methods throw nothing but ToolFaults. */
export type McpConnection = {
  era: Era;
  /** Whether the server gave it a session, which it may forget. */
  hasSession: () => boolean;
  listPage: (
    cursor: string | undefined,
    options: { timeoutMs: number; signal: AbortSignal | undefined },
  ) => Promise<ListPage>;
  callTool: (
    tool: ListedTool,
    args: Record<string, unknown>,
    /** Milliseconds: of silence, and in all. */
    options: { timeoutMs: number; mostMs: number; signal: AbortSignal },
  ) => Promise<CallToolResult>;
  /** Ends the session at the server. Never rejects. */
  end: () => Promise<void>;
};

/** The definition as the client wants it, for headers of the request and for the check of the answer. */
function definitionOf({ name, inputSchema, outputSchema }: ListedTool): Tool {
  const input = { ...inputSchema, type: 'object' as const };
  return outputSchema === undefined
    ? { name, inputSchema: input }
    : { name, inputSchema: input, outputSchema: { ...outputSchema, type: 'object' as const } };
}

async function honest<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toToolFault(error);
  }
}

function connectOptions(prior: Era | null): ConnectOptions {
  const options: ConnectOptions = { timeout: CONNECT_MS };
  if (prior === 'legacy') options.prior = { kind: 'legacy' };
  else if (prior !== null) options.prior = { kind: 'modern', discover: prior.discover };
  return options;
}

/**
 * @param prior how the server is known to speak; null: it is asked
 * @param onListChanged the server says that it has other tools than before
 * @throws {ToolFault}
 */
export async function openConnection(
  server: ToolServerConfig,
  fetcher: Fetch,
  prior: Era | null,
  onListChanged: () => void,
): Promise<McpConnection> {
  const client = new Client(
    { name: 'netbox-chatbox', version: '1.0.0' },
    {
      // Nothing is offered to a server: no files, no models, no questions to the person.
      capabilities: {},
      jsonSchemaValidator: new CfWorkerJsonSchemaValidator(),
      versionNegotiation: { mode: 'auto' },
      inputRequired: { autoFulfill: false },
    },
  );
  const transport = createTransport(server, fetcher);
  client.setNotificationHandler('notifications/tools/list_changed', onListChanged);
  try {
    await within(client.connect(transport, connectOptions(prior)), CONNECT_MS);
  } catch (error) {
    await within(transport.close(), CLOSE_MS).catch(() => {});
    throw toToolFault(error);
  }
  const discover = client.getDiscoverResult();
  return {
    era: discover === undefined ? 'legacy' : { discover },
    hasSession: () => transport.sessionId !== undefined,
    listPage: async (cursor, { timeoutMs, signal }) => {
      const params = cursor === undefined ? {} : { cursor };
      const options = { timeout: timeoutMs, ...(signal === undefined ? {} : { signal }) };
      const page = await honest(client.request({ method: 'tools/list', params }, options));
      return { tools: page.tools, next: page.nextCursor };
    },
    callTool: (tool, args, { timeoutMs, mostMs, signal }) =>
      honest(
        client.callTool(
          { name: tool.name, arguments: args },
          {
            signal,
            timeout: timeoutMs,
            maxTotalTimeout: mostMs,
            resetTimeoutOnProgress: true,
            // Without it the server is not asked for progress.
            onprogress: () => {},
            toolDefinition: definitionOf(tool),
          },
        ),
      ),
    end: async () => {
      await within(transport.terminateSession(), CLOSE_MS).catch(() => {});
      await within(client.close(), CLOSE_MS).catch(() => {});
    },
  };
}
