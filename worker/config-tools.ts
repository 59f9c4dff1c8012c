import * as z from 'zod/mini';
import { isHomeAddress, webAddress, wholeNumber } from './config-values.ts';

const text = z.string();

/** Whether a text can stand in a header. */
const isToken = (value: string) => /^[\x21-\x7e]*$/.test(value);

/** Settings of the servers of tools (MCP), and of what they may cost in time and length. */
export const toolSettings = {
  /** The common case: a NetBox MCP server, reached over Streamable HTTP; its whole address with the path. */
  NETBOX_MCP_URL: z._default(webAddress, ''),
  /** Goes to that server alone, as a bearer token. */
  NETBOX_MCP_TOKEN: z._default(text.check(z.refine(isToken, 'must be a token, without spaces')), ''),
  /** Commas or spaces between; empty: {@link NETBOX_TOOLS}. */
  NETBOX_ALLOWED_TOOLS: z._default(text, ''),
  /** A JSON array of further servers, read entry by entry in {@link readTools}. */
  MCP_SERVERS: z._default(text, ''),
  /** Seconds of silence of one call; progress counts as life. A query of a big NetBox takes a few. */
  MCP_TIMEOUT_S: z._default(wholeNumber(1, 600), 60),
  /** About 6,000 tokens: a page of a hundred short rows, and still affordable when it goes up again each round. */
  TOOL_RESULT_CHARS: z._default(wholeNumber(1_000, 400_000), 24_000),
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

const toolName = z
  .string('must be a list of names')
  .check(z.regex(/^[^\s"'<>]{1,128}$/, 'must be a list of names of tools'));

const SERVER_NAME = /^[a-z0-9_-]{1,32}$/;

const entrySchema = z.object({
  name: z
    .string('is missing')
    .check(z.regex(SERVER_NAME, 'must be 1 to 32 small letters, digits, dashes or underscores')),
  url: z.pipe(z.string('is missing'), webAddress),
  token_secret: z.optional(
    z
      .string('must be the name of a secret')
      .check(z.regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'must be the name of a secret, such as INVENTORY_TOKEN')),
  ),
  allowed_tools: z.optional(z.array(toolName, 'must be a list of names')),
  read_only_tools: z.optional(z.array(toolName, 'must be a list of names')),
  mode: z.optional(z.enum(['read', 'ask', 'off'], 'must be "read", "ask" or "off"')),
  access: z.optional(z.boolean('must be true or false')),
});
type Entry = z.infer<typeof entrySchema>;

/** More would only fill a model's context. */
const MOST_SERVERS = 16;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `MCP_SERVERS[2] ("inventory")`: a name that is not well-formed is not repeated. */
function placeOf(index: number, item: unknown): string {
  const name =
    isRecord(item) && typeof item.name === 'string' && SERVER_NAME.test(item.name) ? item.name : '';
  return name === '' ? `MCP_SERVERS[${index}]` : `MCP_SERVERS[${index}] ("${name}")`;
}

function readEntry(item: unknown): Entry | string {
  if (!isRecord(item)) return 'must be an object with name and url';
  const parsed = z.safeParse(entrySchema, item);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `the field "${String(issue?.path[0] ?? 'entry')}" ${issue?.message ?? 'is wrong'}`;
}

/** What a person should know of an entry that is used all the same. */
function remarksOn(item: unknown, server: ToolServerConfig): string[] {
  const remarks: string[] = [];
  const known = Object.keys(entrySchema.shape);
  if (isRecord(item) && Object.keys(item).some((key) => !known.includes(key))) {
    remarks.push('has a field that is not known and is ignored (a token is named by "token_secret")');
  }
  const isSecret = server.token !== '' || Object.keys(server.headers).length > 0;
  if (isSecret && server.url.startsWith('http:') && !isHomeAddress(server.url)) {
    remarks.push('is plain http to another host, so its token travels unencrypted: use https');
  }
  return remarks;
}

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
    headers: {},
    allowed: bothSpellings(names.length === 0 ? NETBOX_TOOLS : names),
    readOnly: bothSpellings(NETBOX_TOOLS),
    mode: 'read',
  };
}

type Secrets = { names: readonly string[]; lookUp: (name: string) => string };

/** What an entry's `token_secret` leads to; a sentence where it leads to nothing that may be sent. */
function tokenOf(entry: Entry, { names, lookUp }: Secrets): { value: string } | { fault: string } {
  const name = entry.token_secret;
  if (name === undefined) return { value: '' };
  // The key of a model's provider in here is a typing error, and it would go to a stranger.
  if (names.includes(name) && name !== 'NETBOX_MCP_TOKEN') {
    return {
      fault: `names ${name} as its token_secret, which is not for tools: give it a secret of its own`,
    };
  }
  const value = lookUp(name);
  if (value === '') return { fault: `names ${name} as its token_secret, which is not set` };
  return isToken(value) ? { value } : { fault: `names ${name} as its token_secret, which is no token` };
}

/** One entry of `MCP_SERVERS`, or why it is left out. */
function readServer(item: unknown, values: ToolValues, env: Secrets): ToolServerConfig | string {
  const entry = readEntry(item);
  if (typeof entry === 'string') return entry;
  const token = tokenOf(entry, env);
  if ('fault' in token) return token.fault;
  const { CF_ACCESS_CLIENT_ID: id, CF_ACCESS_CLIENT_SECRET: secret } = values;
  if (entry.access && (id === '' || secret === '')) {
    return '"access" needs CF_ACCESS_CLIENT_ID and CF_ACCESS_CLIENT_SECRET';
  }
  return {
    name: entry.name,
    url: entry.url,
    token: token.value,
    headers: entry.access ? { 'CF-Access-Client-Id': id, 'CF-Access-Client-Secret': secret } : {},
    allowed: entry.allowed_tools ?? null,
    readOnly: entry.read_only_tools ?? [],
    mode: entry.mode ?? 'read',
  };
}

function readList(list: string): unknown[] | null {
  try {
    const items: unknown = JSON.parse(list);
    return Array.isArray(items) ? items : null;
  } catch {
    return null;
  }
}

function serversOf(values: ToolValues, env: Secrets, warnings: string[]): ToolServerConfig[] {
  const servers = values.NETBOX_MCP_URL === '' ? [] : [netboxServer(values)];
  const [netbox] = servers;
  if (netbox !== undefined) {
    warnings.push(...remarksOn(null, netbox).map((remark) => `NETBOX_MCP_URL ${remark}.`));
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
 * @param env `names`: every setting there is, none of which but its own may be a token; `lookUp`: the text of a secret
 *   or variable, '' where it is not set
 */
export function readTools(values: ToolValues, env: Secrets, warnings: string[]): ToolsConfig {
  return {
    servers: serversOf(values, env, warnings),
    timeoutMs: values.MCP_TIMEOUT_S * 1000,
    resultChars: values.TOOL_RESULT_CHARS,
    rounds: values.TOOL_ROUNDS,
  };
}
