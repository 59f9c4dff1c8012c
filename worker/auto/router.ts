import { TIERS } from '../models/tiers.ts';
import type { Tier } from '../models/types.ts';
import { type Features, featuresOf } from './features.ts';
import { scoreOf } from './scorer.ts';

export type RouteInput = {
  /** The conversation so far, oldest first; the last turn is the user's message to be answered. */
  turns: readonly { role: 'user' | 'assistant'; text: string }[];
  /** The tier that answered last in this conversation, null at its start. */
  previousTier: Tier | null;
  /** Tiers that can answer now, in any order; empty is treated as all. */
  available: readonly Tier[];
};

export type Decision = {
  tier: Tier;
  /** 0 to 1, rising with the need for a stronger model. */
  score: number;
  /** One sentence for a person. */
  reason: string;
  /** Stable, for pages in other languages and for counting. */
  reason_code: string;
};

const NAME: Record<Tier, string> = { haiku: 'Haiku', sonnet: 'Sonnet', opus: 'Opus' };

/** Scores below the first bound go to Haiku, below the second to Sonnet, the rest to Opus. */
export const BOUNDS = { sonnet: 0.3, opus: 0.72 } as const;

/** A turn of at most this many words that follows an answer is read as a follow-up of it. */
const FOLLOW_UP_WORDS = 8;

function tierOf(score: number): Tier {
  if (score < BOUNDS.sonnet) return 'haiku';
  return score < BOUNDS.opus ? 'sonnet' : 'opus';
}

function why(f: Features, tier: Tier): { code: string; text: string } {
  if (f.wantsRigour) return { code: 'asked_for_rigour', text: 'you asked for careful thought' };
  if (f.isGreeting) return { code: 'small_talk', text: 'a greeting needs no more' };
  if (f.hasTraceback) return { code: 'debugging', text: 'an error trace or a diff to work through' };
  if (tier !== 'haiku' && f.constraints >= 4)
    return { code: 'many_constraints', text: 'many conditions to keep at once' };
  if (tier !== 'haiku' && f.mathSigns > 0) return { code: 'mathematics', text: 'mathematics to work out' };
  if (tier !== 'haiku' && f.designWords > 0) return { code: 'design', text: 'something to plan or to build' };
  if (tier !== 'haiku' && f.reasoningWords > 0) return { code: 'reasoning', text: 'reasons to be weighed' };
  if (tier !== 'haiku' && (f.codeBlocks > 0 || f.codeWords > 0))
    return { code: 'code', text: 'code to read or to write' };
  if (f.isTransform) return { code: 'rewriting', text: 'a text to rewrite, not a problem to solve' };
  if (f.wantsBrevity) return { code: 'asked_for_brevity', text: 'you asked for a short answer' };
  if (f.isLookup) return { code: 'short_question', text: 'a short factual question' };
  if (tier === 'haiku') return { code: 'short_request', text: 'a short and simple request' };
  return { code: 'ordinary_request', text: 'an ordinary request' };
}

function strongest(a: Tier, b: Tier): Tier {
  return TIERS.indexOf(a) >= TIERS.indexOf(b) ? a : b;
}

/** The nearest tier that can answer: the next stronger one, else the next weaker one. */
function nearest(wanted: Tier, available: readonly Tier[]): Tier {
  if (available.length === 0 || available.includes(wanted)) return wanted;
  const index = TIERS.indexOf(wanted);
  const candidates = [...TIERS.slice(index + 1), ...TIERS.slice(0, index).reverse()];
  return candidates.find((tier) => available.includes(tier)) ?? wanted;
}

/**
 * Chooses the tier for the last turn. Pure and synchronous: no clock, no I/O, the same input always gives
 * the same decision.
 */
export function route(input: RouteInput): Decision {
  const turn = input.turns.at(-1)?.text ?? '';
  const features = featuresOf(turn);
  const score = scoreOf(features);
  let tier = tierOf(score);
  let { code, text } = why(features, tier);

  const isFollowUp =
    input.previousTier !== null &&
    features.words <= FOLLOW_UP_WORDS &&
    !features.isGreeting &&
    !features.wantsBrevity;
  if (features.wantsRigour) {
    tier = strongest(tier, input.previousTier === null || input.previousTier === 'haiku' ? 'sonnet' : 'opus');
  } else if (isFollowUp && input.previousTier !== null && strongest(tier, input.previousTier) !== tier) {
    tier = input.previousTier;
    code = 'follow_up';
    text = 'a short follow-up stays with the model that answered before';
  }

  const actual = nearest(tier, input.available);
  if (actual !== tier) {
    code = 'tier_unavailable';
    text = `${NAME[tier]} would fit, but cannot answer now`;
  }
  return { tier: actual, score, reason: `${NAME[actual]}: ${text}.`, reason_code: code };
}
