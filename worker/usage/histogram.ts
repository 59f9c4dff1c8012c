/**
 * A small histogram of durations: eight buckets for each doubling, so that what is read from it is at most 4.5 % off
 * (2^(1/16)). Times to the first word lie between 0.1 s and some minutes: some forty buckets are ever in use.
 */
const PER_DOUBLING = 8;
/** Longer than any answer may take: an hour. */
const LONGEST_MS = 3_600_000;

/** The bucket of a duration; what is no duration, or none at all, is in the first one. */
export function bucketOf(ms: number): number {
  // Also for NaN, which is not more than 1.
  if (!(ms > 1)) return 0;
  return Math.round(Math.log2(Math.min(ms, LONGEST_MS)) * PER_DOUBLING);
}

/** The middle of a bucket, milliseconds. */
const middleOf = (bucket: number): number => Math.round(2 ** (bucket / PER_DOUBLING));

/**
 * The nearest rank, as the reports over single answers have it; null where nothing was counted.
 * @param counts how many fell into each bucket
 */
export function percentileOf(counts: ReadonlyMap<number, number>, share: number): number | null {
  const buckets = [...counts].sort(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  const rank = Math.max(1, Math.ceil(share * total));
  let passed = 0;
  for (const [bucket, count] of buckets) {
    passed += count;
    if (passed >= rank) return middleOf(bucket);
  }
  return null;
}
