import { isChoosable, type ModelStatus } from '../../shared/index.ts';
import type { Config } from '../config.ts';
import { isListed } from '../health/proxy-list.ts';
import type { HealthSnapshot } from '../health/types.ts';
import { lifecycleOf, successorOf } from './lifecycle.ts';
import type { Registry } from './registry.ts';
import { TIERS, tierEntry } from './tiers.ts';
import type { ModelEntry, Tier } from './types.ts';

export type Standing = {
  status: ModelStatus;
  /** Null for `available`. */
  reason: string | null;
  /** ISO 8601 or null, as the lifecycle has it now. */
  retires_at: string | null;
  /** Who takes over, once there is something to take over from. */
  successor: ModelEntry | null;
};

const day = (iso: string) => iso.slice(0, 10);

/** Why the services behind a model do not answer now; null when they do, or were not asked yet. */
function downReason(entry: ModelEntry, config: Config, health: HealthSnapshot | null): string | null {
  if (health === null) return null;
  const { anthropic, litellm, ollama } = health.services;
  if (entry.provider === 'anthropic' && anthropic.status === 'down') return anthropic.detail;
  if (entry.provider === 'ollama') {
    if (litellm.status === 'down') return litellm.detail;
    if (ollama.status === 'down') return ollama.detail;
    // What is missing is the configured home model; another model at home does not suffer from it.
    if (entry.upstream_model === config.litellm?.model) return health.home_model.reason;
  }
  return unlistedReason(entry, health);
}

/** Why the proxy cannot be asked for a model that goes through it; null where it can, or its list is not known. */
function unlistedReason({ routing_path, upstream_model }: ModelEntry, health: HealthSnapshot): string | null {
  if (routing_path !== 'litellm_proxy' || upstream_model === null || health.proxy_models === null)
    return null;
  return isListed(health.proxy_models, upstream_model)
    ? null
    : `LiteLLM does not list the model ${upstream_model}: add it to LiteLLM's model_list.`;
}

function automaticStanding(
  registry: Registry,
  config: Config,
  health: HealthSnapshot | null,
  now: number,
): Pick<Standing, 'status' | 'reason'> {
  if (usableTiers(registry, config, health, now).length > 0) return { status: 'available', reason: null };
  const first = TIERS.map((tier) => tierEntry(registry, tier)).find((entry) => entry !== null);
  return first == null
    ? { status: 'disabled', reason: 'MODELS switches off all three models that Automatic chooses from.' }
    : { status: 'unavailable', reason: standingOf(registry, config, health, first, now).reason };
}

/**
 * What an entry is worth at a time: the one judgement that choosing and listing share.
 * In this order: disabled by the configuration, retired, its service down, deprecated, available.
 * @param health null: nothing was asked yet; what is configured counts as up
 */
export function standingOf(
  registry: Registry,
  config: Config,
  health: HealthSnapshot | null,
  entry: ModelEntry,
  now: number,
): Standing {
  const live = health?.live_models ?? [];
  const { state, retires_at } = lifecycleOf(entry, live, now);
  const successor = state === 'active' ? null : successorOf(registry.entries, entry, live, now);
  const standing = (status: ModelStatus, reason: string | null): Standing => ({
    status,
    reason,
    retires_at,
    successor,
  });

  if (!entry.enabled) return standing('disabled', entry.disabled_reason);
  if (entry.routing_path === 'litellm_proxy' && health?.litellm_refused) {
    return standing('disabled', health.litellm_refused);
  }
  if (entry.is_automatic) {
    const { status, reason } = automaticStanding(registry, config, health, now);
    return standing(status, reason);
  }
  if (state === 'retired') {
    const when = retires_at === null ? '' : ` on ${day(retires_at)}`;
    const then = successor === null ? '' : ` ${successor.name} (${successor.id}) takes its place.`;
    return standing('retired', `${entry.name} was retired by its provider${when}.${then}`);
  }
  const down = downReason(entry, config, health);
  if (down !== null) return standing('unavailable', down);
  if (state === 'deprecated') {
    const isOverdue = retires_at !== null && Date.parse(retires_at) <= now;
    const when =
      retires_at === null
        ? 'will be retired by its provider'
        : `${isOverdue ? 'was to retire' : 'retires'} on ${day(retires_at)}`;
    const then = successor === null ? '' : ` ${successor.name} (${successor.id}) takes its place then.`;
    return standing('deprecated', `${entry.name} ${when}.${then}`);
  }
  return standing('available', null);
}

/** The tiers of Automatic that can answer now, weakest first; a retired tier is stood for by its successor. */
export function usableTiers(
  registry: Registry,
  config: Config,
  health: HealthSnapshot | null,
  now: number,
): { tier: Tier; entry: ModelEntry }[] {
  return TIERS.flatMap((tier) => {
    const entry = tierEntry(registry, tier);
    if (entry === null) return [];
    const standing = standingOf(registry, config, health, entry, now);
    if (isChoosable(standing)) return [{ tier, entry }];
    const next = standing.status === 'retired' ? standing.successor : null;
    // Automatic never leads to itself, nor from the cloud to the home model.
    if (next === null || next.is_automatic || next.provider !== entry.provider) return [];
    return isChoosable(standingOf(registry, config, health, next, now)) ? [{ tier, entry: next }] : [];
  });
}
