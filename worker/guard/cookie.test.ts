import { describe, expect, it } from 'vitest';
import { type Claims, cookieKind, type SigningSecrets, signCookie, verifyCookie } from './cookie.ts';
import type { Door } from './door.ts';
import type { Passphrase } from './passphrase.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const entry = (name: string, hash = `hash of ${name}`): Passphrase => ({
  name,
  iterations: 1,
  salt: 'salt',
  hash,
});
const password = (...passphrases: Passphrase[]): Door => ({ mode: 'password', passphrases });
const OPEN: Door = { mode: 'open', siteKey: 'site', secretKey: 'turnstile secret', verifyUrl: 'https://v' };
const HOUSE: SigningSecrets = { door: password(entry('alice'), entry('bob')), signInSecret: '' };
const claims = (more: Partial<Claims> = {}): Claims => ({
  who: 'alice',
  mode: 'password',
  expires: NOW + 1_000,
  ...more,
});

async function made(more: Partial<Claims> = {}, secrets = HOUSE): Promise<string> {
  const value = await signCookie(claims(more), secrets);
  if (value === null) throw new Error('not signed');
  return value;
}

describe('a cookie', () => {
  it('says who it is for until it is over', async () => {
    const value = await made();
    expect(await verifyCookie(value, HOUSE, NOW)).toEqual(claims());
    expect(await verifyCookie(value, HOUSE, NOW + 999)).toEqual(claims());
    expect(await verifyCookie(value, HOUSE, NOW + 1_000)).toBeNull();
  });

  it('fits into a header, and holds nothing of a passphrase or its hash', async () => {
    const value = await made();
    expect(value).toMatch(/^[\w-]+\.[\w-]{43}$/);
    expect(Buffer.from(value, 'base64url').toString()).not.toContain('hash');
  });

  it('is not signed for somebody whom the door does not know', async () => {
    expect(await signCookie(claims({ who: 'eve' }), HOUSE)).toBeNull();
    expect(await signCookie(claims({ mode: 'open' }), HOUSE)).toBeNull();
    expect(await signCookie(claims(), { door: { mode: 'local' }, signInSecret: 's' })).toBeNull();
  });

  it('cut anywhere, it is none', async () => {
    const value = await made();
    for (let length = 0; length < value.length; length += 1)
      expect(await verifyCookie(value.slice(0, length), HOUSE, NOW), `${length} characters`).toBeNull();
    expect(await verifyCookie(`${value}x`, HOUSE, NOW)).toBeNull();
    expect(await verifyCookie(undefined, HOUSE, NOW)).toBeNull();
  });

  it('with any bit changed, it is none', async () => {
    const [payload = '', signature = ''] = (await made()).split('.');
    for (const [index, part] of [payload, signature].entries()) {
      const bytes = Buffer.from(part, 'base64url');
      for (let at = 0; at < bytes.length; at += 1) {
        const forged = Buffer.from(bytes);
        forged.writeUInt8(forged.readUInt8(at) ^ 1, at);
        const text = forged.toString('base64url');
        const value = index === 0 ? `${text}.${signature}` : `${payload}.${text}`;
        expect(await verifyCookie(value, HOUSE, NOW), value).toBeNull();
      }
    }
  });

  it('with the payload of another and its own signature, it is none', async () => {
    const [, signature] = (await made()).split('.');
    for (const more of [{ who: 'bob' }, { expires: NOW + 9e9 }, { mode: 'open' as const }]) {
      const payload = Buffer.from(JSON.stringify(claims(more))).toString('base64url');
      expect(await verifyCookie(`${payload}.${signature}`, HOUSE, NOW)).toBeNull();
    }
  });

  it.each(['', 'null', '[]', '{"who":"alice"}', '{"who":1,"mode":"password","expires":9e15}'])(
    'with %j for a payload it is none',
    async (text) => {
      const payload = Buffer.from(text).toString('base64url');
      expect(await verifyCookie(`${payload}.${'A'.repeat(43)}`, HOUSE, NOW)).toBeNull();
    },
  );
});

describe('other keys', () => {
  it('a changed or removed passphrase ends its own cookies and no others', async () => {
    const [alice, bob] = [await made(), await made({ who: 'bob' })];
    for (const door of [password(entry('alice', 'another'), entry('bob')), password(entry('bob'))]) {
      expect(await verifyCookie(alice, { door, signInSecret: '' }, NOW)).toBeNull();
      expect(await verifyCookie(bob, { door, signInSecret: '' }, NOW)).not.toBeNull();
    }
  });

  it('the same with a SIGN_IN_SECRET, and another SIGN_IN_SECRET ends them all', async () => {
    const first = { ...HOUSE, signInSecret: 'one' };
    const [alice, bob] = [await made({}, first), await made({ who: 'bob' }, first)];
    const changed = { door: password(entry('alice', 'another'), entry('bob')), signInSecret: 'one' };
    expect(await verifyCookie(alice, first, NOW)).not.toBeNull();
    expect(await verifyCookie(alice, changed, NOW)).toBeNull();
    expect(await verifyCookie(bob, changed, NOW)).not.toBeNull();
    for (const signInSecret of ['two', '']) {
      expect(await verifyCookie(alice, { ...HOUSE, signInSecret }, NOW)).toBeNull();
      expect(await verifyCookie(bob, { ...HOUSE, signInSecret }, NOW)).toBeNull();
    }
  });

  it('the hash of one person signs for nobody else', async () => {
    const twins = { door: password(entry('alice', 'same'), entry('bob', 'same')), signInSecret: '' };
    const [payload, signature] = (await made({}, twins)).split('.');
    const forBob = Buffer.from(JSON.stringify(claims({ who: 'bob' }))).toString('base64url');
    expect(await verifyCookie(`${payload}.${signature}`, twins, NOW)).not.toBeNull();
    expect(await verifyCookie(`${forBob}.${signature}`, twins, NOW)).toBeNull();
  });

  it('in mode open: another secret of Turnstile ends all', async () => {
    const secrets = { door: OPEN, signInSecret: '' };
    const value = await made({ who: 'visitor', mode: 'open' }, secrets);
    expect(await verifyCookie(value, secrets, NOW)).toMatchObject({ who: 'visitor' });
    const other = { door: { ...OPEN, secretKey: 'another' }, signInSecret: '' };
    expect(await verifyCookie(value, other, NOW)).toBeNull();
    expect(await verifyCookie(value, HOUSE, NOW)).toBeNull();
  });
});

it('the name has the __Host- prefix wherever it can', () => {
  const [https, http] = [new URL('https://chat.example/'), new URL('http://localhost:8787/')];
  const host = { name: '__Host-chatbox', secure: true };
  expect(cookieKind(https, false)).toEqual(host);
  expect(cookieKind(https, true)).toEqual(host);
  expect(cookieKind(http, false)).toEqual(host);
  expect(cookieKind(http, true)).toEqual({ name: 'chatbox', secure: false });
});
