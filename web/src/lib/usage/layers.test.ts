import { describe, expect, test } from 'vitest';
import { layersOf, stepsUpTo } from './layers.ts';
import type { Chart, Series } from './series.ts';

const series = (tone: Series['tone'], ...values: (number | null)[]): Series => ({
  name: tone,
  tone,
  values,
  total: 0,
});
const layers = (kind: Chart['kind'], ...all: Series[]) =>
  layersOf({ kind, series: all }).map(({ tone, values }) => [tone, ...values]);

describe('what is painted', () => {
  test('a stack: from its top down, each on what is below it; nothing where there is no height', () => {
    expect(
      layers(
        'stacked',
        series('haiku', 1, 0, null),
        series('sonnet', 2, 0, null),
        series('opus', 4, 8, null),
      ),
    ).toEqual([
      ['opus', 7, 8, null],
      ['sonnet', 3, null, null],
      ['haiku', 1, null, null],
    ]);
  });

  test('side by side: as they are; lines: the first above the others, with its zeros', () => {
    expect(layers('beside', series('fourth', 1, 0), series('fifth', 0, 2))).toEqual([
      ['fourth', 1, null],
      ['fifth', null, 2],
    ]);
    expect(layers('lines', series('haiku', 0, null), series('fourth', 5, 6))).toEqual([
      ['fourth', 5, 6],
      ['haiku', 0, null],
    ]);
  });
});

test.each([0.0009, 0.04, 1, 3, 250, 1_500_000])(
  'an axis up to %d has steps that fit it, in rising order',
  (max) => {
    const steps = stepsUpTo(max);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(steps.some((step) => max / step >= 2 && max / step <= 5)).toBe(true);
    expect(steps.at(-1)).toBeGreaterThan(max / 2);
  },
);
