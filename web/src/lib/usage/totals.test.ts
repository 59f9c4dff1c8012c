import { describe, expect, test } from 'vitest';
import { aRow } from './test-rows.ts';
import { comparisonOf, comparisonWords, totalsOf } from './totals.ts';

test('totals add up every row', () => {
  const rows = [
    aRow({
      answers: 2,
      automatic: 2,
      cost_usd: 0.25,
      input_tokens: 10,
      cache_read_tokens: 5,
      output_tokens: 3,
    }),
    aRow({ answers: 1, cost_usd: 0.5, cache_write_tokens: 7, output_tokens: 4 }),
  ];
  expect(totalsOf(rows)).toEqual({
    answers: 3,
    automatic: 2,
    spentUsd: 0.75,
    inputTokens: 22,
    outputTokens: 7,
  });
  expect(totalsOf([])).toEqual({ answers: 0, automatic: 0, spentUsd: 0, inputTokens: 0, outputTokens: 0 });
});

describe('what one model for everything would have cost', () => {
  const always = (haiku: number | null, sonnet: number | null, opus: number | null) => ({
    always_usd: { haiku, sonnet, opus },
  });

  test('is set against what the same answers did cost, not against everything', () => {
    const rows = [
      aRow({ answers: 3, automatic: 2, cost_usd: 9, compared_usd: 0.25, ...always(0.125, 0.5, 1) }),
      aRow({ answers: 1, automatic: 1, cost_usd: 0.5, compared_usd: 0.5, ...always(0.125, 0.5, 1) }),
      aRow({ answers: 5, cost_usd: 100 }),
    ];
    expect(comparisonOf(rows)).toEqual({
      spentUsd: 0.75,
      always: [
        { tier: 'haiku', usd: 0.25 },
        { tier: 'sonnet', usd: 1 },
        { tier: 'opus', usd: 2 },
      ],
      leftOut: 0,
    });
  });

  test('a row that lacks one figure is on neither side, and is said to be left out', () => {
    const rows = [
      aRow({ automatic: 2, compared_usd: 0.5, ...always(0.25, 0.5, 1) }),
      aRow({ automatic: 4, compared_usd: 8, ...always(1, null, 3) }),
    ];
    expect(comparisonOf(rows)).toMatchObject({ spentUsd: 0.5, leftOut: 4 });
  });

  test('a model that is switched off is not spoken of, and hides nothing else', () => {
    const rows = [aRow({ automatic: 2, compared_usd: 0.5, ...always(0.25, 0.5, null) })];
    const comparison = comparisonOf(rows);
    expect(comparison?.always.map(({ tier }) => tier)).toEqual(['haiku', 'sonnet']);
    expect(comparison).toMatchObject({ spentUsd: 0.5, leftOut: 0 });
  });

  test('nothing to compare is null', () => {
    expect(comparisonOf([])).toBeNull();
    expect(comparisonOf([aRow({ answers: 3, ...always(1, 1, 1) })])).toBeNull();
    expect(comparisonOf([aRow({ automatic: 3 })])).toBeNull();
    expect(comparisonOf([aRow({ automatic: 1, errors: 1, ...always(0, 0, 0) })])).toBeNull();
    expect(
      comparisonOf([
        aRow({ automatic: 1, ...always(1, null, null) }),
        aRow({ automatic: 1, ...always(null, 1, 1) }),
      ]),
    ).toBeNull();
  });

  test('is told in a sentence without praise, also where Automatic was dearer', () => {
    const one = {
      answers: 1,
      spentUsd: 0.0021,
      always: [{ tier: 'haiku' as const, usd: 0.0009 }],
      leftOut: 0,
    };
    expect(comparisonWords(one)).toBe(
      'What Automatic chose cost $0.0021. For the same tokens: always Haiku $0.0009.',
    );
    const many = {
      ...one,
      always: [...one.always, { tier: 'sonnet' as const, usd: 0.036 }, { tier: 'opus' as const, usd: 0.061 }],
    };
    expect(comparisonWords(many)).toBe(
      'What Automatic chose cost $0.0021. For the same tokens: always Haiku $0.0009, always Sonnet $0.036, always Opus $0.061.',
    );
  });
});
