import { TIERS } from '../models/tiers.ts';
import type { Rates, Tier } from '../models/types.ts';
import type { AgentStep } from './agent-step.ts';
import { type Bill, bestValue, type Estimates, estimate, type Mode } from './policy.ts';
import { TIER_RATES } from './rates.ts';
import { isReason, kindOf, NAME, type ReasonCode, sentence } from './reasons.ts';
import { type BadEnd, type Bounds, boundsOf } from './rules.ts';
import { readingOf, scoreOf } from './scorer.ts';
import { isFollowUp, signalsOf } from './signals.ts';
import { SHIPPED } from './weights.ts';

export type { Mode } from './policy.ts';

export type RouteInput = {
  /** The conversation so far, oldest first; its last user turn is the message to be answered. */
  turns: readonly { role: 'user' | 'assistant'; text: string }[];
  /** The tier that answered last in this conversation, null at its start. */
  previousTier: Tier | null;
  /** Tiers that can answer now, in any order; empty is treated as all. */
  available: readonly Tier[];
  /** How much quality is worth; `balanced` where it is not said. */
  mode?: Mode;
  /** US dollars per million tokens where they are not today's usual ones. */
  rates?: Readonly<Partial<Record<Tier, Rates>>>;
  /** Whether the previous tier's cache still holds the conversation (it does for five minutes); true if not said. */
  warm?: boolean;
  /** How often this very question was answered before: redo, edit, thumbs down. */
  attempts?: number;
  badEnd?: BadEnd | null;
  chore?: boolean;
  images?: number;
  documents?: number;
  step?: AgentStep | null;
};

export type Decision = {
  tier: Tier;
  /** 0 to 1, rising with the need for a stronger model. Rules move the tier, never the score of the turn alone. */
  score: number;
  /** One sentence for a person. */
  reason: string;
  /** Stable, for pages in other languages and for counting. */
  reason_code: string;
  /** What goes into the sentence beside the code. */
  reason_params: { wanted: Tier; times_dearer: number | null };
  /** Expected quality (0 to 1) and cost (US dollars, an answer of usual length) of each tier. */
  estimates: Estimates;
};

/** A token is about four characters of English; of other scripts it is less, which only makes the bill too low. */
const CHARS_PER_TOKEN = 4;

function bounded(tier: Tier, { floor, ceiling }: Bounds): { tier: Tier; code: string | null } {
  const rank = (of: Tier) => TIERS.indexOf(of);
  if (floor !== null && ceiling !== null && rank(floor.tier) >= rank(ceiling.tier)) return floor;
  if (floor !== null && rank(tier) < rank(floor.tier)) return floor;
  if (ceiling !== null && rank(tier) > rank(ceiling.tier)) return ceiling;
  // A rule that names the tier which is chosen anyway says more than the kind of the request.
  const named = [floor, ceiling].find((bound) => bound?.tier === tier);
  return { tier, code: named?.code ?? null };
}

/** The nearest tier that can answer: the next stronger one, else the next weaker one. */
function nearest(wanted: Tier, available: readonly Tier[]): Tier {
  if (available.length === 0 || available.includes(wanted)) return wanted;
  const index = TIERS.indexOf(wanted);
  const candidates = [...TIERS.slice(index + 1), ...TIERS.slice(0, index).reverse()];
  return candidates.find((tier) => available.includes(tier)) ?? wanted;
}

/** How many times dearer the next tier up is; null for Opus. */
function timesDearer(tier: Tier, estimates: Estimates): number | null {
  const next = TIERS[TIERS.indexOf(tier) + 1];
  return next === undefined ? null : estimates[next].costUsd / Math.max(1e-9, estimates[tier].costUsd);
}

function followUpsInARow(users: readonly string[]): number {
  const turned = users.slice(1).toReversed();
  const end = turned.findIndex((text) => !isFollowUp(text));
  return end === -1 ? turned.length : end;
}

function billOf(input: RouteInput, turn: string): Bill {
  const chars = input.turns.reduce((sum, { text }) => sum + text.length, 0);
  return {
    rates: { ...TIER_RATES, ...input.rates },
    historyTokens: (chars - turn.length) / CHARS_PER_TOKEN,
    turnTokens: turn.length / CHARS_PER_TOKEN,
    warm: (input.warm ?? true) ? input.previousTier : null,
  };
}

/**
 * Chooses the tier for the last user turn: rules first, then the score of the turn, then quality against price.
 * Pure and synchronous: no clock, no I/O, the same input always gives the same decision.
 */
export function route(input: RouteInput): Decision {
  const users = input.turns.flatMap(({ role, text }) => (role === 'user' ? [text] : []));
  const turn = users.at(-1) ?? '';
  const signals = signalsOf(turn, users.slice(0, -1), input.previousTier !== null);
  const score = scoreOf(readingOf(turn), SHIPPED);
  const need = signals.smallTalk ? Math.min(0.02, score.need) : score.need;
  const estimates = estimate(need, billOf(input, turn));
  const mode = input.mode ?? 'balanced';
  const bounds = boundsOf(signals, {
    previousTier: input.previousTier,
    attempts: input.attempts ?? 0,
    badEnd: input.badEnd ?? null,
    chore: input.chore ?? false,
    images: input.images ?? 0,
    documents: input.documents ?? 0,
    step: input.step ?? null,
    followUps: followUpsInARow(users),
  });
  const { tier: wanted, code } = bounded(bestValue(estimates, mode), bounds);
  const tier = nearest(wanted, input.available);
  const kind = kindOf(signals.features, score.form, wanted);
  const warmHere =
    tier === input.previousTier &&
    bestValue(estimate(need, { ...billOf(input, turn), warm: null }), mode) !== tier;
  const own: ReasonCode = code !== null && isReason(code) ? code : warmHere ? 'warm_conversation' : kind;
  const times = code === null && tier === wanted && tier !== 'opus' ? timesDearer(tier, estimates) : null;
  const reason =
    tier === wanted
      ? sentence(tier, own, times)
      : `${NAME[tier]}: ${NAME[wanted]} would fit, but cannot answer now.`;
  return {
    tier,
    score: need,
    reason,
    reason_code: tier === wanted ? own : 'tier_unavailable',
    reason_params: { wanted, times_dearer: times },
    estimates,
  };
}
