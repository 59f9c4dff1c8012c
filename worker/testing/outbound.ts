import { type Request, Response } from 'miniflare';
import { mcp } from './outbound-mcp.ts';

/**
 * Everything that leaves workerd in its tests ends here, in Node: an Anthropic upstream that answers piece
 * by piece as the test says over `https://control.test`. Streams made inside the isolate would belong to
 * one object and could not be fed by another.
 */
type Call = { body: unknown; push: (bytes: Uint8Array) => void; close: () => void };

let calls: Call[] = [];
const encoder = new TextEncoder();

function sse(type: string, data: object): Uint8Array {
  return encoder.encode(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
}

async function answer(request: Request): Promise<Response> {
  const call: Call = { body: await request.json(), push: () => {}, close: () => {} };
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      call.push = (bytes) => controller.enqueue(bytes);
      call.close = () => controller.close();
    },
  });
  const usage = { input_tokens: 12, output_tokens: 1 };
  call.push(
    sse('message_start', { message: { id: 'm', type: 'message', role: 'assistant', content: [], usage } }),
  );
  call.push(sse('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }));
  calls.push(call);
  return new Response(stream, { headers: { 'Content-Type': 'text/event-stream' } });
}

function finish(call: Call): void {
  call.push(sse('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } }));
  call.push(sse('message_stop', {}));
  call.close();
}

async function control(request: Request): Promise<Response> {
  const { op, text } = (await request.json()) as {
    op: 'reset' | 'calls' | 'text' | 'finish' | 'finish_all';
    text?: string;
  };
  const call = calls.at(-1);
  if (op === 'reset') calls = [];
  if (op === 'text')
    call?.push(sse('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }));
  if (op === 'finish' && call !== undefined) finish(call);
  if (op === 'finish_all') for (const one of calls) finish(one);
  return Response.json(calls.map(({ body }) => ({ body })));
}

export async function outbound(request: Request): Promise<Response> {
  const { hostname, pathname } = new URL(request.url);
  if (hostname === 'control.test') return control(request);
  if (hostname === 'mcp.test') return mcp(request);
  if (hostname === 'api.anthropic.com' && pathname === '/v1/messages') return answer(request);
  if (hostname === 'api.anthropic.com' && pathname === '/v1/models')
    return Response.json({ data: [], has_more: false });
  return new Response('nothing else is reachable in tests', { status: 599 });
}
