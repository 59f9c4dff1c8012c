import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { type Door, doorOf } from './door.ts';

const ENTRY = `alice:pbkdf2-sha256$1000$c2FsdHNhbHQ$${'A'.repeat(43)}`;
const TEAM = { ACCESS_MODE: 'cloudflare-access', CF_ACCESS_TEAM_DOMAIN: 'team.cloudflareaccess.com' };
const OPEN = {
  ACCESS_MODE: 'open',
  TURNSTILE_SITE_KEY: '0x4AAAAAAAsite',
  TURNSTILE_SECRET_KEY: '0x4AAAAAAAsecret',
  DAILY_BUDGET_USD: '5',
};

const door = (settings: Record<string, string>): Door => doorOf(readConfig(settings));
function whyClosed(settings: Record<string, string>): string {
  const found = door(settings);
  return found.mode === 'closed' ? found.message : `not closed: ${found.mode}`;
}

describe('complete', () => {
  it('LOCAL without a mode is free (CMD6)', () => {
    expect(door({ LOCAL: 'true' })).toEqual({ mode: 'local' });
  });

  it.each(['', 'true'])('the modes, with LOCAL=%j', (LOCAL) => {
    expect(door({ LOCAL, ACCESS_MODE: 'password', ACCESS_PASSPHRASES: ENTRY })).toMatchObject({
      mode: 'password',
      passphrases: [{ name: 'alice' }],
    });
    expect(door({ LOCAL, ...TEAM, CF_ACCESS_AUD: 'tag' })).toEqual({
      mode: 'cloudflare-access',
      issuer: 'https://team.cloudflareaccess.com',
      audience: 'tag',
      certsUrl: 'https://team.cloudflareaccess.com/cdn-cgi/access/certs',
    });
    expect(door({ LOCAL, ...OPEN })).toMatchObject({ mode: 'open', siteKey: OPEN.TURNSTILE_SITE_KEY });
    expect(door({ LOCAL, ...OPEN, ACCESS_MODE: 'Open' })).toMatchObject({ mode: 'open' });
  });

  it.each(['https://Team.cloudflareaccess.com/', 'team.cloudflareaccess.com'])(
    'the domain of a team, pasted as %s',
    (CF_ACCESS_TEAM_DOMAIN) => {
      expect(door({ ...TEAM, CF_ACCESS_TEAM_DOMAIN, CF_ACCESS_AUD: 'tag' })).toMatchObject({
        issuer: 'https://team.cloudflareaccess.com',
      });
    },
  );
});

describe('closed, with what to set', () => {
  it.each([
    ['no mode', {}, ['ACCESS_MODE', 'password']],
    ['a mode that is none', { ACCESS_MODE: 'pasword' }, ['ACCESS_MODE']],
    ['no passphrases', { ACCESS_MODE: 'password' }, ['ACCESS_PASSPHRASES', 'npm run passphrase']],
    [
      'no passphrase left',
      { ACCESS_MODE: 'password', ACCESS_PASSPHRASES: 'hunter2' },
      ['ACCESS_PASSPHRASES', 'npm run passphrase'],
    ],
    ['no team', { ...TEAM, CF_ACCESS_TEAM_DOMAIN: '' }, ['CF_ACCESS_TEAM_DOMAIN', 'CF_ACCESS_AUD']],
    ['no audience', TEAM, ['CF_ACCESS_AUD']],
    ['a team that is no domain', { ...TEAM, CF_ACCESS_TEAM_DOMAIN: 'my team' }, ['CF_ACCESS_TEAM_DOMAIN']],
    ['open without a cap', { ...OPEN, DAILY_BUDGET_USD: '' }, ['DAILY_BUDGET_USD']],
    ['open without a widget', { ...OPEN, TURNSTILE_SITE_KEY: '' }, ['TURNSTILE_SITE_KEY']],
    ['open without its secret', { ...OPEN, TURNSTILE_SECRET_KEY: '' }, ['TURNSTILE_SECRET_KEY']],
  ])('%s', (_what, settings, named) => {
    for (const name of named) expect(whyClosed(settings)).toContain(name);
    expect(whyClosed(settings)).not.toContain('hunter2');
  });

  it.each([
    ['TURNSTILE_SITE_KEY', '1x00000000000000000000AA'],
    ['TURNSTILE_SITE_KEY', '2x00000000000000000000AB'],
    ['TURNSTILE_SITE_KEY', '3x00000000000000000000FF'],
    ['TURNSTILE_SITE_KEY', '1x00000000000000000000BB'],
    ['TURNSTILE_SECRET_KEY', '1x0000000000000000000000000000000AA'],
    ['TURNSTILE_SECRET_KEY', '2x0000000000000000000000000000000AA'],
    ['TURNSTILE_SECRET_KEY', '3x0000000000000000000000000000000AA'],
  ])('Turnstile for tests in a deployment, %s=%s; not on this machine', (name, key) => {
    expect(whyClosed({ ...OPEN, [name]: key })).toContain(name);
    expect(door({ LOCAL: 'true', ...OPEN, [name]: key })).toMatchObject({ mode: 'open' });
  });

  it('a mode that is none lifts no rule on this machine either', () => {
    expect(whyClosed({ LOCAL: 'true', ACCESS_MODE: 'pasword' })).toContain('ACCESS_MODE');
  });
});
