import { expect, it } from 'vitest';
import { budgetWords, clock } from './budget-words.ts';

const at = '2026-11-23T00:00:00.000Z';
const words = (left_usd: number, limit_usd = 2) => budgetWords({ left_usd, limit_usd, resets_at: at });

it('says what is left, of what, and when it is back in the time of this device', () => {
  expect(words(0.42).text).toBe(`$0.42 of $2.00 left today, back at ${clock(at)}`);
  expect(clock(at)).toMatch(/^\d\d:\d\d$/);
  expect(clock('nonsense')).toBe('');
});

it('never says more than there is, and never nothing where there is something', () => {
  expect(words(0.4299).text).toMatch(/^\$0\.42 of/);
  expect(words(0.29).text).toMatch(/^\$0\.29 of/);
  expect(words(0.004).text).toMatch(/^less than \$0\.01 of/);
  expect(words(0).text).toMatch(/^\$0\.00 of/);
});

it('is low below a quarter, not at it', () => {
  expect([words(0.5).isLow, words(0.4999).isLow]).toEqual([false, true]);
  expect([words(3).share, words(-1).share, words(1, 0).share]).toEqual([1, 0, 0]);
});
