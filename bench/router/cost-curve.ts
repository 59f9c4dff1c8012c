import { bestValue, estimate, type Mode } from '../../worker/auto/policy.ts';
import { TIER_RATES } from '../../worker/auto/rates.ts';
import { route } from '../../worker/auto/router.ts';
import { TIERS } from '../../worker/models/tiers.ts';
import type { Tier } from '../../worker/models/types.ts';

export type Share = {
  mode: Mode;
  shares: Record<Tier, number>;
  costUsd: number;
  always: Record<Tier, number>;
};

/**
 * What the three modes do with a declared list of opening turns: shares of tiers and the sum of the costs that the
 * decision counts with, next to those of one tier for all. An estimate on these turns, nothing about other traffic.
 */
export function sharesOf(prompts: readonly string[]): Share[] {
  const modes: readonly Mode[] = ['economy', 'balanced', 'quality'];
  return modes.map((mode) => {
    const decisions = prompts.map((text) =>
      route({ turns: [{ role: 'user', text }], previousTier: null, available: [], mode }),
    );
    const of = (value: (tier: Tier) => number): Record<Tier, number> => ({
      haiku: value('haiku'),
      sonnet: value('sonnet'),
      opus: value('opus'),
    });
    return {
      mode,
      shares: of((tier) => decisions.filter((each) => each.tier === tier).length / decisions.length),
      costUsd: decisions.reduce((sum, { tier, estimates }) => sum + estimates[tier].costUsd, 0),
      always: of((tier) => decisions.reduce((sum, { estimates }) => sum + estimates[tier].costUsd, 0)),
    };
  });
}

/** For each mode the needs at which an opening turn of ordinary length goes one tier up. */
export function boundsOfModes(): { mode: Mode; sonnet: number | null; opus: number | null }[] {
  const bill = { rates: TIER_RATES, historyTokens: 0, turnTokens: 50, warm: null };
  const needs = Array.from({ length: 999 }, (_, i) => (i + 1) / 1000);
  return (['economy', 'balanced', 'quality'] as const).map((mode) => {
    const first = (tier: Tier) =>
      needs.find((need) => TIERS.indexOf(bestValue(estimate(need, bill), mode)) >= TIERS.indexOf(tier)) ??
      null;
    return { mode, sonnet: first('sonnet'), opus: first('opus') };
  });
}
