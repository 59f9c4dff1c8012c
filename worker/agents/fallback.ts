import type { ModelEntry, Tier } from '../models/types.ts';
import type { AgentError } from './agent.ts';

export type Fallback = { entry: ModelEntry; reason: string; reason_code: string };

export type FallbackInput = {
  failed: ModelEntry;
  error: AgentError;
  /** `LOCAL_FALLBACK`: whether a home conversation may go to the cloud at all. */
  localFallback: boolean;
  /** The entry behind `FALLBACK_MODEL`, null when it cannot be used. */
  fallbackModel: ModelEntry | null;
  /** A registry entry that may be asked now (enabled, not retired, its side configured), or null. */
  usable: (id: string) => ModelEntry | null;
  /** Which entry stands for a tier today, null when it cannot be used. */
  tier: (tier: Tier) => ModelEntry | null;
  /** Whether a model takes the turns of this run whole. */
  fits: (entry: ModelEntry) => boolean;
  /** What Automatic would choose for the same turns; null when no Claude model can be asked. */
  automatic: () => ModelEntry | null;
};

const NEXT_UP: Record<Tier, Tier | null> = { haiku: 'sonnet', sonnet: 'opus', opus: null };

/**
 * CONTRACT R9's table: who answers instead, or null for nobody. Asked only before the first output, and
 * its answer is announced before anything is sent to the other model. Whether there was a fallback
 * already is the caller's to know: each provider gets one.
 */
export function fallbackFor(input: FallbackInput): Fallback | null {
  const { failed, error } = input;
  if (error.kind === 'bad_request' || error.kind === 'context_too_long') return null;
  if (failed.provider !== 'anthropic') {
    const entry = input.localFallback ? input.automatic() : null;
    if (entry === null || !input.fits(entry)) return null;
    return {
      entry,
      reason: `${failed.name} did not answer: ${error.message}`,
      reason_code: error.timedOut ? 'home_silent' : `home_${error.kind}`,
    };
  }
  if (error.kind === 'auth') return null;
  const successor =
    error.kind === 'model_missing' && failed.replaced_by !== null ? input.usable(failed.replaced_by) : null;
  const up = failed.tier === null ? null : NEXT_UP[failed.tier];
  const other =
    input.fallbackModel !== null && input.fallbackModel.id !== failed.id
      ? input.fallbackModel
      : up === null
        ? null
        : input.tier(up);
  const wanted = successor ?? other;
  // A setting may name Automatic, which is no model that an upstream knows.
  const entry = wanted?.is_automatic ? input.automatic() : wanted;
  if (entry === null || entry.id === failed.id || !input.fits(entry)) return null;
  return {
    entry,
    reason: `${failed.name} did not answer: ${error.message}`,
    reason_code: error.timedOut
      ? 'upstream_silent'
      : error.kind === 'model_missing'
        ? 'model_missing'
        : 'upstream_failed',
  };
}
