import { describe, expect, it } from 'vitest';
import {
  type Derive,
  derive,
  formatPassphrase,
  hashPassphrase,
  MOST_ITERATIONS,
  type Passphrase,
  readPassphrases,
  verifyPassphrase,
} from './passphrase.ts';

const SALT = new Uint8Array(16).fill(7);

/** An entry that is quick to verify. */
async function entry(name: string, text: string, salt = SALT): Promise<Passphrase> {
  const hash = Buffer.from(await derive(text, salt, 10)).toString('base64url');
  return { name, iterations: 10, salt: Buffer.from(salt).toString('base64url'), hash };
}

describe('the hash', () => {
  it('is PBKDF2-HMAC-SHA-256 (a vector of RFC 7914, 11)', async () => {
    const salt = new TextEncoder().encode('NaCl');
    const expected = '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56';
    expect(Buffer.from(await derive('Password', salt, 80_000)).toString('hex')).toBe(expected);
  });

  it('with as many iterations as workerd allows, and not the text', async () => {
    const made = await hashPassphrase('alice', 'correct horse', SALT);
    expect(made).toMatchObject({ name: 'alice', iterations: MOST_ITERATIONS });
    expect(formatPassphrase(made)).toMatch(/^alice:pbkdf2-sha256\$100000\$[\w-]{22}\$[\w-]{43}$/);
    expect(await verifyPassphrase('correct horse', [made])).toBe('alice');
  });

  it('another keyboard writes the same letters in another way', async () => {
    expect(await verifyPassphrase('zu\u0308rich', [await entry('a', 'z\u00fcrich')])).toBe('a');
  });
});

describe('whose it is', () => {
  it('each by their own, nobody by another', async () => {
    const all = [await entry('alice', 'one'), await entry('bob', 'two', new Uint8Array(16).fill(8))];
    expect(await verifyPassphrase('one', all)).toBe('alice');
    expect(await verifyPassphrase('two', all)).toBe('bob');
    for (const wrong of ['', 'One', 'one ', 'three']) expect(await verifyPassphrase(wrong, all)).toBeNull();
    expect(await verifyPassphrase('one', [])).toBeNull();
  });

  it('the work is the same for the first, the last and nobody', async () => {
    const all = await Promise.all(['a', 'b', 'c'].map((name) => entry(name, `pass ${name}`)));
    for (const text of ['pass a', 'pass c', 'nobody']) {
      const done: number[] = [];
      const counted: Derive = (...args) => {
        done.push(args[2]);
        return derive(...args);
      };
      await verifyPassphrase(text, all, counted);
      expect(done).toEqual([10, 10, 10]);
    }
  });
});

describe('ACCESS_PASSPHRASES', () => {
  it('is separated by commas or line ends', async () => {
    const made = await Promise.all(['a', 'b', 'c'].map((name) => entry(name, name)));
    const [a, b, c] = made.map(formatPassphrase);
    for (const list of [`${a},${b},${c}`, `${a}\n${b}\r\n${c}\n`, ` ${a} , ${b},\n${c}`]) {
      expect(readPassphrases(list)).toEqual({ passphrases: made, faults: [] });
    }
  });

  it.each([
    ['more iterations than workerd allows', 'eve:pbkdf2-sha256$100001$c2FsdHNhbHQ$HASH'],
    ['none', 'eve:pbkdf2-sha256$0$c2FsdHNhbHQ$HASH'],
    ['a salt that is too short', 'eve:pbkdf2-sha256$1000$c2FsdA$HASH'],
    ['a hash that is cut', 'eve:pbkdf2-sha256$1000$c2FsdHNhbHQ$c2hvcnQ'],
    ['a part that is missing', 'eve:pbkdf2-sha256$1000$HASH'],
  ])('%s: told by its name and left out, the others stay', async (_what, faulty) => {
    const good = await entry('alice', 'one');
    const list = `${faulty.replace('HASH', good.hash)},${formatPassphrase(good)}`;
    const { passphrases, faults } = readPassphrases(list);
    expect(passphrases).toEqual([good]);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('eve');
  });

  it.each(['hunter2', 'eve:hunter2', 'eve:bcrypt$hunter2'])(
    '%s may be the passphrase itself: it is told by its place, and nothing of it',
    (text) => {
      const { passphrases, faults } = readPassphrases(text);
      expect(passphrases).toEqual([]);
      expect(faults.join()).toContain('entry 1');
      expect(faults.join()).not.toMatch(/eve|hunter2/);
    },
  );

  it('of two with one name the first counts', async () => {
    const [first, second] = [await entry('alice', 'one'), await entry('alice', 'two')];
    const { passphrases, faults } = readPassphrases([first, second].map(formatPassphrase).join());
    expect(passphrases).toEqual([first]);
    expect(faults.join()).toContain('alice');
  });
});
