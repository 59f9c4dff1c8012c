import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quantileOf, type Spread } from './quantiles.ts';

const spreads = fc.array(
  fc.record({
    p50: fc.double({ min: 1, max: 60_000, noNaN: true }),
    times: fc.double({ min: 1, max: 30, noNaN: true }),
    answers: fc.integer({ min: 1, max: 1_000 }),
  }),
  { minLength: 1, maxLength: 20 },
);
const made = (rows: { p50: number; times: number; answers: number }[]): Spread[] =>
  rows.map(({ p50, times, answers }) => ({ p50, p95: p50 * times, answers }));

describe('percentiles of several rows together', () => {
  test('one row keeps its own figures, and nothing has none', () => {
    const row = { p50: 640, p95: 2_100, answers: 7 };
    expect(quantileOf([row], 0.5)).toBe(640);
    expect(quantileOf([row], 0.95)).toBe(2_100);
    expect(quantileOf([], 0.5)).toBeNull();
  });

  test('rows of the same shape keep it', () => {
    const rows = [1, 5, 90].map((answers) => ({ p50: 640, p95: 2_100, answers }));
    expect(quantileOf(rows, 0.5)).toBe(640);
    expect(quantileOf(rows, 0.95)).toBe(2_100);
  });

  test('a row of many answers counts for more than one of few', () => {
    const fast = { p50: 500, p95: 900, answers: 99 };
    const slow = { p50: 4_000, p95: 9_000, answers: 1 };
    expect(quantileOf([fast, slow], 0.5)).toBeLessThan(510);
    expect(
      quantileOf(
        [
          { ...fast, answers: 1 },
          { ...slow, answers: 99 },
        ],
        0.5,
      ),
    ).toBeGreaterThan(3_900);
    // One answer of ten is slow, so the slowest twentieth is made of slow ones.
    expect(
      quantileOf(
        [
          { ...fast, answers: 9 },
          { ...slow, answers: 1 },
        ],
        0.95,
      ),
    ).toBeGreaterThan(3_000);
  });

  test('two halves of one distribution come near to what it is', () => {
    // A lognormal of median 1,000 and p95 3,000, in two rows of the same answers each, and a row of constants.
    const rows = [
      { p50: 1_000, p95: 3_000, answers: 500 },
      { p50: 1_000, p95: 1_000, answers: 500 },
    ];
    expect(quantileOf(rows, 0.5)).toBeCloseTo(1_000, 6);
    // Half of all are the lognormal's: its 90th percentile is the 95th of all.
    expect(quantileOf(rows, 0.95)).toBeCloseTo(
      1_000 * Math.exp((1.2815515655 / 1.644853627) * Math.log(3)),
      0,
    );
  });

  test('lie between the rows’ own figures, and the median is never above the 95th', () => {
    fc.assert(
      fc.property(spreads, (rows) => {
        const all = made(rows);
        const [half, most] = [quantileOf(all, 0.5) ?? Number.NaN, quantileOf(all, 0.95) ?? Number.NaN];
        expect(half).toBeGreaterThanOrEqual(Math.min(...all.map(({ p50 }) => p50)));
        expect(half).toBeLessThanOrEqual(Math.max(...all.map(({ p50 }) => p50)));
        expect(most).toBeGreaterThanOrEqual(Math.min(...all.map(({ p95 }) => p95)));
        expect(most).toBeLessThanOrEqual(Math.max(...all.map(({ p95 }) => p95)));
        expect(half).toBeLessThanOrEqual(most * (1 + 1e-6));
      }),
    );
  });

  test('a row of zeros breaks nothing', () => {
    const rows = [
      { p50: 0, p95: 0, answers: 1 },
      { p50: 0, p95: 100, answers: 1 },
    ];
    expect(quantileOf(rows, 0.5)).toBe(0);
    expect(quantileOf(rows, 0.95)).toBeGreaterThanOrEqual(0);
  });
});
