import { describe, expect, it } from 'vitest';
import { LIMITS } from '#lib/wire.ts';
import { HttpTransport, type Minted } from './http-transport.ts';

type Call = { path: string; method: string; bearer: string | null; body: string | null };

/** A server of H9 that a test holds in its hand. */
class Server {
  readonly calls: Call[] = [];
  readonly minted: Minted = { sessionId: null };
  /** What the stream says, once it is open. */
  line: ReadableStreamDefaultController<Uint8Array> | null = null;
  answers: Record<string, () => Response | Promise<Response>> = {
    '/sessions': () => Response.json({ session_id: 'fresh' }, { status: 201 }),
    '/stream': () =>
      new Response(
        new ReadableStream<Uint8Array>({
          start: (line) => {
            this.line = line;
          },
        }),
      ),
    '/frames': () => Response.json({}, { status: 202 }),
  };

  open(session: string | null, query = ''): { transport: HttpTransport; log: string[] } {
    const protocols = session ? ['chatbox.v1', `session.${session}`] : ['chatbox.v1'];
    const transport = new HttpTransport(`ws://localhost/ws${query}`, protocols, this.minted, this.#fetch);
    const log: string[] = [];
    transport.addEventListener('open', () => log.push('open'));
    transport.addEventListener('message', (event) => {
      if (event instanceof MessageEvent) log.push(`heard ${event.data}`);
    });
    transport.addEventListener('close', (event) => {
      if (event instanceof CloseEvent) log.push(`closed ${event.code} ${event.reason}`.trim());
    });
    return { transport, log };
  }

  say(text: string): void {
    this.line?.enqueue(new TextEncoder().encode(text));
  }

  readonly #fetch: typeof fetch = async (input, init) => {
    const path = String(input);
    const headers = new Headers(init?.headers);
    this.calls.push({
      path,
      method: init?.method ?? 'GET',
      bearer: headers.get('authorization'),
      body: typeof init?.body === 'string' ? init.body : null,
    });
    const answer = this.answers[path.split('?')[0] ?? ''];
    if (!answer) throw new TypeError('Failed to fetch');
    return answer();
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const refuse = (status: number, code: string) => () =>
  Response.json({ error: { code, message: 'Because.', request_id: 'r' } }, { status });

describe('the chat over HTTP', () => {
  it('H9: takes up a session at its cursor, and hears frames and comments', async () => {
    const server = new Server();
    const { log } = server.open('s1', '?conversation=c1&after=7');
    await settled();
    server.say('data: {"type":"session"}\n\n: ping\n\n');
    await settled();
    expect(server.calls).toEqual([
      { path: '/stream?conversation=c1&after=7', method: 'GET', bearer: 'Bearer s1', body: null },
    ]);
    expect(log).toEqual(['open', 'heard {"type":"session"}', 'heard pong']);
  });

  it('H9: has a session made, once, however often the stream fails', async () => {
    const server = new Server();
    const stream = server.answers['/stream'];
    server.answers['/stream'] = () => new Response('bad gateway', { status: 502 });
    expect((await opened(server)).log).toEqual(['closed 1011 The server answered 502.']);
    server.answers['/stream'] = stream ?? Response.error;
    expect((await opened(server)).log).toEqual(['open']);
    expect(server.calls.map(({ path, bearer }) => [path, bearer])).toEqual([
      ['/sessions', null],
      ['/stream', 'Bearer fresh'],
      ['/stream', 'Bearer fresh'],
    ]);
  });

  it('sends frames one after the other, and no ping', async () => {
    const server = new Server();
    const { transport } = await opened(server, 's1');
    const replies: (() => void)[] = [];
    server.answers['/frames'] = () =>
      new Promise((resolve) => replies.push(() => resolve(Response.json({}, { status: 202 }))));
    for (const text of ['{"n":1}', 'ping', '{"n":2}']) transport.send(text);
    await settled();
    const bodies = () => server.calls.flatMap(({ body }) => body ?? []);
    expect(bodies()).toEqual(['{"n":1}']);
    replies[0]?.();
    await settled();
    expect(bodies()).toEqual(['{"n":1}', '{"n":2}']);
  });

  it.each([
    ['/stream', 401, 'unauthorized', 4401],
    ['/stream', 403, 'origin_refused', 4403],
    ['/stream', 404, 'not_found', 4404],
    ['/stream', 429, 'rate_limited', 4429],
    ['/stream', 503, 'not_configured', 4503],
    ['/stream', 500, 'internal', 1011],
    ['/sessions', 503, 'not_configured', 4503],
    ['/sessions', 404, 'not_found', 1011],
  ])('%s %d %s is told like a close with %4$d', async (path, status, code, closed) => {
    const server = new Server();
    server.answers[path] = refuse(status, code);
    expect((await opened(server, path === '/sessions' ? null : 's1')).log).toEqual([
      `closed ${closed} Because.`,
    ]);
  });

  it.each([404, 503, 429])('a %d that is not the server’s own word is a lost connection', async (status) => {
    const server = new Server();
    server.answers['/stream'] = () => new Response('<html>', { status });
    expect((await opened(server, 's1')).log).toEqual([`closed 1011 The server answered ${status}.`]);
  });

  it.each([
    ['a network that is gone', '', 'closed 1006'],
    [
      'the server’s last word',
      ': closed 4404 This session was deleted.\n\n',
      'closed 4404 This session was deleted.',
    ],
  ])('%s ends it', async (_name, last, closed) => {
    const server = new Server();
    const { log } = await opened(server, 's1');
    if (last) server.say(last);
    else server.line?.close();
    await settled();
    expect(log).toEqual(['open', closed]);
  });

  it.each([
    [400, 'bad_frame'],
    [413, 'message_too_long'],
    [429, 'rate_limited'],
  ])('R8: a frame refused with %d %s is answered, and the connection lives on', async (status, code) => {
    const server = new Server();
    const { transport, log } = await opened(server, 's1');
    server.answers['/frames'] = refuse(status, code);
    transport.send(
      JSON.stringify({ type: 'chat', message: 'x'.repeat(LIMITS.messageChars + 1), client_id: 'c' }),
    );
    await settled();
    const said = JSON.parse(log[1]?.slice('heard '.length) ?? '');
    expect(said).toMatchObject({ type: 'error', code, message: 'Because.', client_id: 'c' });
    expect(log).toHaveLength(2);
  });

  it.each([
    ['nobody knows what became of', null, 'closed 1006'],
    ['the server stumbled over', refuse(500, 'internal'), 'closed 1011 Because.'],
    ['came to a session that is gone', refuse(404, 'not_found'), 'closed 4404 Because.'],
  ])('a frame that %s ends it, and nothing is sent after it', async (_name, answer, closed) => {
    const server = new Server();
    const { transport, log } = await opened(server, 's1');
    if (answer) server.answers['/frames'] = answer;
    else delete server.answers['/frames'];
    transport.send('{"n":1}');
    transport.send('{"n":2}');
    await settled();
    expect(log).toEqual(['open', closed]);
    expect(server.calls.filter(({ path }) => path === '/frames')).toHaveLength(1);
  });

  it('says nothing more after it was closed', async () => {
    const server = new Server();
    const { transport, log } = await opened(server, 's1');
    transport.close(1000, 'again');
    server.say('data: {"late":true}\n\n');
    transport.send('{"n":1}');
    await settled();
    expect(log).toEqual(['open', 'closed 1000 again']);
    expect(server.calls).toHaveLength(1);
  });
});

async function opened(server: Server, session: string | null = null) {
  const one = server.open(session);
  await settled();
  return one;
}
