/** One line of the benchmark's output; a field that is undefined is left out. Times are milliseconds. */
export type Figure = { name: string; [field: string]: string | number | boolean | null | undefined };

/** The value below which `share` of the sorted samples lie (nearest rank). */
export function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0) return Number.NaN;
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

export const rounded = (value: number): number => Math.round(value * 100) / 100;

export type Spread = { p50: number; p95: number; p99: number; n: number };

export function spread(samples: readonly number[]): Spread {
  return {
    p50: rounded(percentile(samples, 0.5)),
    p95: rounded(percentile(samples, 0.95)),
    p99: rounded(percentile(samples, 0.99)),
    n: samples.length,
  };
}

/** The middle of several rounds, figure by figure: one round that something else disturbed does not count. */
export function middle(rounds: readonly Spread[]): Spread {
  const of = (key: keyof Spread) => rounded(median(rounds.map((round) => round[key])));
  return { p50: of('p50'), p95: of('p95'), p99: of('p99'), n: of('n') };
}

/** What each round had beside the floor of the same round, and the middle of that. */
export function added(ours: readonly Spread[], floor: readonly Spread[]): { p50: number; p95: number } {
  const of = (key: 'p50' | 'p95') =>
    rounded(median(ours.map((round, i) => round[key] - (floor[i]?.[key] ?? Number.NaN))));
  return { p50: of('p50'), p95: of('p95') };
}
