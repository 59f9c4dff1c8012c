import { type Request, Response } from 'miniflare';

/**
 * A server of tools for tests inside workerd, at `https://mcp.test/<what>`: `/json` answers in one piece, `/stream` as
 * a stream of events, `/big` with ten megabytes, `/hang` never, `/away` with a redirect.
 */
type Message = { id?: number; method?: string; params?: { name?: string; arguments?: { q?: string } } };

const TOOLS = [
  {
    name: 'get_objects',
    title: 'Get objects',
    description: 'Gets objects.',
    inputSchema: { type: 'object', properties: { q: { type: 'string' } } },
    outputSchema: { type: 'object', properties: { result: { type: 'string' } }, required: ['result'] },
    annotations: { readOnlyHint: true },
  },
  { name: 'update_object', description: 'Updates one.', inputSchema: { type: 'object' } },
];

function resultOf(message: Message, authorization: string | null): unknown {
  switch (message.method) {
    case 'initialize':
      return {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'test', version: '1' },
      };
    case 'tools/list':
      return { tools: TOOLS };
    default: {
      const result = `${message.params?.arguments?.q} for ${authorization}`;
      return { content: [{ type: 'text', text: result }], structuredContent: { result } };
    }
  }
}

function stream(body: string): Response {
  return new Response(`event: message\ndata: ${body}\n\n`, {
    headers: { 'Content-Type': 'text/event-stream' },
  });
}

export async function mcp(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (request.method !== 'POST') return new Response(null, { status: 405 });
  if (pathname === '/hang') return new Promise(() => {});
  const message = (await request.json()) as Message;
  if (message.method === 'server/discover') return new Response(null, { status: 400 });
  if (message.id === undefined) return new Response(null, { status: 202 });
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: message.id,
    result: resultOf(message, request.headers.get('Authorization')),
  });
  if (message.method === 'tools/call') {
    if (pathname === '/away')
      return new Response(null, { status: 302, headers: { Location: 'https://x.test' } });
    if (pathname === '/big') {
      return new Response(`${body.slice(0, -1)}${' '.repeat(10_000_000)}}`, {
        headers: { 'Content-Type': 'application/json' },
      });
    }
    if (pathname === '/stream') return stream(body);
  }
  return new Response(body, { headers: { 'Content-Type': 'application/json' } });
}
