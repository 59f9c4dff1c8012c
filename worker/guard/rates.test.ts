import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { type Counters, countsFor, inWords, mayEnter, signInCounts } from './rates.ts';
import type { Taken } from './window.ts';

const rates = (settings: Record<string, string>) => readConfig(settings).rates;

describe('what is counted', () => {
  it('in a deployment: 60 connections a minute, 30 new sessions an hour', () => {
    const deployed = rates({});
    expect(countsFor('connect', deployed)).toEqual([{ name: 'connects', limit: 60, windowMs: 60_000 }]);
    expect(countsFor('new_session', deployed)).toEqual([
      { name: 'connects', limit: 60, windowMs: 60_000 },
      { name: 'sessions', limit: 30, windowMs: 3_600_000 },
    ]);
  });

  it('as set', () => {
    const set = rates({ CONNECTS_PER_MINUTE: '5', SESSIONS_PER_HOUR: '2' });
    expect(countsFor('new_session', set).map(({ limit }) => limit)).toEqual([5, 2]);
  });

  it('on this machine only what is set (CMD6)', () => {
    expect(countsFor('new_session', rates({ LOCAL: 'true' }))).toEqual([]);
    expect(countsFor('new_session', rates({ LOCAL: 'true', SESSIONS_PER_HOUR: '1' }))).toEqual([
      { name: 'sessions', limit: 1, windowMs: 3_600_000 },
    ]);
  });

  it.each(['0', '601', 'many', '1.5'])(
    'CONNECTS_PER_MINUTE=%s is no number of it: the default counts',
    (n) => {
      expect(rates({ CONNECTS_PER_MINUTE: n }).connectsPerMinute).toBe(60);
    },
  );

  it('a failed sign-in: ten an address, and a hundred together where one can guess', () => {
    const quarter = 15 * 60_000;
    const address = { name: 'address 203.0.113.7', limit: 10, windowMs: quarter };
    expect(signInCounts('203.0.113.7', true)).toEqual([
      address,
      { name: 'all', limit: 100, windowMs: quarter },
    ]);
    expect(signInCounts('203.0.113.7', false)).toEqual([address]);
  });
});

it.each([
  [1, 'in 1 second'],
  [1_001, 'in 2 seconds'],
  [99_000, 'in 99 seconds'],
  [120_000, 'in 2 minutes'],
  [3_599_001, 'in 60 minutes'],
])('%d ms is told as "%s"', (ms, words) => {
  expect(inWords(ms)).toBe(words);
});

describe('whether one may come in', () => {
  const OK: Taken = { ok: true, at: 0 };
  const asked: string[] = [];
  const counters = (take: () => Promise<Taken>, gate?: boolean): Counters => ({
    gate: gate === undefined ? undefined : { limit: async () => ({ success: gate }) },
    named: (name) => {
      asked.push(name);
      return { take };
    },
  });
  const enter = (take: () => Promise<Taken>, gate?: boolean, settings: Record<string, string> = {}) => {
    asked.length = 0;
    return mayEnter('connect', '203.0.113.7', rates(settings), counters(take, gate));
  };

  it('the object of the address says so, with or without a gate before it', async () => {
    expect(await enter(async () => OK)).toEqual({ ok: true });
    expect(asked).toEqual(['address 203.0.113.7']);
    expect(await enter(async () => OK, true)).toEqual({ ok: true });
    expect(await enter(async () => ({ ok: false, name: 'connects', waitMs: 7_000 }))).toEqual({
      ok: false,
      waitMs: 7_000,
      message: 'Too many connections from your network address. Try again in 7 seconds.',
    });
  });

  it('what the gate holds back does not reach the object', async () => {
    expect(await enter(async () => OK, false)).toMatchObject({ ok: false, waitMs: 60_000 });
    expect(asked).toEqual([]);
  });

  it('where it cannot be counted, nobody comes in', async () => {
    expect(await enter(() => Promise.reject(new Error('gone')))).toMatchObject({ ok: false, waitMs: 5_000 });
  });

  it('on this machine nobody is asked', async () => {
    const gone = () => Promise.reject(new Error('gone'));
    expect(await enter(gone, false, { LOCAL: 'true' })).toEqual({ ok: true });
    expect(asked).toEqual([]);
  });
});
