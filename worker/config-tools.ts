import * as z from 'zod/mini';
import {
  hasServiceToken,
  NEEDS_TOKEN,
  placeOf,
  readList,
  readServer,
  remarksOn,
  type Secrets,
  serviceToken,
} from './config-mcp.ts';
import { flag, isToken, webAddress, wholeNumber } from './config-values.ts';

const text = z.string();

/** Settings of the servers of tools (MCP), and of what they may cost in time and length. */
export const toolSettings = {
  /** The common case: a NetBox MCP server, reached over Streamable HTTP; its whole address with the path. */
  NETBOX_MCP_URL: z._default(webAddress, ''),
  /** Goes to that server alone, as a bearer token. */
  NETBOX_MCP_TOKEN: z._default(text.check(z.refine(isToken, 'must be a token, without spaces')), ''),
  /** It stands behind the tunnel of home, whose service token opens the way; no other server is sent that unasked. */
  NETBOX_MCP_ACCESS: z._default(flag, false),
  /** Commas or spaces between; empty: {@link NETBOX_TOOLS}. */
  NETBOX_ALLOWED_TOOLS: z._default(text, ''),
  /** A JSON array of further servers, read entry by entry in {@link readTools}. */
  MCP_SERVERS: z._default(text, ''),
  /** Seconds of silence of one call; progress counts as life. A query of a big NetBox takes a few. */
  MCP_TIMEOUT_S: z._default(wholeNumber(1, 600), 60),
  /** About 6,000 tokens: a page of a hundred short rows, and still affordable when it goes up again each round. */
  TOOL_RESULT_CHARS: z._default(wholeNumber(1_000, 150_000), 24_000),
  /** How often a model may ask for tools before it has to answer: more than an honest question needs. */
  TOOL_ROUNDS: z._default(wholeNumber(1, 50), 12),
};

type ToolValues = z.infer<z.ZodMiniObject<typeof toolSettings>> & {
  CF_ACCESS_CLIENT_ID: string;
  CF_ACCESS_CLIENT_SECRET: string;
};

/**
 * The tools of netboxlabs/netbox-mcp-server, all of which only read, as its own documentation says; it marks none of
 * them. Versions differ in the prefix `netbox_`.
 */
export const NETBOX_TOOLS = ['get_objects', 'get_object_by_id', 'get_changelogs', 'search_objects'] as const;

/**
 * read: what the server marks as read-only runs by itself, everything else asks. ask: everything asks. off: the server
 * is not used.
 */
export type ToolServerMode = 'read' | 'ask' | 'off';

/** One server of tools, as it is set. */
export type ToolServerConfig = {
  name: string;
  /** The one address that is ever called, with its path. */
  url: string;
  /** Bearer token; '' for none. Never shown, logged or handed on. */
  token: string;
  /** Headers of the tunnel's service token; empty unless the entry asks for it. */
  headers: Record<string, string>;
  /** Names as the server has them; null: whatever the server offers. */
  allowed: readonly string[] | null;
  /** Names of tools that the operator vouches for: they only read, although the server does not say so. */
  readOnly: readonly string[];
  mode: ToolServerMode;
};

export type ToolsConfig = {
  /** In the order in which they are set; those that are off as well. */
  servers: readonly ToolServerConfig[];
  /** Silence after which a call is given up, milliseconds. */
  timeoutMs: number;
  /** The most of one result that a model gets to read, UTF-16 units. */
  resultChars: number;
  rounds: number;
};

/** More would only fill a model's context. */
const MOST_SERVERS = 16;

function listOf(value: string): string[] {
  return [...new Set(value.split(/[\s,]+/).filter((part) => part !== ''))];
}

const bothSpellings = (names: readonly string[]) =>
  [...new Set(names.map((name) => name.replace(/^netbox_/, '')))].flatMap((name) => [name, `netbox_${name}`]);

function netboxServer(values: ToolValues): ToolServerConfig {
  const names = listOf(values.NETBOX_ALLOWED_TOOLS);
  return {
    name: 'netbox',
    url: values.NETBOX_MCP_URL,
    token: values.NETBOX_MCP_TOKEN,
    headers: values.NETBOX_MCP_ACCESS ? serviceToken(values) : {},
    allowed: bothSpellings(names.length === 0 ? NETBOX_TOOLS : names),
    readOnly: bothSpellings(NETBOX_TOOLS),
    mode: 'read',
  };
}

function serversOf(values: ToolValues, env: Secrets, warnings: string[]): ToolServerConfig[] {
  const servers = values.NETBOX_MCP_URL === '' ? [] : [netboxServer(values)];
  const [netbox] = servers;
  if (netbox !== undefined) {
    warnings.push(...remarksOn(null, netbox).map((remark) => `NETBOX_MCP_URL ${remark}.`));
    if (values.NETBOX_MCP_ACCESS && !hasServiceToken(values)) {
      warnings.push(`NETBOX_MCP_ACCESS ${NEEDS_TOKEN}: the way may be closed without them.`);
    }
  } else if (values.NETBOX_MCP_TOKEN !== '' || values.NETBOX_ALLOWED_TOOLS !== '') {
    warnings.push('NETBOX_MCP_URL is not set: NETBOX_MCP_TOKEN and NETBOX_ALLOWED_TOOLS have no effect.');
  }
  if (values.MCP_SERVERS === '') return servers;
  const items = readList(values.MCP_SERVERS);
  if (items === null) {
    warnings.push('MCP_SERVERS is not a JSON array of objects with name and url: it is left out.');
    return servers;
  }
  for (const [index, item] of items.entries()) {
    const place = placeOf(index, item);
    let read = readServer(item, values, env);
    if (typeof read !== 'string') {
      const { name } = read;
      if (servers.some((server) => server.name === name)) read = 'its name is there already';
      else if (servers.length >= MOST_SERVERS) read = `there are ${MOST_SERVERS} servers already`;
    }
    if (typeof read === 'string') {
      warnings.push(`${place}: ${read}. The entry is left out.`);
      continue;
    }
    warnings.push(...remarksOn(item, read).map((remark) => `${place} ${remark}.`));
    servers.push(read);
  }
  return servers;
}

/**
 * The servers of tools, read entry by entry: a faulty one is named in `warnings`, never its values, and left out.
 */
export function readTools(values: ToolValues, env: Secrets, warnings: string[]): ToolsConfig {
  return {
    servers: serversOf(values, env, warnings),
    timeoutMs: values.MCP_TIMEOUT_S * 1000,
    resultChars: values.TOOL_RESULT_CHARS,
    rounds: values.TOOL_ROUNDS,
  };
}
