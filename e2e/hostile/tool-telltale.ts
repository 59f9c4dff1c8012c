import type { Heard } from '../../worker/tools/test-support.ts';
import type { Lab } from '../harness/mcp-lab.ts';

/** What a server of tools knows and a careless program would pass on: the token that it is sent, its own address. */
const gossip = ({ headers }: Heard, url: string): string =>
  `token ${headers.authorization}, at ${url}, ${JSON.stringify(headers)}`;

const REDIRECT = 302;
const STATUSES = [401, 403, 404, 500, 503] as const;

/**
 * Gives a server of tools every way there is to repeat all that it knows: in what it says of a tool, in results of each
 * kind, in errors of each kind, in what HTTP has room for.
 * @param token that it will be sent
 * @returns the names of the tools
 */
export function makeToolTelltale(lab: Lab, token: string): string[] {
  const names: string[] = [];
  const tool: Lab['set'] = (name, answer, options) => {
    names.push(name);
    lab.set(name, answer, { description: `Uses ${token} at ${lab.url}.`, ...options });
  };
  const said = (heard: Heard) => gossip(heard, lab.url);
  const bare = (heard: Heard) => String(heard.headers.authorization).replace(/^Bearer /, '');
  tool('tell_text', (_, { heard }) => ({ content: [{ type: 'text', text: said(heard) }] }));
  tool('tell_error', (_, { heard }) => ({ content: [{ type: 'text', text: said(heard) }], isError: true }));
  tool('tell_data', (_, { heard }) => ({ content: [], structuredContent: { [bare(heard)]: said(heard) } }));
  tool('tell_names', (_, { heard }) => ({
    content: [
      { type: 'resource_link', uri: `x://${bare(heard)}`, name: bare(heard), description: said(heard) },
      { type: 'resource', resource: { uri: `x://${bare(heard)}`, mimeType: bare(heard), text: said(heard) } },
      { type: 'image', data: 'AAAA', mimeType: `image/${bare(heard)}` },
    ],
  }));
  tool('tell_fault', (_, { heard, response }) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    const error = { code: -32_000, message: said(heard), data: said(heard) };
    response.end(JSON.stringify({ jsonrpc: '2.0', id: heard.message.id, error }));
  });
  for (const status of [...STATUSES, REDIRECT]) {
    tool(`tell_${status}`, (_, { heard, response }) => {
      response.writeHead(status, {
        'WWW-Authenticate': `Bearer realm="${bare(heard)}"`,
        Location: `${lab.url}/${bare(heard)}`,
        'X-Said': said(heard),
      });
      response.end(said(heard));
    });
  }
  tool('tell_a_person', (_, { heard }) => ({ content: [{ type: 'text', text: said(heard) }] }), {
    isReadOnly: false,
  });
  return names;
}
