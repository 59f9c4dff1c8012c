import { describe, expect, it } from 'vitest';
import { countRows, percentile, sumsOf } from './report.ts';
import { anAnswer, tokens } from './test-support.ts';

describe('answers by hour and model', () => {
  it('are added up where hour (UTC) and model are the same, oldest first, then by model', () => {
    const at = (time: string, model: string) => anAnswer({ at: Date.parse(`2026-11-22T${time}Z`), model });
    const rows = countRows([
      at('13:00:00', 'claude-haiku-5-5'),
      at('12:59:59.999', 'claude-opus-5-5'),
      at('12:00:00', 'claude-haiku-5-5'),
      at('12:30:00', 'claude-haiku-5-5'),
    ]);
    expect(rows.map(({ hour, model, answers, cost_usd }) => [hour, model, answers, cost_usd])).toEqual([
      ['2026-11-22T12:00:00.000Z', 'claude-haiku-5-5', 2, 0.5],
      ['2026-11-22T12:00:00.000Z', 'claude-opus-5-5', 1, 0.25],
      ['2026-11-22T13:00:00.000Z', 'claude-haiku-5-5', 1, 0.25],
    ]);
  });

  it('count what they are: of Automatic, a fallback, an error, tokens, the time to the first word', () => {
    const [row] = countRows([
      anAnswer({ automatic: true, usage: tokens({ input_tokens: 1, cache_read_tokens: 7 }), ttftMs: 100 }),
      anAnswer({ fallback: true, usage: tokens({ output_tokens: 2, cache_write_tokens: 9 }), ttftMs: 300 }),
      anAnswer({ error: true, costUsd: null, usage: null, ttftMs: null }),
    ]);
    expect(row).toMatchObject({
      answers: 3,
      automatic: 1,
      fallbacks: 1,
      errors: 1,
      cost_usd: 0.5,
      input_tokens: 1,
      output_tokens: 2,
      cache_read_tokens: 7,
      cache_write_tokens: 9,
      ttft_p50_ms: 100,
      ttft_p95_ms: 300,
    });
  });

  it('are compared with always-X only where cost and comparison are both known', () => {
    const alwaysUsd = { haiku: 1, sonnet: 2, opus: 3 };
    const [row] = countRows([
      anAnswer({ costUsd: 0.5, alwaysUsd }),
      anAnswer({ costUsd: null, alwaysUsd }),
      anAnswer({ costUsd: 0.25, alwaysUsd: null }),
    ]);
    expect(row).toMatchObject({ cost_usd: 0.75, compared_usd: 0.5, always_usd: alwaysUsd });
  });

  it('with one that cannot be compared with a tier, none of the row can', () => {
    const [row] = countRows([
      anAnswer({ alwaysUsd: { haiku: 1, sonnet: 2, opus: null } }),
      anAnswer({ alwaysUsd: { haiku: 1, sonnet: 2, opus: 3 } }),
    ]);
    expect(row?.always_usd).toEqual({ haiku: 2, sonnet: 4, opus: null });
  });

  it('without any there is no row', () => {
    expect(countRows([])).toEqual([]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('a count of %s is none', (hostile) => {
    const usage = tokens({ input_tokens: hostile, output_tokens: hostile, cache_read_tokens: hostile });
    const alwaysUsd = { haiku: hostile, sonnet: hostile, opus: hostile };
    expect(sumsOf(anAnswer({ costUsd: hostile, alwaysUsd, usage }))).toMatchObject({
      cost_usd: 0,
      compared_usd: 0,
      always_usd: { haiku: 0, sonnet: 0, opus: 0 },
      input_tokens: 0,
      output_tokens: 0,
      cache_read_tokens: 0,
    });
  });
});

describe('a percentile', () => {
  it.each([
    [[], 0.5, null],
    [[7], 0.95, 7],
    [[1, 2], 0.5, 1],
    [[1, 2, 3], 0.5, 2],
    [Array.from({ length: 100 }, (_, i) => i + 1), 0.95, 95],
    [Array.from({ length: 20 }, (_, i) => i + 1), 0.95, 19],
  ])('of %j at %d is %s', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });
});
