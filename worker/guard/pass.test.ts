import { describe, expect, it } from 'vitest';
import type { Door } from './door.ts';
import { isStillIn, passFor } from './pass.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const entry = (name: string, hash: string) => ({ name, iterations: 1, salt: 'salt', hash });
const house = (door: Door, signInSecret = '') => ({ door, signInSecret });
const PASSWORD = house({ mode: 'password', passphrases: [entry('alice', 'a'), entry('bob', 'b')] });
const OPEN = house({ mode: 'open', siteKey: 'site', secretKey: 'secret', verifyUrl: 'https://v' });
const TEAM = house({
  mode: 'cloudflare-access',
  issuer: 'https://team.cloudflareaccess.com',
  audience: 'tag',
  certsUrl: 'https://certs',
});

function visitor(who: string, where: typeof PASSWORD) {
  return { who, pass: passFor(who, NOW + 1_000, where) ?? undefined };
}

describe('who is still in', () => {
  it.each([
    ['password:alice', PASSWORD],
    ['open:r4nd0m', OPEN],
    ['cloudflare-access:alice@example.com', TEAM],
  ])('%s until the sign-in is over', (who, where) => {
    expect(isStillIn(visitor(who, where), where, NOW + 999)).toBe(true);
    expect(isStillIn(visitor(who, where), where, NOW + 1_000)).toBe(false);
    for (const other of [PASSWORD, OPEN, TEAM].filter((one) => one !== where)) {
      expect(isStillIn(visitor(who, where), other, NOW)).toBe(false);
    }
  });

  it('a passphrase that was changed or taken away ends it for its person alone', () => {
    const [alice, bob] = [visitor('password:alice', PASSWORD), visitor('password:bob', PASSWORD)];
    for (const passphrases of [[entry('alice', 'new'), entry('bob', 'b')], [entry('bob', 'b')]]) {
      const later = house({ mode: 'password', passphrases });
      expect(isStillIn(alice, later, NOW)).toBe(false);
      expect(isStillIn(bob, later, NOW)).toBe(true);
    }
    expect(isStillIn(bob, { ...PASSWORD, signInSecret: 'another' }, NOW)).toBe(false);
  });

  it('nobody where it is closed; everybody where nobody signs in', () => {
    const alice = visitor('password:alice', PASSWORD);
    expect(isStillIn(alice, house({ mode: 'closed', message: '' }), NOW)).toBe(false);
    expect(isStillIn({ who: 'session:x' }, house({ mode: 'local' }), NOW)).toBe(true);
  });

  it('without a pass nobody', () => {
    for (const where of [PASSWORD, OPEN, TEAM]) {
      expect(isStillIn({ who: 'session:x' }, where, NOW)).toBe(false);
      expect(isStillIn({ who: 'password:alice' }, where, NOW)).toBe(false);
    }
    expect(passFor('password:eve', NOW, PASSWORD)).toBeNull();
  });

  it('a pass holds nothing of a hash', () => {
    const long = house({ mode: 'password', passphrases: [entry('alice', 'h'.repeat(43))] });
    expect(JSON.stringify(passFor('password:alice', NOW, long))).not.toContain('hhh');
  });
});
