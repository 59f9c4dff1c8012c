import type { LiveModel } from '../health/types.ts';
import type { ModelEntry } from './types.ts';

export type Lifecycle = {
  state: 'active' | 'deprecated' | 'retired';
  /** ISO 8601, or null while no date is known. */
  retires_at: string | null;
};

/**
 * The lifecycle of an entry at a time.
 *
 * Where the provider's live list has the model, the list alone decides: its `lifecycle` is the signal, and a
 * past date on a deprecated model only means that its end is overdue (`ModelInfo` in @anthropic-ai/sdk 1.12).
 * Otherwise the built-in date decides, so that a model ends on its day without a release of ours.
 * @param live empty where the list could not be had
 * @param now milliseconds since the epoch
 */
export function lifecycleOf(entry: ModelEntry, live: readonly LiveModel[], now: number): Lifecycle {
  const told =
    entry.provider === 'anthropic' && !entry.is_automatic
      ? (live.find((model) => model.id === entry.upstream_model) ??
        live.find((model) => model.id === entry.id))
      : undefined;
  if (told !== undefined) return { state: told.lifecycle, retires_at: told.retires_at };
  const { retires_at } = entry;
  if (retires_at !== null && now >= Date.parse(retires_at)) return { state: 'retired', retires_at };
  return { state: entry.deprecated || retires_at !== null ? 'deprecated' : 'active', retires_at };
}

/**
 * The first successor that is not itself retired, followed as far as it takes; null where the chain ends,
 * leaves the registry or runs in a circle.
 */
export function successorOf(
  entries: ReadonlyMap<string, ModelEntry>,
  entry: ModelEntry,
  live: readonly LiveModel[],
  now: number,
): ModelEntry | null {
  const seen = new Set([entry.id]);
  let next = entry.replaced_by;
  while (next !== null && !seen.has(next)) {
    seen.add(next);
    const candidate = entries.get(next);
    if (candidate === undefined) return null;
    if (lifecycleOf(candidate, live, now).state !== 'retired') return candidate;
    next = candidate.replaced_by;
  }
  return null;
}
