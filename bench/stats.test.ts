import { expect, it } from 'vitest';
import { added, middle, percentile, spread } from './stats.ts';

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

it.each([
  [0.5, 50],
  [0.95, 95],
  [0.99, 99],
  [1, 100],
])('the %d percentile of 1 to 100 is %d, in whatever order they come', (share, value) => {
  expect(percentile(upTo(100).toReversed(), share)).toBe(value);
});

it('of nothing there is no percentile', () => {
  expect(percentile([], 0.5)).toBeNaN();
});

it('one disturbed round does not move the middle', () => {
  const calm = spread(upTo(100));
  const disturbed = spread(upTo(100).map((ms) => ms * 50));
  expect(middle([calm, disturbed, calm])).toEqual(calm);
});

it('what is added is judged in each round by itself', () => {
  const slow = { p50: 10, p95: 20, p99: 30, n: 5 };
  const fast = { p50: 1, p95: 2, p99: 3, n: 5 };
  const with1 = (one: typeof slow) => ({ ...one, p50: one.p50 + 1, p95: one.p95 + 1 });
  expect(added([with1(slow), with1(fast)], [slow, fast])).toEqual({ p50: 1, p95: 1 });
});
