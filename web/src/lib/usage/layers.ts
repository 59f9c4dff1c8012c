import type { Chart, Tone } from './series.ts';

/** What is painted as one thing. */
export type Layer = { tone: Tone; values: (number | null)[] };

/**
 * What is painted over each other, in that order. A stack is painted from its top down: each layer is a series with all
 * below it added. Of two lines the first lies above. A bar without height is none: its edge would cut the axis.
 */
export function layersOf({ kind, series }: Pick<Chart, 'kind' | 'series'>): Layer[] {
  if (kind === 'lines') return series.map(({ tone, values }) => ({ tone, values: [...values] })).reverse();
  if (kind === 'beside')
    return series.map(({ tone, values }) => ({ tone, values: values.map((one) => one || null) }));
  const below: number[] = [];
  const layers = series.map(({ tone, values }) => {
    values.forEach((value, i) => {
      below[i] = (below[i] ?? 0) + (value ?? 0);
    });
    return { tone, values: below.map((sum) => sum || null) };
  });
  return layers.reverse();
}

/** 1, 2 and 5 times each power of ten that may divide an axis up to `max`. */
export function stepsUpTo(max: number): number[] {
  const top = Math.ceil(Math.log10(Math.max(max, 1e-9)));
  return Array.from({ length: 6 }, (_, i) => 10 ** (top - 5 + i)).flatMap((power) =>
    [1, 2, 5].map((times) => Number((times * power).toPrecision(1))),
  );
}
