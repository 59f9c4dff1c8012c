import { describe, expect, it } from 'vitest';
import { failures, type Measured } from './gates.ts';

const good: Measured = {
  milliseconds: { p50: 0.05, p99: 0.4 },
  milliseconds_360k: { p50: 0.2, p99: 0.3 },
  weights_bytes: 15_000,
  script_turns: { right: 200, of: 200 },
  flips: [{ rewording: 'lower case', tier: 0.08, middle: 0.02 }],
  benchmarks: null,
};
const line = (test: string, apgr: number) => ({
  split: 'in distribution' as const,
  router: 'ours',
  test,
  questions: 1,
  apgr,
  interval: [0, 1] satisfies [number, number],
  cpt50: 0.5,
  cpt80: 0.8,
});

describe('the gates of the evaluation', () => {
  it('hold for a good router, with the data and without', () => {
    expect(failures(good)).toEqual([]);
    const lines = [line('Claude mix (4)', 0.64), line('routellm_mmlu', 0.65)];
    const steps = { steps: 121, exact: 0.81, pass: 0.95 };
    expect(failures({ ...good, benchmarks: { lines, steps } })).toEqual([]);
  });

  it.each<[string, Partial<Measured>]>([
    ['a decision takes 0.600 ms (p99)', { milliseconds: { p50: 0.1, p99: 0.6 } }],
    ['360,000 characters take 0.700 ms (p99)', { milliseconds_360k: { p50: 0.1, p99: 0.7 } }],
    ['the weights have 20000 bytes', { weights_bytes: 20_000 }],
    ['1 turns of golden conversations are wrong', { script_turns: { right: 199, of: 200 } }],
    [
      '"lower case" moves 9 % of the golden turns',
      { flips: [{ rewording: 'lower case', tier: 0, middle: 0.09 }] },
    ],
    [
      'the Claude mix fell',
      {
        benchmarks: {
          lines: [line('Claude mix (4)', 0.61), line('routellm_mmlu', 0.65)],
          steps: { steps: 121, exact: 0.81, pass: 0.95 },
        },
      },
    ],
  ])('%s', (sentence, more) => {
    expect(failures({ ...good, ...more })).toEqual([sentence]);
  });
});
