import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const CLAUDE = { ANTHROPIC_API_KEY: 'sk-ant-test' };
const LOCAL = { ...CLAUDE, LOCAL: 'true' };

describe('spending limits', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['5', 5],
    ['0.50', 0.5],
    ['0', 0],
    ['1000000', 1_000_000],
  ])('DAILY_BUDGET_USD=%j: %j dollars a day', (DAILY_BUDGET_USD, deployment) => {
    for (const env of [CLAUDE, LOCAL]) {
      const { budgets, warnings } = readConfig({ ...env, DAILY_BUDGET_USD });
      expect(budgets).toEqual({ deployment, person: null, address: null });
      expect(warnings).toEqual([]);
    }
  });

  it.each(['five', '$5', '-1', '1000001', 'Infinity', 'NaN', '5,50'])(
    'an amount that cannot be read is no amount: with %j nothing is spent, and that is said',
    (wrong) => {
      const names = ['DAILY_BUDGET_USD', 'PERSON_DAILY_BUDGET_USD', 'ADDRESS_DAILY_BUDGET_USD'];
      const { budgets, warnings } = readConfig({
        ...CLAUDE,
        ...Object.fromEntries(names.map((one) => [one, wrong])),
      });
      expect(budgets).toEqual({ deployment: 0, person: 0, address: 0 });
      expect(warnings).toHaveLength(3);
      for (const [i, name] of names.entries()) {
        expect(warnings[i]).toContain(name);
        expect(warnings[i]).toContain('nothing is spent');
        expect(warnings[i]).not.toContain('its default');
      }
    },
  );
});

describe('limits inside a session', () => {
  it('a deployment has them without being asked', () => {
    expect(readConfig(CLAUDE).limits).toEqual({
      messageChars: 32_000,
      historyTokens: 200_000,
      outputTokens: 16_000,
      turnsPerMinute: 20,
      runMs: 900_000,
    });
  });

  it('locally only those that bound a single message and its time, as before', () => {
    expect(readConfig(LOCAL).limits).toEqual({
      messageChars: 32_000,
      historyTokens: null,
      outputTokens: null,
      turnsPerMinute: null,
      runMs: 900_000,
    });
  });

  it('what is set holds in both', () => {
    const set = {
      MAX_MESSAGE_CHARS: '100',
      MAX_HISTORY_TOKENS: '2000',
      MAX_OUTPUT_TOKENS: '256',
      TURNS_PER_MINUTE: '1',
      RUN_LIMIT_S: '0.5',
    };
    for (const env of [CLAUDE, LOCAL]) {
      expect(readConfig({ ...env, ...set }).limits).toEqual({
        messageChars: 100,
        historyTokens: 2_000,
        outputTokens: 256,
        turnsPerMinute: 1,
        runMs: 500,
      });
    }
  });

  it.each([
    ['MAX_MESSAGE_CHARS', '32001'],
    ['MAX_MESSAGE_CHARS', '0'],
    ['MAX_HISTORY_TOKENS', '999'],
    ['MAX_OUTPUT_TOKENS', '255'],
    ['TURNS_PER_MINUTE', '0'],
    ['RUN_LIMIT_S', '3601'],
    ['RUN_LIMIT_S', 'long'],
  ])('%s=%s is told, and the default holds', (name, value) => {
    const { limits, warnings } = readConfig({ ...CLAUDE, [name]: value });
    expect(limits).toEqual(readConfig(CLAUDE).limits);
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`^${name} .*its default is used`))]);
  });
});
