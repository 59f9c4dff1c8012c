import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatPassphrase } from '../guard/passphrase.ts';
import type { ChatSession } from '../session/chat-session.ts';
import { closedWith, Deployment, ENTRIES, errorOf, HERE, PASSWORD, sessions } from '../testing/deployment.ts';
import { stubOf } from '../testing/workerd-clients.ts';

const OPEN = {
  ACCESS_MODE: 'open',
  TURNSTILE_SITE_KEY: '0x4AAAAAAAsite',
  TURNSTILE_SECRET_KEY: '0x4AAAAAAAsecret',
  TURNSTILE_VERIFY_URL: 'https://verify.test/siteverify',
  DAILY_BUDGET_USD: '5',
};

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('password', () => {
  let there: Deployment;
  beforeEach(async () => {
    there = new Deployment(PASSWORD);
    // What one test has failed must not count in the next.
    const names = ['all', `address ${there.address}`];
    await runInDurableObject(env.ATTEMPTS.getByName('sign-in'), async (_, ctx) => {
      for (const name of names) ctx.storage.kv.delete(name);
    });
  });

  it('the right passphrase: a cookie that only our own pages send and no script reads', async () => {
    const response = await there.post('/sign-in', { passphrase: 'open sesame' });
    expect(response.status).toBe(204);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    const cookie = response.headers.get('Set-Cookie') ?? '';
    expect(cookie).toMatch(/^__Host-chatbox=[\w-]+\.[\w-]{43};/);
    const flags = cookie.split('; ').slice(1).sort();
    expect(flags).toEqual(['HttpOnly', 'Max-Age=2592000', 'Path=/', 'SameSite=Strict', 'Secure']);
    const headers = { Cookie: cookie.split(';')[0] ?? '' };
    expect(await there.access(headers)).toEqual({
      mode: 'password',
      signed_in: true,
      name: 'alice',
      turnstile_site_key: null,
      message: null,
      budget: null,
    });
  });

  it('SIGN_IN_DAYS: the cookie ends then, whatever the browser does with it', async () => {
    const day = 86_400_000;
    const start = Date.parse('2026-11-22T12:00:00Z');
    vi.useFakeTimers({ now: start, toFake: ['Date'] });
    const short = new Deployment({ ...PASSWORD, SIGN_IN_DAYS: '2' });
    const cookie = await short.signIn({ passphrase: 'open sesame' });
    vi.setSystemTime(start + 2 * day - 1);
    expect(await short.access(cookie)).toMatchObject({ signed_in: true });
    vi.setSystemTime(start + 2 * day);
    expect(await short.access(cookie)).toMatchObject({ signed_in: false, name: null });
  });

  it('a passphrase has no twin: control characters, which HMAC would pad away, are refused', async () => {
    const there = new Deployment(PASSWORD);
    for (const twin of ['open sesame\u0000', 'open sesame\u0000\u0000', '\u0007open sesame']) {
      const response = await there.post('/sign-in', { passphrase: twin });
      expect(response.status).toBe(400);
      expect(response.headers.get('Set-Cookie')).toBeNull();
    }
  });

  it('a wrong one: 401 without a cookie', async () => {
    const response = await there.post('/sign-in', { passphrase: 'sesame' });
    expect(response.status).toBe(401);
    expect(response.headers.get('Set-Cookie')).toBeNull();
    expect(await errorOf(response)).toMatchObject({ code: 'unauthorized' });
  });

  it.each([{ Origin: 'https://evil.example' }, { Origin: '' }, { Origin: 'null' }])(
    'from %j: 403, no cookie and no attempt, though the passphrase is right',
    async (headers) => {
      for (let i = 0; i < 11; i++) {
        const response = await there.post('/sign-in', { passphrase: 'open sesame' }, headers);
        expect(response.status).toBe(403);
        expect(response.headers.get('Set-Cookie')).toBeNull();
      }
      expect((await there.post('/sign-in', { passphrase: 'sesame' })).status).toBe(401);
      expect((await there.post('/sign-out', null, headers)).status).toBe(403);
    },
  );

  it.each([{}, { passphrase: 7 }, { turnstile_token: 'x' }, 'open sesame', null])(
    'with %j for a body: 400',
    async (body) => {
      const response = await there.ask('/sign-in', {
        method: 'POST',
        headers: { Origin: HERE },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(400);
    },
  );

  it('ten failures, then 429 with the time to wait, for the right passphrase too', async () => {
    for (let i = 0; i < 10; i++)
      expect((await there.post('/sign-in', { passphrase: `guess ${i}` })).status).toBe(401);
    const response = await there.post('/sign-in', { passphrase: 'open sesame' });
    expect(response.status).toBe(429);
    expect(response.headers.get('Set-Cookie')).toBeNull();
    const error = await errorOf(response);
    expect(error.code).toBe('rate_limited');
    expect(error.message).toMatch(/in 15 minutes|in 14 minutes/);
    expect(error.retry_after_ms).toBeGreaterThan(800_000);
    expect(Number(response.headers.get('Retry-After'))).toBe(Math.ceil((error.retry_after_ms ?? 0) / 1000));
    there.address = '192.0.2.77';
    await there.signIn({ passphrase: 'open sesame' });
  });

  it('all addresses of an IPv6 /64 count as one', async () => {
    for (let i = 0; i < 10; i++) {
      there.address = `2001:db8:0:64::${i + 1}`;
      expect((await there.post('/sign-in', { passphrase: 'guess' })).status).toBe(401);
    }
    there.address = '2001:db8:0:64:ffff::1';
    expect((await there.post('/sign-in', { passphrase: 'guess' })).status).toBe(429);
    there.address = '2001:db8:0:65::1';
    expect((await there.post('/sign-in', { passphrase: 'guess' })).status).toBe(401);
  });

  it('where attempts cannot be counted, nobody is let in', async () => {
    const broken = {
      ...env.ATTEMPTS,
      getByName: () => ({ signIn: () => Promise.reject(new Error('gone')) }),
    };
    const closed = new Deployment({ ...PASSWORD, ATTEMPTS: broken });
    const response = await closed.post('/sign-in', { passphrase: 'open sesame' });
    expect(response.status).toBe(500);
    expect(response.headers.get('Set-Cookie')).toBeNull();
  });

  it('signing out takes the cookie away', async () => {
    const response = await there.post('/sign-out', null, await there.signIn({ passphrase: 'open sesame' }));
    expect(response.status).toBe(204);
    expect(response.headers.get('Set-Cookie')).toMatch(/^__Host-chatbox=; Max-Age=0;/);
  });

  it('a passphrase that was taken away ends its sign-in, the other one stays', async () => {
    const [alice, bob] = [
      await there.signIn({ passphrase: 'open sesame' }),
      await there.signIn({ passphrase: 'shut sesame' }),
    ];
    const later = new Deployment({ ...PASSWORD, ACCESS_PASSPHRASES: formatPassphrase(ENTRIES[1]!) });
    expect(await later.access(alice)).toMatchObject({ signed_in: false });
    expect(await later.access(bob)).toMatchObject({ signed_in: true, name: 'bob' });
  });

  it('4401 for who is not signed in, and no object is made for them', async () => {
    const before = await sessions();
    for (const cookie of ['', '__Host-chatbox=forged.forged', 'chatbox=x']) {
      await closedWith(await there.open({ Cookie: cookie }), 4401);
    }
    expect(await sessions()).toEqual(before);
  });

  it('401 over HTTP for everything of a session; what everybody may see stays open', async () => {
    const cookie = await there.signIn({ passphrase: 'open sesame' });
    const { session_id } = (await (await there.post('/sessions', null, cookie)).json()) as {
      session_id: string;
    };
    const before = await sessions();
    const bearer = { Authorization: `Bearer ${session_id}`, Origin: HERE };
    const strangers: [string, string][] = [
      ['POST', '/sessions'],
      ['DELETE', '/sessions'],
      ['POST', '/frames'],
      ['GET', '/stream'],
      ['GET', '/conversations'],
      ['GET', '/conversations/x'],
      ['GET', '/conversations/x?format=json'],
      ['DELETE', '/conversations/x'],
      ['POST', '/links'],
      ['POST', '/links/redeem'],
    ];
    for (const [method, path] of strangers) {
      const response = await there.ask(path, { method, headers: bearer });
      expect(response.status, `${method} ${path}`).toBe(401);
      expect(await errorOf(response)).toMatchObject({ code: 'unauthorized' });
    }
    expect(await sessions()).toEqual(before);
    for (const path of ['/models', '/health', '/access']) expect((await there.ask(path)).status).toBe(200);
    const mine = await there.ask('/conversations', { headers: { ...bearer, ...cookie } });
    expect(mine.status).toBe(200);
    expect(
      (await there.ask('/sessions', { method: 'DELETE', headers: { ...bearer, ...cookie } })).status,
    ).toBe(204);
  });

  it('who it is goes with the socket, through hibernation', async () => {
    const cookie = await there.signIn({ passphrase: 'open sesame' });
    const client = await there.open(cookie);
    const { session_id } = await client.next('session');
    const kept = await runInDurableObject<ChatSession, unknown[]>(stubOf(session_id), async (_, ctx) =>
      ctx.getWebSockets().map((socket) => socket.deserializeAttachment()),
    );
    expect(kept).toMatchObject([
      { visitor: { who: 'password:alice', address: there.address, pass: { until: expect.any(Number) } } },
    ]);
  });

  it('an open socket is sent away with its next frame when its sign-in has ended, and what it said is not heard', async () => {
    const day = 86_400_000;
    const settings = (more: object) => Object.assign({}, env, { LOCAL: '' }, PASSWORD, more);
    const withoutAlice = { ACCESS_PASSPHRASES: formatPassphrase(ENTRIES[1]!) };
    const ends: [string, object, number, number | null][] = [
      ['still in', {}, 30 * day - 60_000, null],
      ['over', {}, 30 * day, 4401],
      ['the passphrase was taken away', withoutAlice, 0, 4401],
    ];
    for (const [what, more, later, code] of ends) {
      const client = await there.open(await there.signIn({ passphrase: 'open sesame' }));
      const { session_id } = await client.next('session');
      // The object as it is after a deployment with these settings.
      await runInDurableObject(stubOf(session_id), (session) => {
        Reflect.set(session, 'env', settings(more));
      });
      vi.useFakeTimers({ now: Date.now() + later, toFake: ['Date'] });
      client.send({ type: 'model_change', model: 'claude-sonnet-5-5' });
      if (code === null) await client.next('model_changed');
      else await vi.waitFor(() => expect(client.closed, what).toMatchObject({ code }));
      expect(client.of('model_changed')).toHaveLength(code === null ? 1 : 0);
      vi.useRealTimers();
    }
  });
});

describe('open', () => {
  /** Stands in for siteverify: tokens that are good, each once. */
  function siteverify(...good: string[]) {
    const asked: URLSearchParams[] = [];
    const real = globalThis.fetch;
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      if (String(input) !== OPEN.TURNSTILE_VERIFY_URL) return real(input, init);
      const form = new URLSearchParams(String(init?.body));
      asked.push(form);
      const at = good.indexOf(form.get('response') ?? '');
      if (at === -1) return Response.json({ success: false, 'error-codes': ['timeout-or-duplicate'] });
      good.splice(at, 1);
      return Response.json({ success: true, hostname: new URL(HERE).hostname, action: 'chat' });
    });
    return asked;
  }

  it('a visitor who is no robot gets a random id for a day; the token is good once', async () => {
    const asked = siteverify('good', 'also good');
    const there = new Deployment(OPEN);
    expect(await there.access()).toMatchObject({
      mode: 'open',
      signed_in: false,
      turnstile_site_key: OPEN.TURNSTILE_SITE_KEY,
    });
    const response = await there.post('/sign-in', { turnstile_token: 'good' });
    expect(response.status).toBe(204);
    expect(response.headers.get('Set-Cookie')).toContain('Max-Age=86400');
    expect(asked[0]?.get('secret')).toBe(OPEN.TURNSTILE_SECRET_KEY);
    expect(asked[0]?.get('remoteip')).toBe(there.address);
    expect((await there.post('/sign-in', { turnstile_token: 'good' })).status).toBe(401);

    const [first, second] = [
      { Cookie: (response.headers.get('Set-Cookie') ?? '').split(';')[0] ?? '' },
      await there.signIn({ turnstile_token: 'also good' }),
    ];
    expect(first.Cookie).not.toBe(second.Cookie);
    const access = await there.access(first);
    expect(access).toMatchObject({ signed_in: true, name: null, budget: { limit_usd: 5 } });
    expect(await there.access()).toMatchObject({ signed_in: false, budget: null });
    expect(JSON.stringify(access)).not.toContain(OPEN.TURNSTILE_SECRET_KEY);
    const client = await there.open(first);
    expect((await client.next('session')).type).toBe('session');
    client.leave();
  });

  it('without a cap it is closed: 4503, 503, and the reason', async () => {
    siteverify('good');
    const there = new Deployment({ ...OPEN, DAILY_BUDGET_USD: '' });
    await closedWith(await there.open(), 4503);
    for (const path of ['/sign-in', '/sessions', '/frames', '/links']) {
      const response = await there.post(path, { turnstile_token: 'good' });
      expect(response.status).toBe(503);
      expect(await errorOf(response)).toMatchObject({ code: 'not_configured' });
    }
    const access = await there.access();
    expect(access).toMatchObject({ mode: 'closed', signed_in: false, turnstile_site_key: null });
    expect(access.message).toContain('DAILY_BUDGET_USD');
  });
});

describe('cloudflare-access', () => {
  const ACCESS = {
    ACCESS_MODE: 'cloudflare-access',
    CF_ACCESS_TEAM_DOMAIN: 'team.cloudflareaccess.com',
    CF_ACCESS_AUD: 'our-tag',
    CF_ACCESS_CERTS_URL: 'https://certs.test/keys',
  };

  it('a token of the team is a person, in many requests at once; anything else is 4401', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const keys = [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' }];
    const real = globalThis.fetch;
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) =>
      String(input) === ACCESS.CF_ACCESS_CERTS_URL ? Response.json({ keys }) : real(input, init),
    );
    const there = new Deployment(ACCESS);
    const token = (audience: string) =>
      new SignJWT({ email: 'alice@example.com' })
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setIssuer('https://team.cloudflareaccess.com')
        .setAudience(audience)
        .setExpirationTime('1m')
        .sign(privateKey);
    const shown = { 'Cf-Access-Jwt-Assertion': await token('our-tag') };
    const many = await Promise.all(Array.from({ length: 5 }, () => there.access(shown)));
    for (const access of many) {
      expect(access).toMatchObject({ mode: 'cloudflare-access', signed_in: true, name: 'alice@example.com' });
    }
    await (await there.open(shown)).next('session');
    const wrong = { 'Cf-Access-Jwt-Assertion': await token('their-tag') };
    await closedWith(await there.open(wrong), 4401);
    await closedWith(await there.open(), 4401);
    expect((await there.post('/sign-in', { passphrase: 'x' })).status).toBe(400);
  });
});

it('not set: closed, and it says what to set', async () => {
  const there = new Deployment({});
  await closedWith(await there.open(), 4503);
  expect(await there.access()).toMatchObject({ mode: 'closed', signed_in: false });
  expect((await there.access()).message).toContain('ACCESS_MODE');
  expect((await there.ask('/conversations')).status).toBe(503);
});
