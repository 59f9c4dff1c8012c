import { base64url, type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { teamKeys, verifyAccessToken } from './access-token.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const SECONDS = NOW / 1000;
const DOOR = { issuer: 'https://team.cloudflareaccess.com', audience: 'our-tag' };
const CERTS = 'https://team.cloudflareaccess.com/cdn-cgi/access/certs';

const [first, second, ec] = await Promise.all([
  generateKeyPair('RS256', { extractable: true }),
  generateKeyPair('RS256', { extractable: true }),
  generateKeyPair('ES256', { extractable: true }),
]);
const jwk = async (key: CryptoKey, kid: string, alg = 'RS256') => ({ ...(await exportJWK(key)), kid, alg });

/** The team's endpoint; a test changes what it serves. */
let served: object[];
let fetched = 0;
let isDown = false;
const endpoint: typeof fetch = async (input) => {
  fetched += 1;
  if (isDown) throw new TypeError('connection lost');
  return String(input) === CERTS ? Response.json({ keys: served }) : new Response(null, { status: 404 });
};

beforeEach(async () => {
  served = [await jwk(first.publicKey, 'one')];
  fetched = 0;
  isDown = false;
});

type Change = { claims?: object; kid?: string; key?: CryptoKey; alg?: string };
const CLAIMS = {
  iss: DOOR.issuer,
  aud: [DOOR.audience],
  email: 'alice@example.com',
  iat: SECONDS,
  exp: SECONDS + 60,
};

function token({ claims = {}, kid = 'one', key = first.privateKey, alg = 'RS256' }: Change = {}) {
  return new SignJWT({ ...CLAIMS, ...claims }).setProtectedHeader({ alg, kid }).sign(key);
}

const verify = (text: string | null, keys = teamKeys(CERTS, endpoint), now = NOW) =>
  verifyAccessToken(text, DOOR, keys, now);

describe('who it is', () => {
  it('a person by the e-mail address', async () => {
    expect(await verify(await token())).toEqual({
      ok: true,
      who: 'alice@example.com',
      until: NOW + 60_000,
    });
  });

  it('a service token by its common name', async () => {
    const claims = { email: undefined, common_name: 'ci.access', sub: '' };
    expect(await verify(await token({ claims }))).toMatchObject({ ok: true, who: 'ci.access' });
  });

  it.each([{ email: '' }, { email: undefined }, { email: 7 }])('nobody with %j', async (claims) => {
    expect(await verify(await token({ claims }))).toEqual({ ok: false, reason: 'wrong' });
  });

  it.each([null, ''])('nobody without a token (%j)', async (text) => {
    expect(await verify(text)).toEqual({ ok: false, reason: 'missing' });
  });
});

describe('what is wrong', () => {
  it.each<[string, Change]>([
    ['another issuer', { claims: { iss: 'https://evil.cloudflareaccess.com' } }],
    ['no issuer', { claims: { iss: undefined } }],
    ['another audience', { claims: { aud: ['their-tag'] } }],
    ['no audience', { claims: { aud: undefined } }],
    ['over', { claims: { exp: SECONDS - 1 } }],
    ['over at this second', { claims: { exp: SECONDS } }],
    ['without an end', { claims: { exp: undefined } }],
    ['not yet', { claims: { nbf: SECONDS + 60 } }],
    ['a key that the team does not have', { key: second.privateKey }],
    ['a key by another name', { kid: 'two' }],
  ])('%s', async (_what, change) => {
    expect(await verify(await token(change))).toEqual({ ok: false, reason: 'wrong' });
  });

  it('an algorithm that the token chose: none, a MAC with the public key, another curve', async () => {
    const payload = base64url.encode(JSON.stringify(CLAIMS));
    const none = `${base64url.encode('{"alg":"none"}')}.${payload}.`;
    const mac = await new SignJWT(CLAIMS)
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .sign(new TextEncoder().encode(JSON.stringify(served[0])));
    served.push(await jwk(ec.publicKey, 'ec', 'ES256'));
    const curve = await token({ key: ec.privateKey, kid: 'ec', alg: 'ES256' });
    for (const text of [none, mac, curve]) {
      expect(await verify(text)).toEqual({ ok: false, reason: 'wrong' });
    }
  });

  it('cut or changed anywhere', async () => {
    const whole = await token();
    const keys = teamKeys(CERTS, endpoint);
    for (let length = 0; length < whole.length; length += 7) {
      expect(await verify(whole.slice(0, length), keys), `${length} characters`).toMatchObject({ ok: false });
    }
    const [header, , signature] = whole.split('.');
    const forged = base64url.encode(JSON.stringify({ ...CLAIMS, email: 'eve@example.com' }));
    expect(await verify(`${header}.${forged}.${signature}`, keys)).toEqual({ ok: false, reason: 'wrong' });
  });
});

describe("the team's keys", () => {
  it('are fetched once for many', async () => {
    const keys = teamKeys(CERTS, endpoint);
    for (let i = 0; i < 5; i++) await verify(await token(), keys);
    expect(fetched).toBe(1);
  });

  it('rotate: a token with a new key has them fetched again, an old one is worth nothing any more', async () => {
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
    try {
      const keys = teamKeys(CERTS, endpoint);
      expect(await verify(await token(), keys)).toMatchObject({ ok: true });
      served = [await jwk(second.publicKey, 'two')];
      vi.setSystemTime(NOW + 31_000);
      const fresh = { iat: SECONDS + 31, exp: SECONDS + 91 };
      const rotated = await token({ kid: 'two', key: second.privateKey, claims: fresh });
      expect(await verify(rotated, keys, NOW + 31_000)).toMatchObject({ ok: true });
      expect(await verify(await token({ claims: fresh }), keys, NOW + 31_000)).toMatchObject({ ok: false });
      expect(fetched).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('cannot be had: nobody comes in, and it is told as what it is', async () => {
    isDown = true;
    expect(await verify(await token())).toEqual({ ok: false, reason: 'unreachable' });
    isDown = false;
    expect(await verify(await token(), teamKeys(`${CERTS}/elsewhere`, endpoint))).toEqual({
      ok: false,
      reason: 'unreachable',
    });
  });
});
