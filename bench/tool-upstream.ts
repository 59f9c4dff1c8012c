/**
 * For the rounds of tools: a model that asks for a tool so many times before it answers, and the server of that tool,
 * in one process, so that one clock tells when each was asked and had answered. The question is `{"rounds": 10}`.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { clock } from './clock.ts';

/** Milliseconds of {@link clock}. `asked`, `answered`: the model. `called`, `told`: the tool. */
export type Mark = { what: 'asked' | 'answered' | 'called' | 'told'; at: number };

type Block = { type: string; text?: string };
type Message = { role: string; content: string | Block[] };

let marks: Mark[] = [];
const mark = (what: Mark['what']) => void marks.push({ what, at: clock() });

/** Results since the question, and the question. */
function stateOf(messages: Message[]): { rounds: number; done: number } {
  let done = 0;
  for (const { role, content } of messages.toReversed()) {
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    const text = blocks.find(({ type }) => type === 'text')?.text;
    done += blocks.filter(({ type }) => type === 'tool_result').length;
    if (role === 'user' && text !== undefined) return { ...(JSON.parse(text) as { rounds: number }), done };
  }
  throw new Error('There is no question.');
}

function answer(response: ServerResponse, { rounds, done }: { rounds: number; done: number }): void {
  const send = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const calls = done < rounds;
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  const message = { id: 'm', type: 'message', role: 'assistant', model: 'bench', content: [] };
  const usage = { input_tokens: 10, output_tokens: 1 };
  send('message_start', { message: { ...message, stop_reason: null, stop_sequence: null, usage } });
  const content_block = calls
    ? { type: 'tool_use', id: `toolu_${clock()}`, name: 'find', input: {} }
    : { type: 'text', text: '' };
  send('content_block_start', { index: 0, content_block });
  const delta = calls
    ? { type: 'input_json_delta', partial_json: JSON.stringify({ q: done }) }
    : { type: 'text_delta', text: 'done' };
  send('content_block_delta', { index: 0, delta });
  send('content_block_stop', { index: 0 });
  const stop = { stop_reason: calls ? 'tool_use' : 'end_turn', stop_sequence: null };
  send('message_delta', { delta: stop, usage: { output_tokens: 5 } });
  send('message_stop', {});
  response.end();
  mark('answered');
}

const TOOL = {
  name: 'find',
  description: 'Finds what is asked for.',
  inputSchema: { type: 'object', properties: { q: { type: 'integer' } } },
  annotations: { readOnlyHint: true },
};
/** A page of twenty short rows, as a query of NetBox gives. */
const FOUND = JSON.stringify(
  Array.from({ length: 20 }, (_, id) => ({ id, name: `dc14-sw-${id}`, status: 'active', role: 'access' })),
);

/** The least that speaks MCP over Streamable HTTP: without sessions, every answer as plain JSON. */
function serveTool(response: ServerResponse, { id, method }: { id?: unknown; method?: string }): void {
  const results: Record<string, object> = {
    initialize: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'bench', version: '1' },
    },
    'tools/list': { tools: [TOOL] },
    'tools/call': { content: [{ type: 'text', text: FOUND }] },
  };
  const result = results[method ?? ''];
  if (result === undefined) {
    response.writeHead(method?.startsWith('notifications/') ? 202 : 400).end();
    return;
  }
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  if (method === 'tools/call') mark('told');
}

const server = createServer(async (request, response) => {
  const at = clock();
  let body = '';
  for await (const chunk of request) body += String(chunk);
  if (request.url === '/marks') {
    response.end(JSON.stringify(marks));
    marks = [];
  } else if (request.url === '/mcp' && request.method === 'POST') {
    const message = JSON.parse(body) as { id?: unknown; method?: string };
    if (message.method === 'tools/call') marks.push({ what: 'called', at });
    serveTool(response, message);
  } else if (request.url === '/v1/messages') {
    marks.push({ what: 'asked', at });
    answer(response, stateOf((JSON.parse(body) as { messages: Message[] }).messages));
  } else {
    response.writeHead(request.url?.startsWith('/v1/models') ? 200 : 405);
    response.end('{"data":[],"has_more":false}');
  }
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
// However the benchmark ends, this ends with it.
process.once('disconnect', () => process.exit());
