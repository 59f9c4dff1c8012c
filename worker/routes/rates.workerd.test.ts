import { describe, expect, it } from 'vitest';
import { closedWith, Deployment, errorOf, HERE, PASSWORD, sessions } from '../testing/deployment.ts';

describe('how often an address may come in', () => {
  const set = { ...PASSWORD, CONNECTS_PER_MINUTE: '3', SESSIONS_PER_HOUR: '2' };

  it('sessions: two are fine, the third is 4429 or 429, another address is not concerned', async () => {
    const there = new Deployment(set);
    const cookie = await there.signIn({ passphrase: 'open sesame' });
    await (await there.open(cookie)).next('session');
    expect((await there.post('/sessions', null, cookie)).status).toBe(201);
    const before = await sessions();
    const response = await there.post('/sessions', null, cookie);
    expect(response.status).toBe(429);
    const error = await errorOf(response);
    expect(error).toMatchObject({ code: 'rate_limited' });
    expect(error.message).toMatch(/sessions.* in \d+ minutes/);
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(3_500);
    await closedWith(await there.open(cookie), 4429);
    expect(await sessions()).toEqual(before);
    there.address = '192.0.2.1';
    await (await there.open(cookie)).next('session');
  });

  it('connections: three are fine, the fourth is told when; sockets and streams count together', async () => {
    const there = new Deployment(set);
    const cookie = await there.signIn({ passphrase: 'open sesame' });
    const { session_id } = await (await there.open(cookie)).next('session');
    const bearer = { ...cookie, Origin: HERE, Authorization: `Bearer ${session_id}` };
    await (await there.open(cookie, session_id)).next('session');
    const stream = await there.ask('/stream', { headers: bearer });
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
    await closedWith(await there.open(cookie, session_id), 4429);
    const refused = await there.ask('/stream', { headers: bearer });
    expect(refused.status).toBe(429);
    expect((await errorOf(refused)).retry_after_ms).toBeGreaterThan(0);
    // Frames of somebody who is in are no connections.
    const frame = await there.ask('/frames', { method: 'POST', headers: bearer, body: '{"type":"stop"}' });
    expect(frame.status).toBe(202);
  });

  it('links: each wakes an object of its own, so making and redeeming them count as connections', async () => {
    const there = new Deployment({ ...PASSWORD, CONNECTS_PER_MINUTE: '3' });
    const cookie = await there.signIn({ passphrase: 'open sesame' });
    const { session_id } = await (await there.open(cookie)).next('session');
    const headers = { ...cookie, Origin: HERE, Authorization: `Bearer ${session_id}` };
    const post = (path: string, body?: string) =>
      there.ask(path, { method: 'POST', headers, ...(body === undefined ? {} : { body }) });
    expect((await post('/links')).status).toBe(201);
    expect((await post('/links/redeem', '{"code":"AAAAAAAAAAAAAAAAAAAAAAAA"}')).status).toBe(404);
    expect((await post('/links')).status).toBe(429);
    expect((await post('/links/redeem', '{"code":"AAAAAAAAAAAAAAAAAAAAAAAA"}')).status).toBe(429);
  });

  it('another number in the settings counts at once', async () => {
    const strict = new Deployment({ ...PASSWORD, SESSIONS_PER_HOUR: '1' });
    const cookie = await strict.signIn({ passphrase: 'open sesame' });
    await (await strict.open(cookie)).next('session');
    await closedWith(await strict.open(cookie), 4429);
    const milder = new Deployment({ ...PASSWORD, SESSIONS_PER_HOUR: '2' });
    milder.address = strict.address;
    await (await milder.open(cookie)).next('session');
    await closedWith(await milder.open(cookie), 4429);
  });

  it('the gate of the platform stands before it', async () => {
    const gate = { limit: async () => ({ success: false }) };
    const there = new Deployment({ ...set, CONNECT_GATE: gate });
    await closedWith(await there.open(await there.signIn({ passphrase: 'open sesame' })), 4429);
  });
});
