import type { Rates, Tier } from '../models/types.ts';

/**
 * What the decision counts with where the caller names no prices: US dollars per million tokens of today's three
 * models at prompts of ordinary length, as in models/prices.ts (a test holds the two together).
 */
export const TIER_RATES: Readonly<Record<Tier, Rates>> = {
  haiku: { input: 0.1, output: 0.5, cache_write: 0.125, cache_read: 0.01 },
  sonnet: { input: 2, output: 10, cache_write: 2.5, cache_read: 0.1 },
  opus: { input: 4, output: 20, cache_write: 5, cache_read: 0.2 },
};
