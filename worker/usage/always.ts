import type { AlwaysUsd, Usage } from '../../shared/index.ts';
import type { PastAnswer } from '../archive/messages.ts';
import { costUsd } from '../models/prices.ts';
import { TIERS, tierEntry } from '../models/tiers.ts';
import type { ModelEntry, Tier } from '../models/types.ts';

/** So long after its last use a provider forgets a prompt (Anthropic's five-minute cache). Milliseconds. */
export const CACHE_MS = 5 * 60_000;

/** The answer that came before in the same branch, as far as the cache has to do with it. */
export type Previous = {
  /** Registry id of the model that gave it. */
  model: string;
  /** Tokens of prompt that its last call left in the cache; see {@link cachedTokens}. */
  cached: number;
  /** Milliseconds since 1970. */
  endedAt: number;
};

/** What a usage costs with a tier, in US dollars; null where the tier is not there or its price is not known. */
export type TierPrice = (tier: Tier, usage: Usage) => number | null;

export type Compared = {
  /** Registry id of the model that answered. */
  model: string;
  /** The usage of each call that the answer took: one, or one for each round of tools. */
  calls: readonly Usage[];
  /** When it was asked for, milliseconds since 1970. */
  startedAt: number;
  /** Null at the beginning of a conversation. */
  previous: Previous | null;
  price: TierPrice;
};

/**
 * What an answer would have cost had every turn of its conversation gone to Haiku, to Sonnet, to Opus. Null where the
 * provider did not say how many tokens there were; a missing count of the cache is 0, as in the receipt.
 *
 * The tokens are those that were counted. The cache is as it would have been:
 * - Where the same model had answered before (or nobody had), every tier would have found in its cache what this one
 *   found in its own. So in a conversation that only X answered, always-X is what was paid, to the last digit.
 * - Where the model changed, the prompt of the answer before would have been read, not written or sent anew, unless that
 *   answer ended {@link CACHE_MS} ago or more. What had been said since is written, that answer itself included: a
 *   provider caches prompts, and an answer is first part of one with the next question.
 * - What the provider did not cache here (too short, or a proxy that does not cache), it would have cached for none of
 *   them: today's three tiers have one smallest length, 512 tokens.
 *
 * What it cannot know: another model would have counted the same text in its own tokens, and answered at another length.
 */
export function alwaysUsd({ model, calls, startedAt, previous, price }: Compared): AlwaysUsd | null {
  const isCounted = ({ input_tokens, output_tokens }: Usage) =>
    input_tokens !== null && output_tokens !== null;
  if (calls.length === 0 || !calls.every(isCounted)) return null;
  const hasChanged = previous !== null && previous.model !== model;
  const warm = hasChanged && startedAt - previous.endedAt < CACHE_MS ? previous.cached : 0;
  const usages = calls.map((usage, i) => (i === 0 ? readAtLeast(warm, usage) : usage));
  const of = (tier: Tier) => sum(usages.map((usage) => price(tier, usage)));
  return { haiku: of('haiku'), sonnet: of('sonnet'), opus: of('opus') };
}

/** The same prompt, had at least so many tokens of what was cached been there before. */
function readAtLeast(warm: number, usage: Usage): Usage {
  const cached = cachedTokens(usage);
  const read = Math.max(usage.cache_read_tokens ?? 0, Math.min(warm, cached));
  return { ...usage, cache_read_tokens: read, cache_write_tokens: cached - read };
}

/** How much of its prompt a call leaves in the cache, in tokens. */
export function cachedTokens(usage: Usage): number {
  return (usage.cache_read_tokens ?? 0) + (usage.cache_write_tokens ?? 0);
}

function sum(prices: readonly (number | null)[]): number | null {
  return prices.reduce((all, one) => (all === null || one === null ? null : all + one), 0);
}

/**
 * The newest of some answers that a model has worked on.
 * @param answers of one branch, newest first
 */
export function previousOf(answers: readonly PastAnswer[]): Previous | null {
  for (const { createdAt, detail } of answers) {
    const { actual_model: model, usage, duration_ms } = detail;
    if (model === null || usage === null) continue;
    // Of several calls only the last one's prompt is meant, but their sum is never less, and what is read is never more
    // than the next prompt has.
    return { model, cached: cachedTokens(usage), endedAt: createdAt + (duration_ms ?? 0) };
  }
  return null;
}

/**
 * The prices of the three tiers as this deployment has them.
 * @param at milliseconds since 1970
 */
export function tierPrice(
  registry: { entries: ReadonlyMap<string, ModelEntry> },
  at: number,
  cost: typeof costUsd = costUsd,
): TierPrice {
  const entries = new Map(TIERS.map((tier) => [tier, tierEntry(registry, tier)]));
  return (tier, usage) => {
    const entry = entries.get(tier) ?? null;
    return entry === null ? null : cost(entry, usage, at);
  };
}
