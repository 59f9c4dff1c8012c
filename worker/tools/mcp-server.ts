import type { CallToolResult } from '@modelcontextprotocol/client';
import type { ToolServerConfig } from '../config-tools.ts';
import { faultOf, faultSentence, type ToolFault } from './fault.ts';
import type { Fetch } from './guarded-fetch.ts';
import { type ListedTool, toListedTool } from './listed-tool.ts';
import type { McpConnection } from './mcp-client.ts';
import { CONNECTED_MS, createLine } from './mcp-line.ts';
import type { ServerMemory } from './tool-memory.ts';
import { isAllowed } from './toolbox.ts';
import { within } from './within.ts';

/** Used without asking again. */
export const LIST_FRESH_MS = 300_000;
/** A server may learn the other way of speaking with an update. */
const ERA_MS = 3_600_000;
const PAGE_MS = 10_000;
const LIST_MS = 30_000;
/** A call that reports progress may take this many times its silence. */
const MOST_SILENCES = 10;
/** Pages of a list, and tools in it, that are looked at. */
const MOST_PAGES = 20;
const MOST_LISTED = 2_000;
/** Allowed tools that are kept of one server. */
const MOST_KEPT = 256;

export type CallOptions = {
  signal: AbortSignal;
  /** Silence after which it is given up, milliseconds; progress counts as life. */
  timeoutMs: number;
  /** It only reads, so that it may be made again after a connection was lost in the middle. */
  mayRepeat?: boolean;
};

/** One server of tools. Every method ends, whatever the server does, and throws nothing but a {@link ToolFault}. */
export type McpServer = {
  readonly config: ToolServerConfig;
  readonly memory: ServerMemory;
  /** Its allowed tools, asked for now. */
  listTools(signal?: AbortSignal): Promise<ListedTool[]>;
  /** @param tool as it was listed */
  callTool(tool: ListedTool, args: Record<string, unknown>, options: CallOptions): Promise<CallToolResult>;
  /** Ends the session at the server; the next use begins another one. Never rejects. */
  close(): Promise<void>;
};

export type McpServerDeps = {
  fetch: Fetch;
  /** Milliseconds since the epoch. */
  now: () => number;
  memory: ServerMemory;
};

/** @param config one that is not switched off */
export function createMcpServer(config: ToolServerConfig, deps: McpServerDeps): McpServer {
  const { now, memory } = deps;

  async function connect(): Promise<McpConnection> {
    const { openConnection } = await import('./mcp-client.ts');
    const known = memory.era !== null && now() - memory.era.at < ERA_MS ? memory.era.is : null;
    const forget = () => {
      memory.list = null;
    };
    let opened: McpConnection;
    try {
      opened = await openConnection(config, deps.fetch, known, forget);
    } catch (error) {
      memory.era = null;
      // What it spoke before, or the question which way it speaks, is too much for it: the older way begins at once.
      if (faultOf(error).kind !== 'failing' || known === 'legacy') throw error;
      opened = await openConnection(config, deps.fetch, 'legacy', forget);
    }
    memory.era = { is: opened.era, at: now() };
    return opened;
  }

  const line = createLine(connect);

  /** Notes how the server did; what a person gave up says nothing about it. */
  async function noting<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const started = now();
    const note = (fault: string | null) => {
      memory.asked = { at: now(), latencyMs: fault === null ? now() - started : null, fault };
    };
    try {
      const result = await work;
      note(null);
      return result;
    } catch (error) {
      const fault = faultOf(error, signal);
      // Who says no, or too much, is there.
      if (fault.kind === 'refused' || fault.kind === 'too_large') note(null);
      else if (fault.kind !== 'aborted') note(faultSentence(fault));
      throw fault;
    }
  }

  async function readPages(one: McpConnection, signal: AbortSignal | undefined): Promise<ListedTool[]> {
    const kept: ListedTool[] = [];
    const cursors = new Set<string>();
    let seen = 0;
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES && seen < MOST_LISTED; page++) {
      const { tools, next } = await one.listPage(cursor, { timeoutMs: PAGE_MS, signal });
      seen += tools.length;
      for (const tool of tools) {
        if (kept.length >= MOST_KEPT) return kept;
        const listed = isAllowed(config, tool.name) ? toListedTool(tool) : null;
        if (listed !== null) kept.push(listed);
      }
      if (next === undefined || cursors.has(next)) break;
      cursors.add(next);
      cursor = next;
    }
    return kept;
  }

  async function listTools(signal: AbortSignal | undefined): Promise<ListedTool[]> {
    const started = now();
    memory.askingSince = started;
    try {
      const pages = line.use((one) => readPages(one, signal), { signal, mayRepeat: true });
      const tools = await within(pages, LIST_MS, signal);
      memory.list = { tools, at: now() };
      return tools;
    } finally {
      if (memory.askingSince === started) memory.askingSince = null;
    }
  }

  return {
    config,
    memory,
    listTools: (signal) => noting(listTools(signal), signal),
    callTool: (tool, args, { signal, timeoutMs, mayRepeat = false }) => {
      const mostMs = timeoutMs * MOST_SILENCES;
      const call = line.use((one) => one.callTool(tool, args, { timeoutMs, mostMs, signal }), {
        signal,
        mayRepeat,
      });
      return noting(within(call, 2 * CONNECTED_MS + mostMs, signal), signal);
    },
    close: line.close,
  };
}
