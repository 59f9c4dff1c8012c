/** One line of the benchmark's output. Times are milliseconds. */
export type Figure = { name: string; [field: string]: string | number | boolean | null };

/** The value below which `share` of the sorted samples lie (nearest rank). */
export function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0) return Number.NaN;
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

const round = (value: number): number => Math.round(value * 100) / 100;

export function spread(samples: readonly number[]): { p50: number; p95: number; p99: number; n: number } {
  return {
    p50: round(percentile(samples, 0.5)),
    p95: round(percentile(samples, 0.95)),
    p99: round(percentile(samples, 0.99)),
    n: samples.length,
  };
}
