import { describe, expect, it } from 'vitest';
import { count, day, duration, money, plural, price, tokensIn, when } from './format.ts';

const plain = (text: string): string => text.replaceAll('\u202f', ' ');

describe('money', () => {
  it.each([
    [0, '$0'],
    [0.00001, '<$0.0001'],
    [0.0001, '$0.0001'],
    [0.00034, '$0.0003'],
    [0.0123, '$0.012'],
    [1.5, '$1.50'],
  ])('%d is %s', (usd, words) => expect(money(usd)).toBe(words));

  it('shows prices without needless zeros', () => {
    expect([price(3), price(0.25)]).toEqual(['$3', '$0.25']);
  });
});

describe('numbers and times', () => {
  it.each([
    [480, '480 ms'],
    [3_000, '3 s'],
    [3_240, '3.2 s'],
    [9_990, '10 s'],
    [59_700, '1 min'],
    [125_000, '2 min 5 s'],
  ])('%d ms is %s', (ms, words) => expect(plain(duration(ms))).toBe(words));

  it('groups thousands, and shortens where space is short', () => {
    expect([count(1_240), count(8_192, true), count(200_000, true), count(1_000_000, true)]).toEqual([
      '1,240',
      '8.2k',
      '200k',
      '1M',
    ]);
    expect([plural(1, 'message'), plural(3, 'message')]).toEqual(['1 message', '3 messages']);
  });

  it('adds up everything that was read, and knows when nothing is known', () => {
    const none = {
      input_tokens: null,
      output_tokens: 4,
      cache_read_tokens: null,
      cache_write_tokens: null,
      thinking_tokens: null,
    };
    expect(tokensIn(none)).toBeNull();
    expect(tokensIn({ ...none, input_tokens: 10, cache_read_tokens: 90 })).toBe(100);
  });

  it('tells when something was, more exactly the nearer it is', () => {
    const now = new Date(2026, 10, 22, 15, 0, 0);
    const at = (...parts: [number, number, number, number?, number?]): string =>
      new Date(...parts).toISOString();
    expect(when(at(2026, 10, 22, 14, 59), now)).toBe('1 min ago');
    expect(when(at(2026, 10, 22, 9, 5), now)).toBe('09:05');
    expect(when(at(2026, 10, 21, 23, 0), now)).toBe('Yesterday');
    expect(when(at(2026, 10, 3), now)).toBe('3 Nov');
    expect(when(at(2025, 10, 3), now)).toBe('3 Nov 2025');
    expect(when('nonsense', now)).toBe('');
    expect(day('nonsense')).toBe('nonsense');
  });
});
