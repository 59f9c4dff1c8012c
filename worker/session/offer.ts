import type { Model } from '../../shared/index.ts';
import type { Config } from '../config.ts';
import type { HealthSnapshot } from '../health/types.ts';
import { listModels } from '../models/catalogue.ts';
import { choose, defaultModelId, rebind } from '../models/choose.ts';
import type { Registry } from '../models/registry.ts';
import { usableTiers } from '../models/status.ts';
import { TIER_MODELS, tierEntry } from '../models/tiers.ts';
import type { Choice, ModelEntry, Tier } from '../models/types.ts';

/** What can be chosen at this moment: registry, configuration, health and clock put together. */
export interface Offer {
  /** The list of H2, for S10. */
  list(): Model[];
  /** A wish of a person (C2): health counts. */
  choose(id: string): Choice;
  /** A binding that exists (R6): it only counts whether the model is gone, never whether it is down. */
  rebind(id: string): Choice;
  /** What a session runs on that asks for nothing. */
  defaultId(): string;
  /** The default as it was set: it may be gone, and is then replaced openly. */
  wantedDefault(): string;
  /** An entry that may be asked now (enabled, not retired, its side configured), or null. */
  usable(id: string): ModelEntry | null;
  /** The entry behind `FALLBACK_MODEL`, its successor, or today's default; null when none can be asked. */
  fallbackModel(id: string): ModelEntry | null;
  /** The home model when it can be chosen but is not in memory, else null. */
  coldModel(): ModelEntry | null;
  /** The home model when it is in memory, else null. */
  readyModel(): ModelEntry | null;
  /** Which entry answers for a tier of Automatic, or null. A tier that is merely down is still asked when all are. */
  tier(tier: Tier): ModelEntry | null;
}

/** `known`: what is cached, without waiting for any upstream. `fresh`: as `GET /models` would answer. */
export type OfferSource = (freshness: 'known' | 'fresh') => Promise<Offer>;

/** R9: today's Haiku. */
const DEFAULT_FALLBACK = TIER_MODELS.haiku;

export function createOffer(
  registry: Registry,
  config: Config,
  health: HealthSnapshot | null,
  now: number,
  /** Adds to the list what models do with tools. */
  noted: (models: Model[]) => Model[] = (models) => models,
): Offer {
  const usable = (id: string): ModelEntry | null => {
    const choice = rebind(registry, config, health, id, now);
    return choice.kind === 'ok' ? choice.entry : null;
  };
  const homeModel = () => {
    const home = [...registry.entries.values()].find(
      (entry) => entry.upstream_model === config.litellm?.model,
    );
    return home === undefined ? null : usable(home.id);
  };
  const tiers = usableTiers(registry, config, health, now);
  return {
    list: () => noted(listModels(registry, config, health, now)),
    choose: (id) => choose(registry, config, health, id, now),
    rebind: (id) => rebind(registry, config, health, id, now),
    defaultId: () => {
      const wanted = defaultModelId(registry, config);
      const choice = rebind(registry, config, health, wanted, now);
      return 'entry' in choice ? choice.entry.id : wanted;
    },
    wantedDefault: () => defaultModelId(registry, config),
    usable,
    fallbackModel: (id) => {
      const choice = registry.entries.has(id) ? rebind(registry, config, health, id, now) : null;
      const wanted = choice !== null && 'entry' in choice ? choice.entry : null;
      const isSuccessor =
        choice?.kind === 'replaced' && !wanted?.is_automatic && wanted?.provider === 'anthropic';
      return choice?.kind === 'ok' || isSuccessor ? wanted : usable(DEFAULT_FALLBACK);
    },
    coldModel: () => (health?.home_model.state === 'cold' ? homeModel() : null),
    readyModel: () => (health?.home_model.state === 'ready' ? homeModel() : null),
    tier: (tier) => {
      if (tiers.length > 0) return tiers.find((one) => one.tier === tier)?.entry ?? null;
      const entry = tierEntry(registry, tier);
      return entry === null ? null : usable(entry.id);
    },
  };
}
