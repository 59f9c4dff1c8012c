import { describe, expect, it } from 'vitest';
import { type House, whoAsks } from './caller.ts';
import { type Claims, signCookie } from './cookie.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const NOTHING = { cookie: undefined, token: null };
const house = (door: House['door']): House => ({ door, signInSecret: '', teamKeys: null });

const PASSWORD = house({
  mode: 'password',
  passphrases: [{ name: 'alice', iterations: 1, salt: 'salt', hash: 'hash' }],
});
const OPEN = house({ mode: 'open', siteKey: 'site', secretKey: 'secret', verifyUrl: 'https://v' });

async function cookieOf(where: House, claims: Pick<Claims, 'who' | 'mode'>): Promise<string> {
  return (await signCookie({ ...claims, expires: NOW + 1 }, where)) ?? '';
}

describe('who asks', () => {
  it('on this machine nobody signs in', async () => {
    expect(await whoAsks(NOTHING, house({ mode: 'local' }), NOW)).toEqual({
      ok: true,
      who: null,
      name: null,
      pass: null,
    });
  });

  it('where it is closed nobody is in, whatever is shown', async () => {
    const cookie = await cookieOf(PASSWORD, { who: 'alice', mode: 'password' });
    const closed = house({ mode: 'closed', message: 'Set ACCESS_MODE.' });
    expect(await whoAsks({ cookie, token: 'x' }, closed, NOW)).toEqual({
      ok: false,
      message: 'Set ACCESS_MODE.',
    });
  });

  it('a person with a passphrase has a name, a visitor has none', async () => {
    const alice = await cookieOf(PASSWORD, { who: 'alice', mode: 'password' });
    const visitor = await cookieOf(OPEN, { who: 'r4nd0m', mode: 'open' });
    expect(await whoAsks({ cookie: alice, token: null }, PASSWORD, NOW)).toEqual({
      ok: true,
      who: 'password:alice',
      name: 'alice',
      pass: { until: NOW + 1, mark: expect.any(String) },
    });
    expect(await whoAsks({ cookie: visitor, token: null }, OPEN, NOW)).toEqual({
      ok: true,
      who: 'open:r4nd0m',
      name: null,
      pass: { until: NOW + 1, mark: expect.any(String) },
    });
  });

  it('over, or from another door, it is nobody', async () => {
    const alice = await cookieOf(PASSWORD, { who: 'alice', mode: 'password' });
    expect(await whoAsks({ cookie: alice, token: null }, PASSWORD, NOW + 1)).toMatchObject({ ok: false });
    expect(await whoAsks({ cookie: alice, token: null }, OPEN, NOW)).toMatchObject({ ok: false });
    expect(await whoAsks(NOTHING, OPEN, NOW)).toMatchObject({ ok: false });
  });

  it('at Cloudflare Access a cookie of ours is worth nothing', async () => {
    const access = house({
      mode: 'cloudflare-access',
      issuer: 'https://team.cloudflareaccess.com',
      audience: 'tag',
      certsUrl: 'https://team.cloudflareaccess.com/cdn-cgi/access/certs',
    });
    const cookie = await cookieOf(PASSWORD, { who: 'alice', mode: 'password' });
    expect(await whoAsks({ cookie, token: null }, access, NOW)).toMatchObject({ ok: false });
  });
});
