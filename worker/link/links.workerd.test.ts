import { listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ErrorBody } from '../../shared/index.ts';
import { ORIGIN, post, SocketClient, StreamClient } from '../testing/workerd-clients.ts';
import type { DeviceLink } from './device-link.ts';
import { isCode } from './link.ts';

const { LINKS } = env;

const bearer = (session: string) => ({ Authorization: `Bearer ${session}`, Origin: ORIGIN });
const redeem = (code: string, headers?: HeadersInit) =>
  post('/links/redeem', JSON.stringify({ code }), headers);
const errorOf = async (response: Response) => ((await response.json()) as ErrorBody).error;

async function linkTo(session: string): Promise<{ code: string; expires_at: string }> {
  const response = await post('/links', undefined, bearer(session));
  expect(response.status).toBe(201);
  expect(response.headers.get('Cache-Control')).toBe('no-store');
  return response.json();
}

/** Headers of requests that no page of ours has sent. */
const STRANGERS: Record<string, string>[] = [
  {},
  { Origin: 'https://evil.example' },
  { 'Sec-Fetch-Site': 'same-origin' },
];

/** What its object still has: values, and the alarm. */
const leftOf = (code: string) =>
  runInDurableObject<DeviceLink, unknown[]>(LINKS.getByName(code), async (_, ctx) => [
    ...ctx.storage.kv.list(),
    ...[await ctx.storage.getAlarm()].filter((alarm) => alarm !== null),
  ]);

afterEach(() => {
  vi.useRealTimers();
});

describe('a link to another device', () => {
  it('carries the session once: the other device is in it, the code is worth nothing any more', async () => {
    const session = await StreamClient.create();
    const { code, expires_at } = await linkTo(session);
    expect(isCode(code)).toBe(true);
    expect(code).not.toContain(session);
    const lives = Date.parse(expires_at) - Date.now();
    expect(lives).toBeGreaterThan(590_000);
    expect(lives).toBeLessThanOrEqual(600_000);

    const response = await redeem(code);
    expect(response.status).toBe(200);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(await response.json()).toEqual({ session_id: session });
    const phone = await SocketClient.open(session);
    expect((await phone.next('session')).session_id).toBe(session);

    const again = await redeem(code);
    expect(again.status).toBe(404);
    expect(await errorOf(again)).toMatchObject({ code: 'not_found' });
    expect(await leftOf(code)).toEqual([]);
  });

  it('whatever races, exactly one gets it', async () => {
    const { code } = await linkTo(await StreamClient.create());
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(code)));
    expect(answers.map((one) => one.status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 404)]);
  });

  it('two links of one session are two codes, each for itself', async () => {
    const session = await StreamClient.create();
    const [one, two] = [await linkTo(session), await linkTo(session)];
    expect(one.code).not.toBe(two.code);
    for (const { code } of [two, one])
      expect(await (await redeem(code)).json()).toEqual({ session_id: session });
  });

  it('after ten minutes it is over, also where the alarm comes late, and its object forgets it by itself', async () => {
    const session = await StreamClient.create();
    const [late, forgotten] = [await linkTo(session), await linkTo(session)];
    vi.useFakeTimers({ now: Date.parse(late.expires_at), toFake: ['Date'] });
    expect((await redeem(late.code)).status).toBe(404);
    expect(await leftOf(forgotten.code)).toHaveLength(2);
    expect(await runDurableObjectAlarm(LINKS.getByName(forgotten.code))).toBe(true);
    expect(await leftOf(forgotten.code)).toEqual([]);
    expect((await redeem(forgotten.code)).status).toBe(404);
  });

  it('to a session that was deleted meanwhile leads nowhere', async () => {
    const session = await StreamClient.create();
    const { code } = await linkTo(session);
    await env.SESSIONS.get(env.SESSIONS.idFromString(session)).destroy();
    expect((await redeem(code)).status).toBe(404);
  });
});

describe('who gets no link', () => {
  it.each([undefined, 'Bearer', `Bearer ${'0'.repeat(64)}`, 'Basic x'])(
    '%j is 404',
    async (authorization) => {
      const headers: Record<string, string> = { Origin: ORIGIN };
      if (authorization !== undefined) headers.Authorization = authorization;
      const response = await post('/links', undefined, headers);
      expect(response.status).toBe(404);
      expect(await errorOf(response)).toMatchObject({ code: 'not_found' });
    },
  );

  it('an id that was minted but never made a session is 404', async () => {
    const response = await post('/links', undefined, bearer(env.SESSIONS.newUniqueId().toString()));
    expect(response.status).toBe(404);
  });

  it.each(STRANGERS)('from %j it is 403, and the code is still good', async (headers) => {
    const session = await StreamClient.create();
    const { code } = await linkTo(session);
    const made = await post('/links', undefined, { Authorization: `Bearer ${session}`, ...headers });
    for (const response of [made, await redeem(code, headers)]) {
      expect(response.status).toBe(403);
      expect(await errorOf(response)).toMatchObject({ code: 'origin_refused' });
    }
    expect((await redeem(code)).status).toBe(200);
  });

  it.each(['', 'code', '[]', '{}', '{"code": 7}', '{"code": null}', `{"code": "${'x'.repeat(2_000)}"}`])(
    'a body %j is 400',
    async (body) => {
      const response = await post('/links/redeem', body);
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatchObject({ code: 'bad_frame' });
    },
  );

  it.each(['', 'x', '../x', 'ü'.repeat(24), 'x'.repeat(24)])(
    'a code %j that was never made is 404',
    async (code) => {
      expect((await redeem(code)).status).toBe(404);
      if (!isCode(code)) expect(await listDurableObjectIds(LINKS)).not.toContainEqual(LINKS.idFromName(code));
    },
  );
});
