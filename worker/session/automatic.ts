import type { Turn } from '../agents/agent.ts';
import { SYSTEM_PROMPT } from '../agents/system-prompt.ts';
import { listMessages } from '../archive/messages.ts';
import type { Sql } from '../archive/sql.ts';
import { type Decision, route } from '../auto/router.ts';
import { TIERS } from '../models/tiers.ts';
import type { ModelEntry, Rates, Tier } from '../models/types.ts';
import { turnsFit } from './context.ts';
import type { Offer } from './offer.ts';
import type { RunChoices } from './run.ts';

/** The tier that answered last in this conversation; null when none did. */
export function previousTier(sql: Sql, conversation: string, offer: Offer): Tier | null {
  // The newest four: the question and the place of its answer, and the pair before them.
  const recent = listMessages(sql, conversation, null, 4)?.messages ?? [];
  for (const message of recent.toReversed()) {
    if (message.role === 'assistant' && message.actual_model !== null) {
      return TIERS.find((tier) => offer.tier(tier)?.id === message.actual_model) ?? null;
    }
  }
  return null;
}

/** Prices that `MODELS` sets; where it sets none the router knows today's. */
function ownRates(offer: Offer): Partial<Record<Tier, Rates>> {
  const found = TIERS.map((tier) => [tier, offer.tier(tier)?.rates ?? null] as const);
  return Object.fromEntries(found.filter(([, rates]) => rates !== null));
}

/** Automatic's choice among the tiers that can be asked and take the turns whole; null when there is none. */
export function chooseAutomatically(
  turns: readonly Turn[],
  previous: Tier | null,
  offer: Offer,
  fits: (entry: ModelEntry) => boolean,
): { entry: ModelEntry; decision: Decision } | null {
  const available = TIERS.filter((tier) => {
    const entry = offer.tier(tier);
    return entry !== null && fits(entry);
  });
  if (available.length === 0) return null;
  const decision = route({ turns, previousTier: previous, available, rates: ownRates(offer) });
  const entry = offer.tier(decision.tier);
  return entry === null ? null : { entry, decision };
}

/** Everything that a run asks about models, as they stand when it starts. */
export function runChoices(
  offer: Offer,
  previous: Tier | null,
  settings: { localFallback: boolean; fallbackModel: string },
): RunChoices {
  const fits = (entry: ModelEntry, turns: readonly Turn[]) => turnsFit(turns, SYSTEM_PROMPT, entry);
  return {
    localFallback: settings.localFallback,
    fallbackModel: offer.fallbackModel(settings.fallbackModel),
    usable: (id) => offer.usable(id),
    tier: (tier) => offer.tier(tier),
    fits,
    automatic: (turns) => chooseAutomatically(turns, previous, offer, (entry) => fits(entry, turns)),
  };
}
