import * as z from 'zod/mini';
import type { ToolServerConfig } from './config-tools.ts';
import { isHomeAddress, isToken, webAddress } from './config-values.ts';

/** Reads the entries of `MCP_SERVERS`, one by one: a fault in one hides no other. */

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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `MCP_SERVERS[2] ("inventory")`: a name that is not well-formed is not repeated. */
export function placeOf(index: number, item: unknown): string {
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
export function remarksOn(item: unknown, server: ToolServerConfig): string[] {
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

/** `names`: every setting there is; `lookUp`: the text of a secret or variable, '' where it is not set. */
export type Secrets = { names: readonly string[]; lookUp: (name: string) => string };

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

/** The service token of the tunnel's host name, as it is set. */
type ServiceToken = { CF_ACCESS_CLIENT_ID: string; CF_ACCESS_CLIENT_SECRET: string };

export const NEEDS_TOKEN = 'needs CF_ACCESS_CLIENT_ID and CF_ACCESS_CLIENT_SECRET';

export function hasServiceToken(values: ServiceToken): boolean {
  return values.CF_ACCESS_CLIENT_ID !== '' && values.CF_ACCESS_CLIENT_SECRET !== '';
}

/** The headers that open the tunnel's way; none where it is not set. */
export function serviceToken(values: ServiceToken): Record<string, string> {
  if (!hasServiceToken(values)) return {};
  return {
    'CF-Access-Client-Id': values.CF_ACCESS_CLIENT_ID,
    'CF-Access-Client-Secret': values.CF_ACCESS_CLIENT_SECRET,
  };
}

/** One entry of `MCP_SERVERS`, or why it is left out. */
export function readServer(item: unknown, values: ServiceToken, env: Secrets): ToolServerConfig | string {
  const entry = readEntry(item);
  if (typeof entry === 'string') return entry;
  const token = tokenOf(entry, env);
  if ('fault' in token) return token.fault;
  if (entry.access && !hasServiceToken(values)) return `"access" ${NEEDS_TOKEN}`;
  return {
    name: entry.name,
    url: entry.url,
    token: token.value,
    headers: entry.access ? serviceToken(values) : {},
    allowed: entry.allowed_tools ?? null,
    readOnly: entry.read_only_tools ?? [],
    mode: entry.mode ?? 'read',
  };
}

/** `MCP_SERVERS` as a list; null where it is none. */
export function readList(list: string): unknown[] | null {
  try {
    const items: unknown = JSON.parse(list);
    return Array.isArray(items) ? items : null;
  } catch {
    return null;
  }
}
