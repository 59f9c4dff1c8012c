import { isChoosable } from '../../shared/index.ts';
import type { Config } from '../config.ts';
import type { HealthSnapshot } from '../health/types.ts';
import { HOME_MODEL_ID } from './built-in.ts';
import type { Registry } from './registry.ts';
import { type Standing, standingOf } from './status.ts';
import type { Choice, ModelEntry } from './types.ts';

type Judge = (entry: ModelEntry) => Standing;

function judgeWith(registry: Registry, config: Config, health: HealthSnapshot | null, now: number): Judge {
  return (entry) => standingOf(registry, config, health, entry, now);
}

function unavailable(entry: ModelEntry, standing: Standing): Choice {
  return { kind: 'unavailable', reason: standing.reason ?? `${entry.name} cannot be chosen now.` };
}

/**
 * What becomes of a person's wish for a model (CONTRACT R6, C2).
 * Unknown: the ids that can be chosen are named. Disabled or down: unavailable, with the reason. Retired: its
 * successor, unless that cannot be chosen either. The id is compared with the registry's and goes nowhere else.
 * @param health null: nothing was asked yet; what is configured counts as up
 * @param now milliseconds since the epoch
 */
export function choose(
  registry: Registry,
  config: Config,
  health: HealthSnapshot | null,
  id: string,
  now: number,
): Choice {
  const judge = judgeWith(registry, config, health, now);
  const entry = registry.entries.get(id);
  if (entry === undefined) {
    const allowed = [...registry.entries.values()]
      .filter((one) => isChoosable(judge(one)))
      .map((one) => one.id);
    return { kind: 'unknown', allowed };
  }
  const standing = judge(entry);
  if (isChoosable(standing)) return { kind: 'ok', entry };
  if (standing.status !== 'retired' || standing.successor === null) return unavailable(entry, standing);
  const next = judge(standing.successor);
  return isChoosable(next)
    ? { kind: 'replaced', entry: standing.successor, requested: id, reason: standing.reason ?? '' }
    : unavailable(standing.successor, next);
}

/** Whether a conversation may stay bound to it: a service that is merely down comes back. */
function isKeepable(standing: Standing): boolean {
  return isChoosable(standing) || standing.status === 'unavailable';
}

/**
 * What a returning session, or a default, runs on (CONTRACT R6). A model that is unknown, disabled or retired is
 * replaced: by its successor, else by Automatic, else by the first model that is switched on. Merely down: `ok`.
 * `unavailable` only when no model at all is left.
 */
export function rebind(
  registry: Registry,
  config: Config,
  health: HealthSnapshot | null,
  id: string,
  now: number,
): Choice {
  const judge = judgeWith(registry, config, health, now);
  const entry = registry.entries.get(id);
  const standing = entry === undefined ? null : judge(entry);
  if (entry !== undefined && standing !== null && isKeepable(standing)) return { kind: 'ok', entry };
  const candidates = [standing?.successor, registry.entries.get('auto'), ...registry.entries.values()];
  const next = candidates.find((one) => one != null && isKeepable(judge(one)));
  if (next == null)
    return { kind: 'unavailable', reason: registry.fatal.join(' ') || 'No model can be offered.' };
  const reason = standing?.reason ?? 'This model is not known here any more.';
  return { kind: 'replaced', entry: next, requested: id, reason };
}

/**
 * The id that a new session asks for: `DEFAULT_MODEL` as it was set (it may be unknown: hand it to {@link rebind}),
 * else Automatic where Claude is configured, else the home model.
 */
export function defaultModelId(registry: Registry, config: Config): string {
  if (config.defaultModel !== null) return config.defaultModel;
  if (config.anthropic !== null) return 'auto';
  const home = [...registry.entries.values()].find((entry) => entry.enabled);
  return home?.id ?? HOME_MODEL_ID;
}
