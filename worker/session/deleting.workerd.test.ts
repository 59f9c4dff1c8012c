import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ArchivePage, ErrorBody } from '../../shared/index.ts';
import { ORIGIN, SocketClient, StreamClient, stubOf, upstream } from '../testing/workerd-clients.ts';
import type { ChatSession } from './chat-session.ts';

const DAY = 86_400_000;

function ask(
  method: string,
  path: string,
  session?: string,
  headers: Record<string, string> = { Origin: ORIGIN },
) {
  const bearer: Record<string, string> = session === undefined ? {} : { Authorization: `Bearer ${session}` };
  return exports.default.fetch(`${ORIGIN}${path}`, { method, headers: { ...bearer, ...headers } });
}

const codeOf = async (response: Response) => ((await response.json()) as ErrorBody).error.code;

const inside = <R>(session: string, run: (ctx: DurableObjectState) => R | Promise<R>) =>
  runInDurableObject<ChatSession, R>(stubOf(session), (_, ctx) => run(ctx));

const tablesOf = (session: string) =>
  inside(session, (ctx) =>
    ctx.storage.sql
      .exec<{ name: string }>(`SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'`)
      .toArray(),
  );

const alarmOf = (session: string) => inside(session, (ctx) => ctx.storage.getAlarm());

/** One turn, archived; the session and the conversation that it was in. */
async function archived(): Promise<{ client: SocketClient; session: string; conversation: string }> {
  const client = await SocketClient.open();
  const { session_id, conversation } = await client.next('session');
  client.send({ message: 'hello', client_id: 'once' });
  await upstream.asked(1);
  await upstream.text('an answer');
  await upstream.finish();
  await client.next('message_end');
  client.send({ type: 'reset' });
  await client.next('conversation_reset');
  return { client, session: session_id, conversation: conversation.id };
}

beforeEach(async () => {
  await upstream.tell('reset');
});
afterEach(() => {
  vi.useRealTimers();
});

describe('DELETE /conversations/:id', () => {
  it('204: gone for everybody, on sockets and streams, and after an eviction', async () => {
    const { client, session, conversation } = await archived();
    const stream = await StreamClient.open(session);
    await stream.next('session');
    expect((await ask('DELETE', `/conversations/${conversation}`, session)).status).toBe(204);
    const frame = { type: 'conversation_deleted', conversation_id: conversation };
    expect(await client.next('conversation_deleted')).toEqual(frame);
    expect(await stream.next('conversation_deleted')).toEqual(frame);
    await stream.leave();
    await evictDurableObject(stubOf(session));
    expect((await ask('GET', `/conversations/${conversation}`, session)).status).toBe(404);
    const page = (await (await ask('GET', '/conversations', session)).json()) as ArchivePage;
    expect(page.conversations).toEqual([]);
    expect((await ask('DELETE', `/conversations/${conversation}`, session)).status).toBe(404);
  });

  it('the current one is 409 busy and stays', async () => {
    const { client, session } = await archived();
    const { conversation_id } = await client.next('conversation_reset');
    const response = await ask('DELETE', `/conversations/${conversation_id}`, session);
    expect(response.status).toBe(409);
    expect(await codeOf(response)).toBe('busy');
    expect((await ask('GET', `/conversations/${conversation_id}`, session)).status).toBe(200);
  });

  const STRANGERS: Record<string, string>[] = [
    {},
    { Origin: 'https://evil.example' },
    { 'Sec-Fetch-Site': 'same-origin' },
  ];
  it.each(STRANGERS)('with %j it is 403, and nothing is deleted', async (headers) => {
    const { session, conversation } = await archived();
    for (const path of [`/conversations/${conversation}`, '/sessions']) {
      const response = await ask('DELETE', path, session, headers);
      expect(response.status).toBe(403);
      expect(await codeOf(response)).toBe('origin_refused');
    }
    expect((await ask('GET', `/conversations/${conversation}`, session)).status).toBe(200);
  });
});

describe('DELETE /sessions', () => {
  it('204: sockets are closed with 4404, streams end, and the id is unknown from then on', async () => {
    const { client, session, conversation } = await archived();
    const stream = await StreamClient.open(session);
    await stream.next('session');
    expect((await ask('DELETE', '/sessions', session)).status).toBe(204);
    await vi.waitFor(() => expect(client.closed?.code).toBe(4404));
    expect(await stream.end()).toBe('closed');

    const unknown = async () => {
      for (const [method, path] of [
        ['GET', '/conversations'],
        ['GET', `/conversations/${conversation}`],
        ['GET', '/stream'],
        ['DELETE', `/conversations/${conversation}`],
        ['DELETE', '/sessions'],
        ['POST', '/links'],
      ] as const) {
        const headers = { Origin: ORIGIN };
        expect((await ask(method, path, session, headers)).status, `${method} ${path}`).toBe(404);
      }
      const back = await SocketClient.open(session);
      await vi.waitFor(() => expect(back.closed?.code).toBe(4404));
      expect(back.frames).toEqual([]);
    };
    await unknown();
    await evictDurableObject(stubOf(session));
    await unknown();
    expect(await tablesOf(session), 'asking has created nothing').toEqual([]);
    expect(await alarmOf(session)).toBeNull();
  });

  it('with an answer running: the upstream is left, and nothing is written after', async () => {
    const client = await SocketClient.open();
    const { session_id } = await client.next('session');
    client.send({ message: 'hello' });
    await upstream.asked(1);
    await upstream.text('gone in a moment');
    await client.next('text_delta');
    const deleted = ask('DELETE', '/sessions', session_id);
    client.send({ message: 'one more' });
    expect((await deleted).status).toBe(204);
    await upstream.text('too late');
    await upstream.finish();
    await vi.waitFor(() => expect(client.closed?.code).toBe(4404));
    expect(client.text).toBe('gone in a moment');
    expect(client.of('message_end')).toMatchObject([{ stop_reason: 'stopped' }]);
    expect(await tablesOf(session_id)).toEqual([]);
    expect(await upstream.calls()).toHaveLength(1);
  });

  it('a storage that does not let itself be deleted leaves a session that goes on', async () => {
    const { session, conversation } = await archived();
    await runInDurableObject<ChatSession, void>(stubOf(session), async (object, ctx) => {
      const spy = vi.spyOn(ctx.storage, 'deleteAll').mockRejectedValueOnce(new Error('not now'));
      await expect(object.destroy()).rejects.toThrow('not now');
      spy.mockRestore();
    });
    expect((await ask('GET', `/conversations/${conversation}`, session)).status).toBe(200);
    expect((await ask('DELETE', '/sessions', session)).status).toBe(204);
  });

  it('twice at once: one of them finds nothing any more', async () => {
    const { session } = await archived();
    const both = await Promise.all([
      ask('DELETE', '/sessions', session),
      ask('DELETE', '/sessions', session),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual([204, 404]);
  });
});

describe('a session that nobody touches deletes itself', () => {
  const setClock = (at: number) => vi.useFakeTimers({ now: at, toFake: ['Date'] });

  it('the alarm is set by the first connection and not again for each message', async () => {
    const client = await SocketClient.open();
    const { session_id, retention_days } = await client.next('session');
    expect(retention_days).toBe(90);
    const alarm = await alarmOf(session_id);
    expect(Math.abs((alarm ?? 0) - (Date.now() + 91 * DAY))).toBeLessThan(60_000);
    const kept = () =>
      inside(session_id, (ctx) =>
        ctx.storage.sql.exec(`SELECT value FROM session WHERE key = 'retention'`).toArray(),
      );
    const before = await kept();
    for (let i = 1; i <= 5; i += 1) {
      client.send({ type: 'reset' });
      await client.next('conversation_reset', i);
    }
    expect(await kept()).toEqual(before);
    expect(await alarmOf(session_id)).toBe(alarm);
  });

  it('with an open socket it is not due; without one, after the whole time, everything goes', async () => {
    const { client, session, conversation } = await archived();
    const now = Date.now();
    setClock(now + 100 * DAY);
    expect(await runDurableObjectAlarm(stubOf(session))).toBe(true);
    expect(await alarmOf(session)).toBe(now + 191 * DAY);
    client.leave();
    await vi.waitFor(() => expect(client.closed).not.toBeNull());

    setClock(now + 190 * DAY);
    expect(await runDurableObjectAlarm(stubOf(session))).toBe(true);
    expect((await ask('GET', `/conversations/${conversation}`, session)).status).toBe(200);
    expect(await alarmOf(session)).toBe(now + 191 * DAY);

    await evictDurableObject(stubOf(session));
    setClock(now + 191 * DAY);
    expect(await runDurableObjectAlarm(stubOf(session))).toBe(true);
    expect((await ask('GET', `/conversations/${conversation}`, session)).status).toBe(404);
    expect(await tablesOf(session)).toEqual([]);
    expect(await alarmOf(session)).toBeNull();
  });

  it('a use since then gives it the rest of its time', async () => {
    const { client, session } = await archived();
    const now = Date.now();
    setClock(now + 60 * DAY);
    client.send({ type: 'reset' });
    await client.next('conversation_reset', 2);
    client.leave();
    await vi.waitFor(() => expect(client.closed).not.toBeNull());
    setClock(now + 91 * DAY);
    expect(await runDurableObjectAlarm(stubOf(session))).toBe(true);
    // Waiting for a frame moves the test's clock by some milliseconds.
    const rest = ((await alarmOf(session)) ?? 0) - (now + 151 * DAY);
    expect(rest).toBeGreaterThanOrEqual(0);
    expect(rest).toBeLessThan(DAY);
    expect((await ask('GET', '/conversations', session)).status).toBe(200);
  });
});
