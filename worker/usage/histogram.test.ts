import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, percentileOf } from './histogram.ts';
import { percentile } from './report.ts';

function countsOf(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(bucketOf(value), (counts.get(bucketOf(value)) ?? 0) + 1);
  return counts;
}

describe('a histogram of durations', () => {
  it('tells a percentile to 4.5 % of what the single values say', () => {
    const values = fc.array(fc.integer({ min: 20, max: 3_600_000 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.95, 1), (some, share) => {
        const exact =
          percentile(
            some.toSorted((a, b) => a - b),
            share,
          ) ?? Number.NaN;
        const told = percentileOf(countsOf(some), share) ?? Number.NaN;
        // Half a millisecond for the rounding.
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(0.045 * exact + 0.5);
      }),
    );
  });

  it('has one bucket for what is no duration, and one for what is too long to be one', () => {
    expect([Number.NaN, -5, 0, 1].map(bucketOf)).toEqual([0, 0, 0, 0]);
    expect(bucketOf(Number.POSITIVE_INFINITY)).toBe(bucketOf(3_600_000));
  });

  it('knows nothing of nothing', () => {
    expect(percentileOf(new Map(), 0.5)).toBeNull();
  });
});
