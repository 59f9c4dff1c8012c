import { TIERS } from '../models/tiers.ts';
import type { Rates, Tier } from '../models/types.ts';
import type { AgentStep } from './agent-step.ts';
import { type Decision, nearest } from './decision.ts';
import { type Bill, bestValue, byValue, estimate, isClose, type Mode, type Valued } from './policy.ts';
import { TIER_RATES } from './rates.ts';
import { kindOf, NAME, type ReasonCode, ruleSentence, timesDearer, valueSentence } from './reasons.ts';
import { type BadEnd, type Bounds, boundsOf } from './rules.ts';
import { readingOf, scoreOf } from './scorer.ts';
import { isFollowUp, signalsOf } from './signals.ts';
import { SHIPPED } from './weights.ts';

export { type Decision, routingOf, withSecondOpinion } from './decision.ts';
export type { Mode } from './policy.ts';

export type RouteInput = {
  /** The conversation so far, oldest first; its last user turn is the message to be answered. */
  turns: readonly { role: 'user' | 'assistant'; text: string }[];
  /** The tier that answered last in this conversation, null at its start. In a redo: that of the answer redone. */
  previousTier: Tier | null;
  /** Tiers that can answer now, in any order; empty is treated as all. */
  available: readonly Tier[];
  /** How much quality is worth; `balanced` where it is not said. */
  mode?: Mode;
  /** US dollars per million tokens where they are not today's usual ones. */
  rates?: Readonly<Partial<Record<Tier, Rates>>>;
  /** Whether the previous tier's cache still holds the conversation (it does for five minutes); true if not said. */
  warm?: boolean;
  /** What tools have answered earlier in the conversation, in tokens: it goes up again, and is no word of anybody. */
  toolTokens?: number;
  /** How often this very question was answered before: redo, edit, thumbs down. */
  attempts?: number;
  /**
   * The strongest tier that a redo or a retry asked for, or led to, in the last three answered turns of this branch.
   * It is a floor for this turn, but not for small talk, chores, and what is to be answered in a word.
   */
  held?: Tier | null;
  /** The tier that a person asked for with a redo. It is the decision, whatever the rules say. */
  chosen?: Tier | null;
  badEnd?: BadEnd | null;
  chore?: boolean;
  images?: number;
  documents?: number;
  /** Only inside a run of tool calls or an agent's task: a chat turn to which tools are merely offered has none. */
  step?: AgentStep | null;
};

/** A token is about four characters of English; of other scripts it is less, which only makes the bill too low. */
const CHARS_PER_TOKEN = 4;

const rank = (tier: Tier) => TIERS.indexOf(tier);

/** The tier within the bounds, and the code of the rule that decided or says more than the kind of the request. */
function bounded(tier: Tier, { floor, ceiling }: Bounds): { tier: Tier; code: ReasonCode | null } {
  if (floor !== null && ceiling !== null && rank(floor.tier) >= rank(ceiling.tier)) return floor;
  if (floor !== null && rank(tier) < rank(floor.tier)) return floor;
  if (ceiling !== null && rank(tier) > rank(ceiling.tier)) return ceiling;
  const named = [floor, ceiling].find((bound) => bound?.tier === tier);
  return { tier, code: named?.code ?? null };
}

/** The best value beside the chosen tier among those that the rules allow and that can answer, and whether it is close. */
function runnerUp(
  tier: Tier,
  values: readonly Valued[],
  { floor, ceiling }: Bounds,
  available: readonly Tier[],
): { tier: Tier; close: boolean } | null {
  const own = values.find((each) => each.tier === tier);
  const other = values.find(
    (each) =>
      each.tier !== tier &&
      (floor === null || rank(each.tier) >= rank(floor.tier)) &&
      (ceiling === null || rank(each.tier) <= rank(ceiling.tier)) &&
      (available.length === 0 || available.includes(each.tier)),
  );
  return own === undefined || other === undefined ? null : { tier: other.tier, close: isClose(own, other) };
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
    historyTokens: (chars - turn.length) / CHARS_PER_TOKEN + (input.toolTokens ?? 0),
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
  const mode = input.mode ?? 'balanced';
  const previous = input.previousTier;
  const reading = readingOf(turn);
  const signals = signalsOf(turn, reading.text, users.slice(0, -1), previous !== null);
  const score = scoreOf(reading, SHIPPED);
  const need = signals.smallTalk ? Math.min(0.02, score.need) : score.need;
  const bill = billOf(input, turn);
  const estimates = estimate(need, bill);
  const best = bestValue(estimates, mode);
  const bounds = boundsOf(signals, {
    previousTier: previous,
    attempts: input.attempts ?? 0,
    held: input.held ?? null,
    badEnd: input.badEnd ?? null,
    chore: input.chore ?? false,
    images: input.images ?? 0,
    documents: input.documents ?? 0,
    step: input.step ?? null,
    followUps: followUpsInARow(users),
  });
  const ruled: { tier: Tier; code: ReasonCode | null } = input.chosen
    ? { tier: input.chosen, code: 'chosen_tier' }
    : bounded(best, bounds);
  const wanted = ruled.tier;
  const tier = nearest(wanted, input.available);
  const here = tier === wanted;
  const byValueAlone = ruled.code === null && here;
  const kept = () => tier === previous && bestValue(estimate(need, { ...bill, warm: null }), mode) !== tier;
  const code = ruled.code ?? (kept() ? 'warm_conversation' : kindOf(signals.features, score.form, wanted));
  const values = byValue(estimates, mode);
  const other = ruled.code === null ? runnerUp(tier, values, bounds, input.available) : null;
  return {
    tier,
    mode,
    score: need,
    reason: !here
      ? `${NAME[tier]}: ${NAME[wanted]} would fit, but cannot answer now.`
      : byValueAlone
        ? valueSentence(tier, code, estimates)
        : ruleSentence(tier, code, previous),
    reason_code: here ? code : 'tier_unavailable',
    reason_params: { wanted, times_dearer: byValueAlone ? timesDearer(tier, estimates) : null },
    estimates,
    uncertain: byValueAlone && (other?.close ?? false),
    runner_up: other?.tier ?? null,
  };
}
