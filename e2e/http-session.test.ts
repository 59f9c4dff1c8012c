import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from './harness/client.ts';
import { http } from './harness/http.ts';
import { newStateDir, type Program, startProgram } from './harness/program.ts';
import { StreamClient } from './harness/stream-client.ts';
import { type Stream, settingsFor, startUpstream, type Upstream } from './harness/upstream.ts';

let upstream: Upstream;
let program: Program;

beforeAll(async () => {
  upstream = await startUpstream();
  program = await startProgram({ env: settingsFor(upstream) });
});
afterAll(async () => {
  await program?.stop();
  await upstream?.close();
});

/** A stream that a test leads by hand: opens when it was asked. */
function byHand(word: string): Promise<Stream> {
  return new Promise((resolve) => upstream.on(word, (stream) => resolve(stream)));
}

/** 1, 2, 3, ... n */
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);
const deltas = (client: StreamClient) =>
  client.frames.flatMap((frame) => (frame.type === 'text_delta' ? [frame.text] : [])).join('');

describe('H9 chatting by plain HTTP alone', () => {
  test('nothing is held back on the way: each piece is there before the next one is sent', async () => {
    const asking = byHand('piece by piece');
    const { client, session } = await StreamClient.connect(program);
    expect(client.headers['content-type']).toBe('text/event-stream');
    expect(client.headers['cache-control']).toBe('no-store');
    // Whoever packs it holds it back.
    expect(client.headers['content-encoding']).toBeUndefined();
    expect(session).toMatchObject({ session_id: client.session, last_seq: 0 });
    const posted = await client.send({ message: 'piece by piece', client_id: 'one' });
    expect(posted).toMatchObject({ status: 202, json: {} });
    const accepted = await client.next('message_accepted');
    const stream = await asking;
    stream.start();
    for (const piece of ['Grüße ', '👋🏽 ', '世界\n\n', 'data: done']) {
      stream.text(piece);
      await client.next('text_delta', (frame) => frame.text === piece);
    }
    stream.end();
    const answer = await client.answerTo(accepted);
    expect(answer.text).toBe('Grüße 👋🏽 世界\n\ndata: done');
    expect(answer.end.stop_reason).toBe('end_turn');
    expect(client.frames[0]?.type).toBe('session');
    expect(client.seqs).toEqual(upTo(client.seqs.length));
    client.cut();
  });

  test('R2 cut again and again in the middle: character by character the same, nothing twice', async () => {
    const asking = byHand('cut me');
    const first = await StreamClient.connect(program);
    const { session } = first;
    await first.client.send({ message: 'cut me' });
    const stream = await asking;
    stream.start();
    const pieces = upTo(200).map((n) => `${n} ü👋🏽 `);
    const clients = [first.client];
    for (const [index, piece] of pieces.entries()) {
      stream.text(piece);
      if (index % 20 !== 10) continue;
      const last = clients.at(-1)!;
      await last.when('some of it', () => (deltas(last) === '' ? undefined : true));
      last.cut();
      await last.ended;
      const after = last.seqs.at(-1) ?? 0;
      const cursor = { conversation: session.conversation.id, after };
      const back = await StreamClient.connect(program, { session: session.session_id, cursor });
      expect(back.session).toMatchObject({ resumed_after: after, conversation: { messages: [] } });
      clients.push(back.client);
    }
    stream.end();
    await clients.at(-1)!.next('message_end');
    const seqs = clients.flatMap((client) => client.seqs);
    expect(seqs).toEqual(upTo(seqs.length));
    expect(clients.map(deltas).join('')).toBe(pieces.join(''));
    expect(clients.length).toBe(11);

    const whole = await StreamClient.connect(program, { session: session.session_id });
    expect(whole.session.conversation.messages[1]).toMatchObject({
      text: pieces.join(''),
      status: 'complete',
    });
    whole.client.cut();
    clients.at(-1)!.cut();
  });

  test('R4 a socket and a stream of one session are in step', async () => {
    const { client, session } = await StreamClient.connect(program);
    const other = await Client.connect(program.url, { session: session.session_id });
    const answer = await other.client.ask('from the socket');
    const accepted = await client.next('message_accepted');
    expect(await client.answerTo(accepted)).toEqual(answer);
    await client.send({ type: 'model_change', model: 'claude-opus-5-5' });
    expect(await other.client.next('model_changed')).toEqual(await client.next('model_changed'));
    other.client.close();
    client.cut();
  });

  test('C4 and replies: busy and stop work while the answer runs', async () => {
    const asking = byHand('stop me');
    const { client } = await StreamClient.connect(program);
    await client.send({ message: 'stop me' });
    const accepted = await client.next('message_accepted');
    const stream = await asking;
    stream.start();
    stream.text('Half');
    await client.next('text_delta');
    expect((await client.send({ message: 'me too', client_id: 'second' })).status).toBe(202);
    expect(await client.next('error')).toMatchObject({ code: 'busy', client_id: 'second' });
    await client.send({ type: 'stop' });
    expect(await client.answerTo(accepted)).toMatchObject({ text: 'Half', end: { stop_reason: 'stopped' } });
    client.cut();
  });

  test('clients that are gone are noticed by what is sent next, and take no room from those that are there', async () => {
    const { client: first, session } = await StreamClient.connect(program);
    for (let gone = 0; gone < 40; gone += 1) {
      const { client } = await StreamClient.connect(program, { session: session.session_id });
      client.cut();
      await client.ended;
      await first.send({ type: 'reset' });
      await first.next('conversation_reset');
    }
    expect(first.comments).toEqual([]);
    first.cut();
  });

  test('a silent stream has its heartbeat, and the same stream goes on afterwards', async () => {
    const { client } = await StreamClient.connect(program);
    while (client.comments.length < 1) await new Promise((resolve) => setTimeout(resolve, 250));
    expect(client.comments).toEqual([': ping']);
    await client.send({ message: 'still there?' });
    const accepted = await client.next('message_accepted');
    expect((await client.answerTo(accepted)).text).toBe('You said: still there?');
    client.cut();
  });

  test('refused: a strange origin, no session, what is no frame, and what is too much', async () => {
    const session = await StreamClient.create(program);
    const bearer = { Authorization: `Bearer ${session}` };
    const own = { ...bearer, Origin: program.url };
    const ask = async (path: string, headers: Record<string, string>, body?: string) => {
      const reply = await http(program, path, { method: path === '/stream' ? 'GET' : 'POST', headers, body });
      return [reply.status, /"code":"(\w+)"/.exec(reply.body)?.[1]];
    };
    const stop = '{"type":"stop"}';
    expect(await ask('/sessions', { Origin: 'https://evil.example' })).toEqual([403, 'origin_refused']);
    expect(await ask('/sessions', {})).toEqual([403, 'origin_refused']);
    expect(await ask('/frames', bearer, stop)).toEqual([403, 'origin_refused']);
    expect(await ask('/stream', bearer)).toEqual([403, 'origin_refused']);
    expect(await ask('/stream', { Origin: program.url })).toEqual([404, 'not_found']);
    expect(await ask('/frames', { Origin: program.url }, stop)).toEqual([404, 'not_found']);
    expect(await ask('/frames', own, '{}')).toEqual([400, 'bad_frame']);
    const long = JSON.stringify({ message: 'x'.repeat(32_001) });
    expect(await ask('/frames', own, long)).toEqual([400, 'message_too_long']);
    expect(await ask('/frames', own, 'x'.repeat(1_048_577))).toEqual([413, 'message_too_long']);
    expect(await ask('/frames', own, stop)).toEqual([202, undefined]);
  });
});

test('R11 the process is killed in the middle: the stream ends, and coming back tells what was kept', async () => {
  const stateDir = newStateDir();
  const asking = byHand('kill me');
  const before = await startProgram({ env: settingsFor(upstream), stateDir });
  const { client, session } = await StreamClient.connect(before);
  await client.send({ message: 'kill me' });
  const stream = await asking;
  stream.start();
  const text = 'kept on disk. '.repeat(400);
  stream.text(text);
  await client.next('text_delta');
  await before.kill();
  await client.ended;

  const after = await startProgram({ env: settingsFor(upstream), stateDir });
  const cursor = { conversation: session.conversation.id, after: client.seqs.at(-1) ?? 0 };
  const back = await StreamClient.connect(after, { session: session.session_id, cursor });
  expect(back.session).toMatchObject({ resumed_after: null, run: null });
  const answer = back.session.conversation.messages[1];
  expect(answer?.status).toBe('interrupted');
  expect(answer?.text).not.toBe('');
  expect(text.startsWith(answer?.text ?? '-')).toBe(true);
  back.client.cut();
  await after.stop();
});
