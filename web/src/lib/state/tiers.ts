import type { Model, Routing } from '#lib/wire.ts';

export type Tier = Routing['tier'];

/** Weakest first. */
export const TIERS = ['haiku', 'sonnet', 'opus'] as const satisfies readonly Tier[];

export const TIER_NAMES: Readonly<Record<Tier, string>> = { haiku: 'Haiku', sonnet: 'Sonnet', opus: 'Opus' };

/**
 * The model that Automatic asks for a tier: the list has the newest of each name first, and says of older ones that
 * they end. Null where the list has none.
 */
export function modelOf(tier: Tier, models: readonly Model[]): Model | null {
  const named = models.filter(
    ({ id, provider, is_automatic }) =>
      provider === 'anthropic' && !is_automatic && id.split('-').includes(tier),
  );
  return named.find(({ status }) => status !== 'deprecated' && status !== 'retired') ?? named[0] ?? null;
}

/** Null for a model that stands for no tier. */
export function tierOf(model: string | null, models: readonly Model[]): Tier | null {
  return model === null ? null : (TIERS.find((tier) => modelOf(tier, models)?.id === model) ?? null);
}
