import { describe, expect, test } from 'vitest';
import { readPassphrases, verifyPassphrase } from '../worker/guard/passphrase.ts';
import { answersWithoutTerminal, askForMissing, withSignInSecret } from './deployment-questions.ts';
import type { Terminal } from './terminal.ts';

const random = (bytes: number) => new Uint8Array(bytes).fill(7);

/** Answers in this order. What was asked is in `asked`, a `*` before what is not shown. */
function aPerson(answers: string[]) {
  const asked: string[] = [];
  const said: string[] = [];
  const answer = (question: string) => {
    asked.push(question);
    const next = answers.shift();
    if (next === undefined) throw new Error(`Nobody expected: ${question}`);
    return Promise.resolve(next);
  };
  const terminal: Terminal = {
    say: (line) => void said.push(line),
    ask: answer,
    askSecret: (question) => answer(`*${question}`),
  };
  return { terminal, asked, said, left: answers };
}

const NOTHING: ReadonlySet<string> = new Set();
const verify = (entry: string | undefined, text: string) =>
  verifyPassphrase(text, readPassphrases(entry ?? '').passphrases);

describe('on a terminal', () => {
  test('password: the key and the passphrase are not shown; a limit is asked for', async () => {
    const secret = 'correct horse battery';
    const person = aPerson(['sk-ant-1', '1', 'alice', secret, secret, '5']);
    const { settings, passphrase } = await askForMissing(person.terminal, NOTHING, {}, null, random);
    const { ACCESS_PASSPHRASES: entry, ...rest } = settings;
    expect(rest).toEqual({ ANTHROPIC_API_KEY: 'sk-ant-1', ACCESS_MODE: 'password', DAILY_BUDGET_USD: '5' });
    expect(await verify(entry, secret)).toBe('alice');
    expect(passphrase).toBe(secret);
    expect(person.asked.filter((question) => question.startsWith('*'))).toHaveLength(3);
    expect(person.said.join()).not.toContain(secret);
  });

  test('an empty passphrase: one is made and shown once; a weak or mistyped one is asked for again', async () => {
    const made = aPerson(['', '1', 'bob', '', '']);
    const { settings, passphrase } = await askForMissing(made.terminal, NOTHING, {}, null, random);
    expect(made.said.filter((line) => line.includes(passphrase ?? '?'))).toHaveLength(1);
    expect(await verify(settings.ACCESS_PASSPHRASES, passphrase ?? '')).toBe('bob');

    const slips = aPerson([
      '',
      'password',
      'two words',
      'bob',
      'hunter2',
      'long enough one',
      'long enough two',
      '',
      '',
    ]);
    await askForMissing(slips.terminal, NOTHING, {}, null, random);
    expect(slips.left).toEqual([]);
  });

  test('open: the cap is asked for with the widget, once, and until it is an amount', async () => {
    const person = aPerson(['', '3', '0x4site', '0x4secret', 'much', '2.5']);
    const { settings } = await askForMissing(person.terminal, NOTHING, {}, null, random);
    expect(settings).toEqual({
      ...{ ACCESS_MODE: 'open', TURNSTILE_SITE_KEY: '0x4site', TURNSTILE_SECRET_KEY: '0x4secret' },
      DAILY_BUDGET_USD: '2.5',
    });
    expect(person.left).toEqual([]);
  });

  test('what the deployment has, or the environment gives, is not asked for', async () => {
    const has = new Set(['ANTHROPIC_API_KEY', 'ACCESS_MODE', 'DAILY_BUDGET_USD']);
    const given = { LOG_LEVEL: 'DEBUG' };
    expect(await askForMissing(aPerson([]).terminal, has, given, null, random)).toEqual({
      settings: given,
      passphrase: null,
    });
    const person = aPerson(['tag']);
    const access = { ACCESS_MODE: 'cloudflare-access', CF_ACCESS_TEAM_DOMAIN: 'team.cloudflareaccess.com' };
    const { settings } = await askForMissing(person.terminal, has, access, null, random);
    expect(settings.CF_ACCESS_AUD).toBe('tag');
  });

  test('a variable of the deployment says its mode', async () => {
    const person = aPerson(['carol', 'correct horse battery', 'correct horse battery', '']);
    const has = new Set(['ANTHROPIC_API_KEY', 'ACCESS_MODE']);
    const { settings } = await askForMissing(person.terminal, has, {}, 'password', random);
    expect(Object.keys(settings)).toEqual(['ACCESS_PASSPHRASES']);
  });

  test('who answers nothing leaves it closed', async () => {
    const { settings } = await askForMissing(aPerson(['', '', '']).terminal, NOTHING, {}, null, random);
    expect(settings).toEqual({});
  });
});

describe('without a terminal', () => {
  test('a passphrase beside the mode becomes an entry of the owner', async () => {
    const given = { ACCESS_MODE: 'password' };
    const { settings } = await answersWithoutTerminal(NOTHING, given, 'correct horse battery', random);
    expect(await verify(settings.ACCESS_PASSPHRASES, 'correct horse battery')).toBe('owner');
  });

  test('one that anybody guesses is refused', async () => {
    const given = { ACCESS_MODE: 'password' };
    await expect(answersWithoutTerminal(NOTHING, given, 'hunter2', random)).rejects.toThrow(/characters/);
  });

  test('entries that are there stay', async () => {
    const given = { ACCESS_MODE: 'password' };
    const has = new Set(['ACCESS_PASSPHRASES']);
    const answers = await answersWithoutTerminal(has, given, 'correct horse battery', random);
    expect(answers).toEqual({ settings: given, passphrase: 'correct horse battery' });
  });
});

describe('the secret of the cookies', () => {
  test('is made when a way to sign in is set for the first time', () => {
    const { SIGN_IN_SECRET = '' } = withSignInSecret({ ACCESS_MODE: 'password' }, NOTHING, random);
    expect(Buffer.from(SIGN_IN_SECRET, 'base64url')).toHaveLength(32);
  });

  test.each<[string, Record<string, string>, string[]]>([
    ['it would end the sign-ins of today', { ACCESS_MODE: 'password' }, ['ACCESS_MODE']],
    ['there is one', { ACCESS_MODE: 'open' }, ['SIGN_IN_SECRET']],
    ['one is given', { ACCESS_MODE: 'open', SIGN_IN_SECRET: 'x'.repeat(32) }, []],
    ['Access needs none', { ACCESS_MODE: 'cloudflare-access' }, []],
    ['no mode is set', {}, []],
  ])('is left alone where %s', (_, settings, has) => {
    expect(withSignInSecret(settings, new Set(has), random)).toEqual(settings);
  });
});
