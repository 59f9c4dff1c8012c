import { describe, expect, test } from 'vitest';
import { amount, dollars, percent, tick, UNKNOWN } from './amounts.ts';

describe('amounts', () => {
  test.each([
    [0, '$0'],
    [0.0000003, '<$0.0001'],
    [0.00031, '$0.0003'],
    [0.0421, '$0.042'],
    [3.456, '$3.46'],
    [999.999, '$1,000.00'],
    [1_234.5, '$1,234.50'],
    [1_234_567, '$1,234,567.00'],
  ])('%d dollars', (usd, words) => expect(dollars(usd)).toBe(words));

  test.each([
    [0, '0 %'],
    [0.001, '<1 %'],
    [0.394, '39 %'],
    [0.999, '>99 %'],
    [1, '100 %'],
  ])('a share of %d', (share, words) => expect(percent(share).replace('\u202f', ' ')).toBe(words));

  test('what is not known is said to be so, and never 0', () => {
    for (const unit of ['usd', 'tokens', 'answers', 'share', 'ms'] as const) {
      expect(amount(unit, null)).toBe(UNKNOWN);
      expect(amount(unit, 0)).not.toBe(UNKNOWN);
    }
    expect(amount('tokens', 1_234_567)).toBe('1,234,567');
    expect(amount('ms', 642).replace('\u202f', ' ')).toBe('642 ms');
  });
});

describe('figures on an axis', () => {
  test.each([
    [0.00002, 0.00001, '$0.00002'],
    [0.00004, 0.00002, '$0.00004'],
    [0.1, 0.05, '$0.10'],
    [0.4, 0.2, '$0.40'],
    [0.3, 0.1, '$0.30'],
    [2, 1, '$2'],
    [2_500, 500, '$2,500'],
    [0, 0.05, '$0'],
  ])('%d dollars in steps of %d', (value, step, words) => expect(tick('usd', value, step)).toBe(words));

  test('neighbours never read the same', () => {
    for (let power = -7; power < 4; power += 1) {
      for (const times of [1, 2, 5]) {
        const step = times * 10 ** power;
        const words = [0, 1, 2, 3, 4, 5].map((n) => tick('usd', n * step, step));
        expect(new Set(words).size, `steps of ${step}`).toBe(words.length);
      }
    }
  });

  test('tokens are shortened', () => {
    expect(tick('tokens', 150_000, 50_000)).toBe('150k');
    expect(tick('answers', 3, 1)).toBe('3');
    expect(tick('ms', 0, 100)).toBe('0');
  });
});
