import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../worker/config.ts';
import { ROOT } from './paths.ts';
import { describeDoor, judgeSettings } from './settings-safety.ts';

const WRANGLER = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8');
const judge = (settings: Record<string, string>, wrangler = WRANGLER) =>
  judgeSettings(readConfig(settings), wrangler);

const OPEN = {
  ...{ ACCESS_MODE: 'open', DAILY_BUDGET_USD: '5' },
  ...{ TURNSTILE_SITE_KEY: '0x4AAAAAAAsite', TURNSTILE_SECRET_KEY: '0x4AAAAAAAsecret' },
};

describe('settings of a checkout', () => {
  test('nothing set: free here, closed in a deployment', () => {
    expect(judge({})).toEqual({ unsafe: [], wrong: [], advice: [] });
    expect(describeDoor(readConfig({}))).toMatch(
      /who sits at this machine; in a deployment nobody\. ACCESS_MODE/,
    );
  });

  test('open with its cap', () => {
    expect(judge(OPEN)).toEqual({ unsafe: [], wrong: [], advice: [] });
    expect(describeDoor(readConfig(OPEN))).toBe('open');
  });

  test('a mode that is not complete is wrong here, too', () => {
    const { DAILY_BUDGET_USD: _, ...uncapped } = OPEN;
    expect(judge(uncapped).wrong).toEqual([expect.stringContaining('DAILY_BUDGET_USD')]);
    expect(judge({ ACCESS_MODE: 'password' }).wrong).toEqual([expect.stringContaining('ACCESS_PASSPHRASES')]);
  });

  test("Turnstile's keys for tests serve here alone", () => {
    const settings = { ...OPEN, TURNSTILE_SITE_KEY: '1x00000000000000000000AA' };
    expect(judge(settings).wrong).toEqual([]);
    expect(describeDoor(readConfig(settings))).toMatch(/^with `npm start` open; in a deployment nobody/);
  });

  test('a mode without a limit gets advice', () => {
    const team = { CF_ACCESS_TEAM_DOMAIN: 'team.cloudflareaccess.com', CF_ACCESS_AUD: 'tag' };
    const { advice } = judge({ ACCESS_MODE: 'cloudflare-access', ...team });
    expect(advice).toEqual([expect.stringContaining('DAILY_BUDGET_USD')]);
  });
});

describe('wrangler.toml', () => {
  test.each([
    ['[vars]\nLOCAL = "true"', 'LOCAL'],
    ['[vars]\nSIMULATED = true', 'SIMULATED'],
    ['[env.prod.vars]\nLOCAL = true', 'LOCAL'],
    ['vars = { LOG_LEVEL = "DEBUG", LOCAL = true }', 'LOCAL'],
    ['[vars]\nANTHROPIC_API_KEY = "sk-ant-canary"', 'ANTHROPIC_API_KEY'],
    ['[vars]\nSIGN_IN_SECRET = "canary"', 'SIGN_IN_SECRET'],
    ['[vars]\nOPERATOR_TOKEN = "canary"', 'OPERATOR_TOKEN'],
  ])('%j is unsafe, and no value is told', (more, name) => {
    const { unsafe } = judge({}, `${WRANGLER}\n${more}\n`);
    expect(unsafe).toEqual([expect.stringContaining(name)]);
    expect(unsafe.join()).not.toContain('canary');
  });

  test.each(['[vars]\nLOG_LEVEL = "DEBUG"', '[vars]\nTURNSTILE_SITE_KEY = "0x4"', '# LOCAL = true'])(
    '%j is fine',
    (more) => {
      expect(judge({}, `${WRANGLER}\n${more}\n`).unsafe).toEqual([]);
    },
  );

  test('a binding that is missing, and a class that nothing creates', () => {
    expect(judge({}, WRANGLER.replace('HEALTH_CACHE', 'OTHER')).wrong).toEqual([
      expect.stringContaining('HEALTH_CACHE'),
    ]);
    expect(judge({}, WRANGLER.replace(/new_sqlite_classes = \["ChatSession"\]/, '')).wrong).toEqual([
      expect.stringContaining('ChatSession'),
    ]);
  });
});
