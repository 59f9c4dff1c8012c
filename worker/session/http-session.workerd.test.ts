import { abortAllDurableObjects, evictDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type ErrorBody, LIMITS } from '../../shared/index.ts';
import { ORIGIN, post, SocketClient, StreamClient, stubOf, upstream } from '../testing/workerd-clients.ts';
import { MOST_WAITING } from './http-stream.ts';
import { MOST_CONNECTIONS } from './sockets.ts';

const errorOf = async (response: Response) => ((await response.json()) as ErrorBody).error;
/** 1, 2, 3, ... n */
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const cursor = (conversation: string, seq: number) => `?conversation=${conversation}&after=${seq}`;

/** So that what comes next is younger than what was there. */
const anotherMillisecond = () => new Promise((resolve) => setTimeout(resolve, 2));

beforeEach(async () => {
  await upstream.tell('reset');
});

/** A running answer that has said `text`. */
async function anAnswer(client: StreamClient, text: string) {
  await client.send({ message: 'hello' });
  await upstream.asked(1);
  await upstream.text(text);
  await client.next('text_delta');
}

describe('H9 a session without WebSocket', () => {
  it('S1 first, then a whole answer in order; the pieces are the archive', async () => {
    const client = await StreamClient.open();
    expect(client.response.headers.get('Content-Type')).toBe('text/event-stream');
    expect(client.response.headers.get('Cache-Control')).toBe('no-store');
    const { session_id, conversation } = await client.next('session');
    expect(session_id).toBe(client.session);
    const posted = await client.send({ message: 'hello', client_id: 'one' });
    expect(posted.status).toBe(202);
    expect(await posted.json()).toEqual({});
    await upstream.asked(1);
    const pieces = ['Grüße ', '😀 ', 'und\n\nmehr: ', 'data: {}\n\n'];
    for (const piece of pieces) await upstream.text(piece);
    await upstream.finish();
    expect(await client.next('message_end')).toMatchObject({ stop_reason: 'end_turn' });

    expect(client.frames[0]?.type).toBe('session');
    expect(client.frames.length).toBe(client.raw.length);
    expect(client.seqs).toEqual(upTo(client.frames.length - 1));
    expect(client.text).toBe(pieces.join(''));
    const read = await exports.default.fetch(`${ORIGIN}/conversations/${conversation.id}`, {
      headers: { Authorization: `Bearer ${client.session}` },
    });
    expect(await read.json()).toMatchObject({
      conversation: { messages: [{ text: 'hello' }, { text: client.text, status: 'complete' }] },
    });
    await client.leave();
  });

  it('R2: a stream that is cut in the middle goes on after its cursor, once each', async () => {
    const client = await StreamClient.open();
    const { conversation } = await client.next('session');
    await anAnswer(client, 'before the cut, ');
    await client.leave();
    await upstream.text('while nobody listens, ');
    const seen = client.of('text_delta').at(-1)!.seq;
    const back = await StreamClient.open(client.session, cursor(conversation.id, seen));
    expect(await back.next('session')).toMatchObject({
      resumed_after: seen,
      conversation: { messages: [] },
      run: { seq: 1 },
    });
    await upstream.text('and after.');
    await upstream.finish();
    await back.next('message_end');
    expect(client.text + back.text).toBe('before the cut, while nobody listens, and after.');
    expect([...client.seqs, ...back.seqs]).toEqual(upTo(back.of('message_end')[0]!.seq));
    await back.leave();
  });

  it('R2: another cursor gets the whole truth', async () => {
    const client = await StreamClient.open();
    await anAnswer(client, 'so far');
    const other = await StreamClient.open(client.session, cursor('another', 1));
    expect(await other.next('session')).toMatchObject({
      resumed_after: null,
      conversation: { messages: [{}, { text: 'so far', status: 'streaming' }] },
    });
    await client.leave();
    await other.leave();
  });

  it('R4: a socket and two streams hear the same, whoever asks', async () => {
    const stream = await StreamClient.open();
    await stream.next('session');
    const socket = await SocketClient.open(stream.session);
    await socket.next('session');
    const second = await StreamClient.open(stream.session);
    await second.next('session');
    const everybody = [stream, socket, second];

    socket.send({ message: 'from the socket' });
    await upstream.asked(1);
    await upstream.text('one');
    await upstream.finish();
    for (const client of everybody) await client.next('message_end');
    await stream.send({ message: 'from the stream' });
    await upstream.asked(2);
    await upstream.text('two');
    await upstream.finish();
    for (const client of everybody) await client.next('message_end', 2);
    await stream.send({ type: 'model_change', model: 'claude-opus-5-5' });
    for (const client of everybody) await client.next('model_changed');
    await second.send({ type: 'models' });
    for (const client of everybody) await client.next('models');

    expect(stream.raw.slice(1)).toEqual(socket.raw.slice(1));
    expect(second.raw.slice(1)).toEqual(socket.raw.slice(1));
    await stream.leave();
    await second.leave();
    socket.leave();
  });

  it('replies go to the streams and not to the sockets: busy, an unknown model, a repeated client_id', async () => {
    const client = await StreamClient.open();
    await client.next('session');
    const socket = await SocketClient.open(client.session);
    await client.send({ message: 'hello', client_id: 'one' });
    await upstream.asked(1);
    expect((await client.send({ message: 'again', client_id: 'two' })).status).toBe(202);
    expect(await client.next('error')).toMatchObject({ code: 'busy', client_id: 'two' });
    await client.send({ type: 'model_change', model: 'no-such' });
    expect(await client.next('error', 2)).toMatchObject({ code: 'unknown_model' });
    await client.send({ message: 'hello', client_id: 'one' });
    const repeated = await client.next('message_accepted', 2);
    expect(repeated).toEqual(client.of('message_accepted')[0]);
    await client.send({ type: 'stop' });
    expect(await client.next('message_end')).toMatchObject({ stop_reason: 'stopped' });
    await socket.next('message_end');
    expect(socket.of('error')).toEqual([]);
    expect(socket.of('message_accepted')).toHaveLength(1);
    expect(await upstream.calls()).toHaveLength(1);
    await client.leave();
    socket.leave();
  });

  it('R3: leaving stops nothing', async () => {
    const client = await StreamClient.open();
    await anAnswer(client, 'nobody ');
    await client.leave();
    await upstream.text('listens');
    await upstream.finish();
    await vi.waitFor(async () => {
      const back = await StreamClient.open(client.session);
      const { conversation } = await back.next('session');
      await back.leave();
      expect(conversation.messages[1]).toMatchObject({ text: 'nobody listens', status: 'complete' });
    });
  });

  it('R11: lost with its process, the stream ends; coming back tells what was kept', async () => {
    const client = await StreamClient.open();
    const { conversation } = await client.next('session');
    await anAnswer(client, 'kept on disk. '.repeat(400));
    const seen = client.of('text_delta').at(-1)!.seq;
    await abortAllDurableObjects();
    await client.end();
    const back = await StreamClient.open(client.session, cursor(conversation.id, seen));
    const session = await back.next('session');
    expect(session).toMatchObject({ resumed_after: null, run: null });
    expect(session.conversation.messages[1]).toMatchObject({ status: 'interrupted' });
    expect(await upstream.calls()).toHaveLength(1);
    await back.leave();
  });

  it('after an eviction between two answers the cursor still holds', async () => {
    const client = await StreamClient.open();
    const { conversation } = await client.next('session');
    await anAnswer(client, 'all of it');
    await upstream.finish();
    const { seq } = await client.next('message_end');
    await client.leave();
    await evictDurableObject(stubOf(client.session));
    const back = await StreamClient.open(client.session, cursor(conversation.id, seq));
    expect(await back.next('session')).toMatchObject({ resumed_after: seq });
    await back.leave();
  });
});

describe('H9 what a stream costs', () => {
  it('clients that have left take no room', async () => {
    const first = await StreamClient.open();
    for (let i = 0; i < MOST_CONNECTIONS + 3; i++) {
      const other = await StreamClient.open(first.session);
      await other.next('session');
      await other.leave();
    }
    await first.send({ type: 'reset' });
    await first.next('conversation_reset');
    expect(first.ended).toBeNull();
    await first.leave();
  });

  it('one that reads nothing is cut off, and the others hear everything', async () => {
    const client = await StreamClient.open();
    const slow = await StreamClient.openUnread(client.session);
    // An answer has a longest length; beside the bound the platform holds some of it on the way.
    const text = 'x'.repeat(400_000);
    const turns = Math.ceil((2 * MOST_WAITING) / text.length);
    for (let turn = 1; turn <= turns; turn++) {
      await client.send({ message: 'hello' });
      await upstream.asked(turn);
      await upstream.text(text);
      await upstream.finish();
      await client.next('message_end', turn);
      await client.send({ type: 'reset' });
      await client.next('conversation_reset', turn);
    }
    expect(client.text.length).toBe(turns * text.length);
    slow.read();
    await slow.end();
    expect(slow.comments.at(-1)).toMatch(/^closed 1013 /);
    expect(slow.of('message_end').length).toBeLessThan(turns);
    await client.leave();
  });

  it('of too many connections the one that was silent for the longest goes, with 4429', async () => {
    const first = await StreamClient.open();
    await first.next('session');
    await anotherMillisecond();
    const socket = await SocketClient.open(first.session);
    await socket.next('session');
    await anotherMillisecond();
    const rest: StreamClient[] = [];
    for (let i = 2; i < MOST_CONNECTIONS; i++) rest.push(await StreamClient.open(first.session));
    expect(first.ended).toBeNull();
    rest.push(await StreamClient.open(first.session));
    expect(await first.end()).toBe('closed');
    expect(first.comments.at(-1)).toMatch(/^closed 4429 /);
    const newcomer = await SocketClient.open(first.session);
    await newcomer.next('session');
    await vi.waitFor(() => expect(socket.closed?.code).toBe(4429));
    expect(rest.filter((one) => one.ended !== null)).toEqual([]);
    newcomer.leave();
    for (const one of rest) await one.leave();
  });
});

describe('H9 what is refused', () => {
  const frame = JSON.stringify({ type: 'stop' });

  it.each([
    ['not JSON', 'hello', 'bad_frame'],
    ['nothing', '', 'bad_frame'],
    ['an unknown type', '{"type":"destroy"}', 'bad_frame'],
    ['an empty message', '{"message":" "}', 'bad_frame'],
    [
      'a message too long',
      JSON.stringify({ message: 'x'.repeat(LIMITS.messageChars + 1) }),
      'message_too_long',
    ],
  ])('R8: %s is 400, and nobody hears of it', async (_, body, code) => {
    const client = await StreamClient.open();
    await client.next('session');
    const response = await client.send(body);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code });
    await client.send({ type: 'reset' });
    await client.next('conversation_reset');
    expect(client.frames.map(({ type }) => type)).toEqual(['session', 'conversation_reset']);
    await client.leave();
  });

  it('R8: not UTF-8 is 400', async () => {
    const client = await StreamClient.open();
    const headers = { Authorization: `Bearer ${client.session}`, Origin: ORIGIN };
    const response = await post('/frames', new Uint8Array([0x7b, 0xff, 0x7d]), headers);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'bad_frame' });
    await client.leave();
  });

  it('R8: a body of exactly 1 MiB is a frame, one byte more is 413', async () => {
    const body = (bytes: number) => {
      const empty = JSON.stringify({ type: 'stop', pad: '' });
      return JSON.stringify({ type: 'stop', pad: 'x'.repeat(bytes - empty.length) });
    };
    const client = await StreamClient.open();
    expect((await client.send(body(LIMITS.frameBytes))).status).toBe(202);
    const response = await client.send(body(LIMITS.frameBytes + 1));
    expect(response.status).toBe(413);
    expect(await errorOf(response)).toMatchObject({ code: 'message_too_long' });
    await client.leave();
  });

  it.each([undefined, 'Bearer', 'Bearer zz', `Bearer ${'0'.repeat(64)}`, 'Basic x'])(
    'with %j is 404',
    async (authorization) => {
      const headers: Record<string, string> = { Origin: ORIGIN };
      if (authorization !== undefined) headers.Authorization = authorization;
      const answers = [
        await post('/frames', frame, headers),
        await exports.default.fetch(`${ORIGIN}/stream`, { headers }),
      ];
      for (const response of answers) {
        expect(response.status).toBe(404);
        expect(await errorOf(response)).toMatchObject({ code: 'not_found' });
      }
    },
  );

  it('a deleted session says so as its streams end, and is unknown from then on', async () => {
    const client = await StreamClient.open();
    await client.next('session');
    const headers = { Authorization: `Bearer ${client.session}`, Origin: ORIGIN };
    const deleted = await exports.default.fetch(`${ORIGIN}/sessions`, { method: 'DELETE', headers });
    expect(deleted.status).toBe(204);
    expect(await client.end()).toBe('closed');
    expect(client.comments.at(-1)).toMatch(/^closed 4404 /);
    expect((await client.send(frame)).status).toBe(404);
    expect((await exports.default.fetch(`${ORIGIN}/stream`, { headers })).status).toBe(404);
  });

  it('an id that was minted but never made a session is 404', async () => {
    const headers = { Authorization: `Bearer ${env.SESSIONS.newUniqueId()}`, Origin: ORIGIN };
    expect((await post('/frames', frame, headers)).status).toBe(404);
    expect((await exports.default.fetch(`${ORIGIN}/stream`, { headers })).status).toBe(404);
  });

  it('Origin: another one, and none, is 403; a GET of the own page needs none', async () => {
    const session = await StreamClient.create();
    const authorization = { Authorization: `Bearer ${session}` };
    const get = (headers: Record<string, string>) =>
      exports.default.fetch(`${ORIGIN}/stream`, { headers: { ...authorization, ...headers } });
    const evil = { Origin: 'https://evil.example' };
    const refused = [
      await post('/sessions', undefined, evil),
      await post('/sessions', undefined, {}),
      await post('/frames', frame, { ...authorization, ...evil }),
      await post('/frames', frame, { ...authorization, 'Sec-Fetch-Site': 'same-origin' }),
      await get(evil),
      await get({}),
      await get({ 'Sec-Fetch-Site': 'cross-site' }),
      await get({ ...evil, 'Sec-Fetch-Site': 'same-origin' }),
    ];
    for (const response of refused) {
      expect(response.status).toBe(403);
      expect(await errorOf(response)).toMatchObject({ code: 'origin_refused' });
    }
    const own = await get({ 'Sec-Fetch-Site': 'same-origin' });
    expect(own.status).toBe(200);
    await own.body?.cancel();
  });

  it('HEAD opens no stream', async () => {
    const session = await StreamClient.create();
    const response = await exports.default.fetch(`${ORIGIN}/stream`, {
      method: 'HEAD',
      headers: { Authorization: `Bearer ${session}`, Origin: ORIGIN },
    });
    expect(response.status).toBe(405);
  });
});
