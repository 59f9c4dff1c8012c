import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MOST_ITERATIONS, readPassphrases, verifyPassphrase } from '../worker/guard/passphrase.ts';
import { makePassphrase, PASSPHRASE_BYTES, weakness } from './passphrase-strength.ts';
import { ROOT } from './paths.ts';

function run(args: string[], input: string) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'scripts', 'passphrase.ts'), ...args],
    { input, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

describe('npm run passphrase', () => {
  it('makes an entry that the Worker reads, and shows nothing of a given passphrase', async () => {
    const { status, stdout, stderr } = run(['alice@example.com'], 'correct horse battery\n');
    expect(status).toBe(0);
    const { passphrases, faults } = readPassphrases(stdout);
    expect(faults).toEqual([]);
    expect(passphrases).toMatchObject([{ name: 'alice@example.com', iterations: MOST_ITERATIONS }]);
    expect(await verifyPassphrase('correct horse battery', passphrases)).toBe('alice@example.com');
    expect(stdout + stderr).not.toContain('horse');
  });

  it('makes a strong one where none is given, and shows it beside the entry', async () => {
    const [first, second] = [run(['bob'], ''), run(['bob'], '\n')];
    const made = /^ {2}(\S+)$/m.exec(first.stderr)?.[1] ?? '';
    expect(made).toMatch(/^([0-9a-z]{5}-){3}[0-9a-z]{5}$/);
    expect(await verifyPassphrase(made, readPassphrases(first.stdout).passphrases)).toBe('bob');
    expect(first.stdout).not.toContain(made);
    expect(second.stderr).not.toContain(made);
  });

  it.each([[[]], [['two', 'names']], [['a:b']], [['a,b']], [['x'.repeat(65)]], [['']]])(
    'with %j as a name it says how it is used',
    (args) => {
      const { status, stdout, stderr } = run(args, 'correct horse battery');
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toContain('NAME');
    },
  );

  it('refuses a passphrase that anybody guesses', () => {
    expect(run(['eve'], 'hunter2')).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('strength', () => {
  it.each([
    ['1234567', true],
    ['12345678', false],
    ['x'.repeat(14), false],
    ['x'.repeat(1_025), true],
  ])('%s: refused %s', (text, refused) => {
    expect(weakness(text)?.refused).toBe(refused);
  });

  it('fifteen characters are fine', () => {
    expect(weakness('x'.repeat(15))).toBeNull();
    expect(weakness('x'.repeat(1_024))).toBeNull();
  });

  it('each of 32 letters is as likely as another', () => {
    const all = Array.from({ length: 256 }, (_, byte) => byte);
    const letters = [...makePassphrase(new Uint8Array(all)).replaceAll('-', '')];
    const counts = Map.groupBy(letters, (letter) => letter);
    expect([...counts.values()].map((same) => same.length)).toEqual(Array(32).fill(8));
    expect(PASSPHRASE_BYTES * 5).toBeGreaterThanOrEqual(100);
  });
});
