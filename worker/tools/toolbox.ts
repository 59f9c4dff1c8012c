import type { ToolSpec } from '../agents/agent.ts';
import type { ToolServerConfig } from '../config-tools.ts';
import { modelSchema } from './input-schema.ts';
import type { ListedTool } from './listed-tool.ts';

/** A tool as it is offered to a model, and what is needed to call it. Plain data: it may be stored and read back. */
export type OfferedTool = ToolSpec & {
  /** Name of its server, as it is set. */
  server: string;
  /** The server's own name of it. */
  tool: string;
  /** It runs by itself; what does not is asked for (CONTRACT C6). */
  readOnly: boolean;
};

export type Toolbox = {
  /** In a stable order: servers as they are set, their tools by name. */
  tools: OfferedTool[];
  /** Names of servers that did not say in time what they have. */
  missing: string[];
  /** How many allowed tools were left out, because their schemas fit no model or there are too many. */
  leftOut: number;
};

/** More tools than this make every model choose worse, and cost a fortune each round. */
export const MOST_TOOLS = 64;
/** What both providers take as a name. */
const NAME_CHARS = 64;

/** Whether this server's tool may be used at all. A server has no say in it. */
export function isAllowed(server: ToolServerConfig, tool: string): boolean {
  return server.mode !== 'off' && (server.allowed === null || server.allowed.includes(tool));
}

/** Whether a tool runs without being asked for: the server says that it only reads, or, saying nothing, the operator. */
export function isReadOnly(
  server: ToolServerConfig,
  tool: Pick<ListedTool, 'name' | 'readOnlyHint' | 'destructiveHint'>,
): boolean {
  if (server.mode !== 'read') return false;
  if (tool.readOnlyHint !== null) return tool.readOnlyHint;
  return server.readOnly.includes(tool.name) && tool.destructiveHint !== true;
}

/** FNV-1a, 32 bits: tells names apart that begin alike; nothing depends on its being hard to guess. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(36);
}

/** A name that both providers take; what is cut or replaced is made up for by a hash of the whole. */
function fitName(name: string): string {
  const fit = name.replace(/[^a-zA-Z0-9_-]/g, '_');
  if (fit === name && fit.length <= NAME_CHARS) return fit;
  const hash = shortHash(name);
  return `${fit.slice(0, NAME_CHARS - hash.length - 1)}_${hash}`;
}

type Candidate = { server: ToolServerConfig; listed: ListedTool; schema: Record<string, unknown> };

function candidatesOf(server: ToolServerConfig, listed: readonly ListedTool[]): (Candidate | null)[] {
  const names = new Set<string>();
  return listed
    .filter(({ name }) => isAllowed(server, name) && !names.has(name) && names.add(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((one) => {
      const schema = modelSchema(one.inputSchema);
      return schema === null ? null : { server, listed: one, schema };
    });
}

/**
 * What is offered: allowed tools of the servers that have said what they have. A name that two servers have is
 * `server__tool` for both, so that neither is called for the other.
 * @param known in the order in which the servers are set; `tools` null: it has not said
 */
export function buildToolbox(
  known: readonly { server: ToolServerConfig; tools: readonly ListedTool[] | null }[],
): Toolbox {
  const inUse = known.filter(({ server }) => server.mode !== 'off');
  const found = inUse.flatMap(({ server, tools }) => candidatesOf(server, tools ?? []));
  const fit = found.filter((one) => one !== null);
  const offered = fit.slice(0, MOST_TOOLS);
  const taken = new Map<string, number>();
  for (const { listed } of offered) {
    const name = fitName(listed.name);
    taken.set(name, (taken.get(name) ?? 0) + 1);
  }
  const used = new Set<string>();
  const tools = offered.map(({ server, listed, schema }): OfferedTool => {
    const short = fitName(listed.name);
    let name = taken.get(short) === 1 ? short : fitName(`${server.name}__${listed.name}`);
    while (used.has(name)) name = fitName(`${name} ${listed.name}`);
    used.add(name);
    return {
      name,
      title: listed.title,
      description: listed.description,
      inputSchema: schema,
      server: server.name,
      tool: listed.name,
      readOnly: isReadOnly(server, listed),
    };
  });
  return {
    tools,
    missing: inUse.filter(({ tools: its }) => its === null).map(({ server }) => server.name),
    leftOut: found.length - tools.length,
  };
}

/** JSON that is the same for two values whose objects have the same members in another order. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/**
 * The toolbox of a conversation that had one before, changed as little as can be: a provider's prompt cache holds only
 * while the tools stay the same to the letter. A tool keeps its old form where only the order inside it is new; a
 * server that is missing now keeps its tools in (a call then says that it does not answer), unless they are not
 * allowed any more.
 * @param servers as they are set now
 */
export function steadyToolbox(
  before: readonly OfferedTool[],
  now: Toolbox,
  servers: readonly ToolServerConfig[],
): Toolbox {
  const missing = new Set(now.missing);
  const kept = before.filter((old) => {
    const server = servers.find(({ name }) => name === old.server);
    return server !== undefined && missing.has(old.server) && isAllowed(server, old.tool);
  });
  const same = new Map(before.map((old) => [canonicalJson(old), old]));
  const today = now.tools.map((one) => same.get(canonicalJson(one)) ?? one);
  const names = new Set(today.map(({ name }) => name));
  const tools = servers.flatMap(({ name, mode }) => [
    ...today.filter(({ server }) => server === name),
    ...kept
      .filter((old) => old.server === name && !names.has(old.name))
      // What is allowed by itself is the word of today, never a stored one.
      .map((old) => ({ ...old, readOnly: old.readOnly && mode === 'read' })),
  ]);
  return { ...now, tools: tools.slice(0, MOST_TOOLS) };
}
