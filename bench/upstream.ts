/**
 * The upstream of the benchmarks, a process of its own: speaks the Messages API and streams as the question
 * says (`{"deltas": 500, "every_ms": 20, "tail_ms": 0}`). Each delta's text is the time at which it was written,
 * so that a reader on the same machine can tell the lag.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { clock } from './clock.ts';

type Script = { deltas: number; every_ms: number; tail_ms?: number };

function send(response: ServerResponse, type: string, data: object): void {
  response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
}

function stream(response: ServerResponse, { deltas, every_ms, tail_ms = 0 }: Script): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  const message = { id: 'm', type: 'message', role: 'assistant', model: 'bench', content: [] };
  const usage = { input_tokens: 10, output_tokens: 1 };
  send(response, 'message_start', { message: { ...message, stop_reason: null, stop_sequence: null, usage } });
  send(response, 'content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
  let sent = 0;
  const one = () => {
    send(response, 'content_block_delta', {
      index: 0,
      delta: { type: 'text_delta', text: `${clock().toFixed(3)} ` },
    });
    sent += 1;
  };
  const end = () => {
    if (response.destroyed) return;
    const delta = { stop_reason: 'end_turn', stop_sequence: null };
    send(response, 'content_block_stop', { index: 0 });
    send(response, 'message_delta', { delta, usage: { output_tokens: deltas } });
    send(response, 'message_stop', {});
    response.end();
  };
  if (every_ms === 0) {
    while (sent < deltas) one();
    end();
    return;
  }
  one();
  const timer = setInterval(() => {
    if (!response.destroyed && sent < deltas) return one();
    clearInterval(timer);
    setTimeout(end, tail_ms);
  }, every_ms);
}

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  if (request.url?.startsWith('/v1/models')) {
    response.setHeader('Content-Type', 'application/json');
    response.end('{"data":[],"has_more":false}');
    return;
  }
  const { messages } = JSON.parse(body) as { messages: { content: string | { text: string }[] }[] };
  const content = messages.at(-1)?.content ?? '';
  const question = typeof content === 'string' ? content : (content.at(-1)?.text ?? '');
  stream(response, JSON.parse(question) as Script);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
// However the benchmark ends, its upstream ends with it.
process.once('disconnect', () => process.exit());
