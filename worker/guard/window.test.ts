import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Times, waitMs, within, without } from './window.ts';

const THREE = { limit: 3, windowMs: 1_000 };

describe('three in a second', () => {
  it('the third is fine, the fourth waits for the first to leave', () => {
    expect(waitMs([], THREE, 0)).toBe(0);
    expect(waitMs([10, 20], THREE, 30)).toBe(0);
    expect(waitMs([10, 20, 30], THREE, 40)).toBe(970);
    expect(waitMs([10, 20, 30], THREE, 1_009)).toBe(1);
    expect(waitMs([10, 20, 30], THREE, 1_010)).toBe(0);
  });

  it('a limit that was lowered meanwhile counts', () => {
    expect(waitMs([10, 20, 30], { ...THREE, limit: 1 }, 40)).toBe(990);
    expect(waitMs([10, 20, 30], { ...THREE, limit: 4 }, 40)).toBe(0);
  });

  it('a clock that went back frees nobody', () => {
    expect(waitMs([5_000, 5_001, 5_002], THREE, 10)).toBeGreaterThan(0);
  });

  it('what is given back is free, once', () => {
    expect(without([10, 20, 20], 20)).toEqual([10, 20]);
    expect(without([10, 20], 15)).toEqual([10, 20]);
  });
});

it('never more than the limit in any window, and who waits as told gets in', () => {
  const limit = fc.integer({ min: 1, max: 5 });
  fc.assert(
    fc.property(limit, fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 }), (most, gaps) => {
      const allowance = { limit: most, windowMs: 1_000 };
      let times: Times = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        const wait = waitMs(times, allowance, now);
        if (wait === 0) times = [...times, now];
        else {
          expect(waitMs(times, allowance, now + wait - 1)).toBeGreaterThan(0);
          expect(waitMs(times, allowance, now + wait)).toBe(0);
        }
      }
      for (const at of times)
        expect(within(times, 1_000, at).filter((one) => one <= at).length).toBeLessThanOrEqual(most);
    }),
  );
});
