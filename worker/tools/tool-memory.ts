import type { DiscoverResult } from '@modelcontextprotocol/client';
import type { ToolServerConfig } from '../config-tools.ts';
import type { ListedTool } from './listed-tool.ts';

/** How a server speaks: `legacy` begins with a handshake; the others know beforehand what it can do. */
export type Era = 'legacy' | { discover: DiscoverResult };

/** What is known of one server. Plain data: connections belong to one request or object, this to the whole isolate. */
export type ServerMemory = {
  list: { tools: ListedTool[]; at: number } | null;
  /** The last time that it was asked for anything: milliseconds, how long it took, a sentence if it failed. */
  asked: { at: number; latencyMs: number | null; fault: string | null } | null;
  era: { is: Era; at: number } | null;
  /** Since when somebody asks it for its list; such a question may be gone with its request, and never end. */
  askingSince: number | null;
};

/** One an isolate. */
export type ToolMemory = Map<string, ServerMemory>;

export function createToolMemory(): ToolMemory {
  return new Map();
}

/** What is known of a server under this configuration; another token or address is another server. */
export function memoryOf(memory: ToolMemory, configHash: string, { name }: ToolServerConfig): ServerMemory {
  const key = `${configHash} ${name}`;
  const known = memory.get(key);
  if (known !== undefined) return known;
  const empty: ServerMemory = { list: null, asked: null, era: null, askingSince: null };
  memory.set(key, empty);
  return empty;
}
