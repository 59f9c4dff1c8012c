import { abortAllDurableObjects, evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../shared/index.ts';
import { SocketClient, stubOf, upstream } from '../testing/workerd-clients.ts';
import { STORE_CHARS } from './stream-buffer.ts';

const { SESSIONS } = env;

beforeEach(async () => {
  await upstream.tell('reset');
});

describe('a session in workerd', () => {
  it('a turn through the real SDK; the same socket goes on after hibernation with its conversation', async () => {
    const client = await SocketClient.open();
    const { session_id } = await client.next('session');
    client.send({ message: 'hello' });
    await client.next('message_accepted');
    await upstream.asked(1);
    await upstream.text('Grüße 😀');
    await upstream.finish();
    const end = await client.next('message_end');
    expect(end).toMatchObject({ stop_reason: 'end_turn', usage: { input_tokens: 12, output_tokens: 7 } });

    await evictDurableObject(stubOf(session_id), { webSockets: 'hibernate' });
    client.send('ping');
    await vi.waitFor(() => expect(client.raw).toContain('pong'));
    client.send({ message: 'and again' });
    const [, second] = await upstream.asked(2);
    expect(second?.body.messages.map((one) => one.role)).toEqual(['user', 'assistant', 'user']);
    expect(await client.next('message_accepted', 2)).toMatchObject({ seq: end.seq + 1 });
    await upstream.finish();
    await client.next('message_end', 2);
  });

  it('R11: lost in the middle of an answer: interrupted with its text, and nothing is asked again', async () => {
    const client = await SocketClient.open();
    const { session_id, conversation } = await client.next('session');
    client.send({ message: 'hello' });
    await upstream.asked(1);
    await upstream.text('kept on disk. '.repeat(400));
    const { seq } = await client.next('text_delta');
    await abortAllDurableObjects();

    const back = await SocketClient.open(session_id, `?conversation=${conversation.id}&after=${seq}`);
    const session = await back.next('session');
    expect(session).toMatchObject({ resumed_after: null, run: null });
    expect(session.last_seq).toBeGreaterThan(seq);
    const [, answer] = session.conversation.messages;
    expect(answer?.status).toBe('interrupted');
    expect(answer?.text.length).toBeGreaterThanOrEqual(STORE_CHARS);
    expect('kept on disk. '.repeat(400).startsWith(answer?.text ?? '-')).toBe(true);
    expect(await upstream.calls()).toHaveLength(1);
  });

  it('R3: closing every socket stops nothing', async () => {
    const client = await SocketClient.open();
    const { session_id } = await client.next('session');
    client.send({ message: 'hello' });
    await upstream.asked(1);
    client.leave();
    await upstream.text('nobody listens');
    await upstream.finish();
    await vi.waitFor(async () => {
      const back = await SocketClient.open(session_id);
      const { conversation } = await back.next('session');
      back.leave();
      expect(conversation.messages[1]).toMatchObject({ text: 'nobody listens', status: 'complete' });
    });
  });

  it('the same socket survives 100 switches', async () => {
    const client = await SocketClient.open();
    await client.next('session');
    for (let i = 1; i <= 100; i++) {
      client.send({ type: 'model_change', model: i % 2 ? 'claude-opus-5-5' : 'auto' });
      await client.next('model_changed', i);
    }
    expect(client.closed).toBeNull();
    expect(new Set(client.of('model_changed').map((one) => one.conversation_id)).size).toBe(100);
  });

  it('rows written for an answer of thirty stored seconds: 35 or fewer', async () => {
    const client = await SocketClient.open();
    const { session_id } = await client.next('session');
    const written = () =>
      runInDurableObject(stubOf(session_id), (_: unknown, ctx: DurableObjectState) => rowsWritten(ctx));
    const before = await written();
    client.send({ message: 'hello', client_id: 'x' });
    await upstream.asked(1);
    // 25 chunks of a full buffer are what 30 s of slower text come to.
    for (let i = 0; i < 25; i++) {
      await upstream.text('x'.repeat(LIMITS.frameBytes / 256));
      await client.next('text_delta', i + 1);
    }
    await upstream.finish();
    await client.next('message_end');
    expect((await written()) - before).toBeLessThanOrEqual(35);
  });
});

/** Counts by a trigger-free reading of the counter that the tests' own wrapper keeps. */
function rowsWritten(ctx: DurableObjectState): number {
  const known = counters.get(ctx);
  if (known !== undefined) return known.rows;
  const counter = { rows: 0 };
  counters.set(ctx, counter);
  const exec = ctx.storage.sql.exec.bind(ctx.storage.sql);
  ctx.storage.sql.exec = ((query: string, ...bindings: unknown[]) => {
    const cursor = exec(query, ...bindings);
    const toArray = cursor.toArray.bind(cursor);
    cursor.toArray = () => {
      const rows = toArray();
      counter.rows += cursor.rowsWritten;
      return rows;
    };
    return cursor;
  }) as typeof ctx.storage.sql.exec;
  return 0;
}
const counters = new WeakMap<DurableObjectState, { rows: number }>();

describe('who may come in', () => {
  it.each([
    ['forged', '0'.repeat(64)],
    ['not an id', 'zz'],
    ['empty', ''],
  ])('H4: a %s session id is closed with 4404 and creates nothing', async (_, id) => {
    const client = await SocketClient.open(id);
    await vi.waitFor(() => expect(client.closed?.code).toBe(4404));
    expect(client.frames).toEqual([]);
  });

  it('H4: an id that was minted but never made a session is closed with 4404 and stays empty', async () => {
    const id = SESSIONS.newUniqueId();
    const client = await SocketClient.open(id.toString());
    await vi.waitFor(() => expect(client.closed?.code).toBe(4404));
    const tables = await runInDurableObject(SESSIONS.get(id), (_: unknown, ctx: DurableObjectState) =>
      ctx.storage.sql
        .exec<{ name: string }>(`SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'`)
        .toArray(),
    );
    expect(tables).toEqual([]);
  });

  it('R8: a binary frame is bad_frame, and the session lives on', async () => {
    const client = await SocketClient.open();
    await client.next('session');
    client.sendBinary();
    expect(await client.next('error')).toMatchObject({ code: 'bad_frame' });
    client.send({ type: 'reset' });
    await client.next('conversation_reset');
  });

  it('R8: a frame of exactly 1 MiB is answered, one byte more closes with 1009', async () => {
    const frame = (bytes: number) => {
      const empty = JSON.stringify({ message: '' });
      return JSON.stringify({ message: 'x'.repeat(bytes - empty.length) });
    };
    const client = await SocketClient.open();
    await client.next('session');
    client.send(frame(LIMITS.frameBytes));
    expect(await client.next('error')).toMatchObject({ code: 'message_too_long' });
    client.send(frame(LIMITS.frameBytes + 1));
    await vi.waitFor(() => expect(client.closed?.code).toBe(1009));
  });
});
