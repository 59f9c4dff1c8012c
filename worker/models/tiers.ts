import type { ModelEntry, Tier } from './types.ts';

/** Weakest first: the order in which a failing tier is stepped up (CONTRACT R9). */
export const TIERS: readonly Tier[] = ['haiku', 'sonnet', 'opus'];

/** Today's model of each tier (Anthropic's models overview, October 2026). A new generation changes this table. */
export const TIER_MODELS: Readonly<Record<Tier, string>> = {
  haiku: 'claude-haiku-5-5',
  sonnet: 'claude-sonnet-5-5',
  opus: 'claude-opus-5-5',
};

/** The entry that answers for a tier of Automatic; null where the configuration has taken it away. */
export function tierEntry(
  registry: { entries: ReadonlyMap<string, ModelEntry> },
  tier: Tier,
): ModelEntry | null {
  const entry = registry.entries.get(TIER_MODELS[tier]);
  return entry?.enabled ? entry : null;
}
