/** The time to the first word of some answers, as a row of the report has it. Milliseconds. */
export type Spread = { p50: number; p95: number; answers: number };

/** How many standard deviations the 95th percentile of a normal distribution lies above its median. */
const Z95 = 1.6448536269514722;
const ROUNDS = 40;

/**
 * The median (`share` 0.5) or the 95th percentile (0.95) of all answers of several rows together. A single row is given
 * back as it is. Of several an estimate: percentiles cannot be added up, so each row is taken as a lognormal
 * distribution through its two figures, which is the usual shape of waiting times, weighted by its answers. It always
 * lies between the smallest and the largest of the rows' own figures, as the true one does.
 * @returns ms; null without any row
 */
export function quantileOf(spreads: readonly Spread[], share: 0.5 | 0.95): number | null {
  const own = spreads.map(({ p50, p95 }) => (share === 0.5 ? p50 : p95));
  if (own.length === 0) return null;
  let low = Math.min(...own);
  let high = Math.max(...own);
  const total = spreads.reduce((sum, { answers }) => sum + answers, 0);
  for (let round = 0; round < ROUNDS && high > low; round += 1) {
    const middle = (low + high) / 2;
    const below = spreads.reduce((sum, spread) => sum + spread.answers * shareBelow(spread, middle), 0);
    if (below < share * total) low = middle;
    else high = middle;
  }
  return high;
}

/** Which share of the answers began within `ms`. */
function shareBelow({ p50, p95 }: Spread, ms: number): number {
  if (ms <= 0 || p50 <= 0 || p95 <= p50) return ms >= p50 ? 1 : 0;
  return normalShare((Z95 * Math.log(ms / p50)) / Math.log(p95 / p50));
}

/** The normal distribution's share below `z`; Abramowitz and Stegun, 26.2.17, within 8e-8. */
function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const above = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z < 0 ? above : 1 - above;
}
