import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const direct = { ANTHROPIC_API_KEY: 'sk-ant-test' };
const ENTRY = `alice:pbkdf2-sha256$1000$c2FsdHNhbHQ$${'A'.repeat(43)}`;
const DAY = 86_400_000;

describe('who may come in, as set', () => {
  it.each([
    ['password', '', 30],
    ['cloudflare-access', '', 30],
    ['open', '', 1],
    ['open', '7', 7],
    ['password', '365', 365],
    ['password', '366', 30],
    ['password', '0', 30],
  ])('ACCESS_MODE=%s SIGN_IN_DAYS=%j: %d days', (ACCESS_MODE, SIGN_IN_DAYS, days) => {
    expect(readConfig({ ...direct, ACCESS_MODE, SIGN_IN_DAYS }).access.signInMs).toBe(days * DAY);
  });

  it('a faulty passphrase is told in the warnings, and the others count', () => {
    const { access, warnings } = readConfig({ ...direct, ACCESS_PASSPHRASES: `${ENTRY},hunter2` });
    expect(access.passphrases).toMatchObject([{ name: 'alice' }]);
    expect(warnings.join()).toMatch(/ACCESS_PASSPHRASES: entry 2/);
    expect(warnings.join()).not.toContain('hunter2');
  });

  it.each([
    ['ACCESS_MODE', 'everybody', 'until then nobody may come in'],
    ['SIGN_IN_SECRET', 'x'.repeat(31), 'at least 32 characters'],
    ['SIGN_IN_DAYS', '400', 'from 1 to 365'],
    ['CF_ACCESS_TEAM_DOMAIN', 'my team', 'team.cloudflareaccess.com'],
    ['CF_ACCESS_CERTS_URL', 'certs', 'https://'],
    ['TURNSTILE_VERIFY_URL', 'verify', 'https://'],
    ['CONNECTS_PER_MINUTE', '601', 'from 1 to 600'],
    ['SESSIONS_PER_HOUR', '0', 'from 1 to 1000'],
  ])('%s=%s is told by its name', (name, value, words) => {
    const { warnings } = readConfig({ ...direct, [name]: value });
    expect(warnings.filter((one) => one.startsWith(name)).join()).toContain(words);
  });

  it('a secret of 32 characters is taken, a shorter one is not', () => {
    const secret = 'x'.repeat(32);
    expect(readConfig({ ...direct, SIGN_IN_SECRET: secret }).access.signInSecret).toBe(secret);
    expect(readConfig({ ...direct, SIGN_IN_SECRET: 'x'.repeat(31) }).access.signInSecret).toBe('');
  });

  it('settings of Cloudflare Access for visitors are no left-overs of the home side', () => {
    const team = { CF_ACCESS_TEAM_DOMAIN: 'team.cloudflareaccess.com', CF_ACCESS_AUD: 'tag' };
    expect(readConfig({ ...direct, ...team }).warnings).toEqual([]);
  });
});
