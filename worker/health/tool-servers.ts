import type { ToolServer } from '../../shared/index.ts';
import type { Config } from '../config.ts';
import type { ToolServerConfig } from '../config-tools.ts';
import { isHomeAddress } from '../config-values.ts';
import type { Fetch } from '../tools/guarded-fetch.ts';
import { createMcpServer } from '../tools/mcp-server.ts';
import { memoryOf, type ServerMemory, type ToolMemory } from '../tools/tool-memory.ts';
import { buildToolbox } from '../tools/toolbox.ts';
import { within } from '../tools/within.ts';

/** As for the services (CONTRACT H3): told without asking again; told while it is asked again; not told any more. */
const FRESH_MS = 30_000;
const STALE_MS = 600_000;
/** A caller who has to wait waits less than 5 s. */
const WAIT_MS = 4_500;
/** A question that has taken longer went away with whoever asked it. */
const ASKING_MS = 15_000;

function detailOf(server: ToolServerConfig, offered: number, leftOut: number): string {
  if (offered === 0 && leftOut === 0) {
    const setting = server.name === 'netbox' ? 'NETBOX_ALLOWED_TOOLS' : 'its allowed_tools';
    return `It answers, but has none of the tools that are allowed: check ${setting}.`;
  }
  const tools = offered === 1 ? '1 tool' : `${offered} tools`;
  return leftOut === 0
    ? `It answers, with ${tools}.`
    : `It answers, with ${tools}; ${leftOut} more cannot be offered to a model.`;
}

/**
 * What is known of one server, in words for everybody: nothing of the server's own, no address, no token. Pure.
 * @param now milliseconds since the epoch
 */
export function toToolServer(
  server: ToolServerConfig,
  { asked, list }: Pick<ServerMemory, 'asked' | 'list'>,
  isSimulated: boolean,
  now: number,
): ToolServer {
  const named = { name: server.name, simulated: isSimulated };
  const never = { checked_at: null, latency_ms: null, tools: null };
  if (server.mode === 'off') return { ...named, ...never, status: 'disabled', detail: 'It is switched off.' };
  if (asked === null || now - asked.at >= STALE_MS) {
    return {
      ...named,
      ...never,
      status: 'unknown',
      detail: 'It is asked at the first message that needs it.',
    };
  }
  const box = list === null ? null : buildToolbox([{ server, tools: list.tools }]);
  return {
    ...named,
    status: asked.fault === null ? 'up' : 'down',
    checked_at: new Date(asked.at).toISOString(),
    latency_ms: asked.latencyMs,
    detail: asked.fault ?? detailOf(server, box?.tools.length ?? 0, box?.leftOut ?? 0),
    tools: box === null ? null : box.tools.length,
  };
}

/** A server that is found up or down, where that is news: the fields of `health_changed`. */
export type ToolServerChange = {
  service: `tools:${string}`;
  from: 'up' | 'down' | 'unknown';
  to: 'up' | 'down';
  detail: string;
};

export type ToolHealth = {
  /** What is known, at once; what is older than 30 s is asked for again meanwhile. Never rejects. */
  known(waitUntil: (work: Promise<unknown>) => void): ToolServer[];
  /** The same, but waits, less than 5 s, for servers of which nothing is known. Never rejects. */
  current(waitUntil: (work: Promise<unknown>) => void): Promise<ToolServer[]>;
};

export type ToolHealthDeps = {
  config: Pick<Config, 'tools' | 'hash' | 'simulated'>;
  memory: ToolMemory;
  fetch: Fetch;
  /** Milliseconds since the epoch. */
  now: () => number;
  onChange: (change: ToolServerChange) => void;
};

export function createToolHealth({ config, memory, fetch, now, onChange }: ToolHealthDeps): ToolHealth {
  const { servers } = config.tools;
  const memoryFor = (server: ToolServerConfig) => memoryOf(memory, config.hash, server);
  // Of another person's server on the same machine it is not known to be simulated.
  const isSimulated = ({ name, url }: ToolServerConfig) =>
    config.simulated && name === 'netbox' && isHomeAddress(url);

  const list = () =>
    servers.map((server) => toToolServer(server, memoryFor(server), isSimulated(server), now()));

  const isOld = (server: ToolServerConfig, ms: number) => {
    const { asked } = memoryFor(server);
    return server.mode !== 'off' && (asked === null || now() - asked.at >= ms);
  };

  async function ask(server: ToolServerConfig): Promise<void> {
    const known = memoryFor(server);
    const before = known.asked;
    const connection = createMcpServer(server, { fetch, now, memory: known });
    await connection.listTools().catch(() => {});
    await connection.close();
    const after = known.asked;
    if (after === null || after === before) return;
    const from = before === null ? 'unknown' : before.fault === null ? 'up' : 'down';
    const to = after.fault === null ? 'up' : 'down';
    // That all is well is no change, and every new isolate would say so.
    if (before === null ? to === 'up' : from === to) return;
    onChange({ service: `tools:${server.name}`, from, to, detail: after.fault ?? 'It answers.' });
  }

  /** Asks every server whose news are older than this, each once at a time. */
  function askOld(ms: number): Promise<unknown> {
    const due = servers.filter((server) => {
      const { askingSince } = memoryFor(server);
      return isOld(server, ms) && (askingSince === null || now() - askingSince >= ASKING_MS);
    });
    return Promise.all(due.map((server) => ask(server).catch(() => {})));
  }

  return {
    known: (waitUntil) => {
      if (servers.some((server) => isOld(server, FRESH_MS))) waitUntil(askOld(FRESH_MS));
      return list();
    },
    current: async (waitUntil) => {
      const mustWait = servers.some((server) => isOld(server, STALE_MS));
      if (servers.some((server) => isOld(server, FRESH_MS))) {
        const asking = askOld(FRESH_MS);
        waitUntil(asking);
        if (mustWait) await within(asking, WAIT_MS).catch(() => {});
      }
      return list();
    },
  };
}
