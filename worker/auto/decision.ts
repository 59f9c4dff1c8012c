import type { Routing } from '../../shared/index.ts';
import { TIERS } from '../models/tiers.ts';
import type { Tier } from '../models/types.ts';
import type { Estimates, Mode } from './policy.ts';
import { opinionSentence, type ReasonCode } from './reasons.ts';

export type Decision = {
  tier: Tier;
  mode: Mode;
  /** 0 to 1, rising with the need for a stronger model. Rules move the tier, never the score of the turn alone. */
  score: number;
  /** One sentence for a person. */
  reason: string;
  /** Stable, for pages in other languages and for counting. */
  reason_code: ReasonCode;
  /** What goes into the sentence beside the code. */
  reason_params: { wanted: Tier; times_dearer: number | null };
  /** Expected quality (0 to 1) and cost (US dollars, an answer of usual length) of each tier. */
  estimates: Estimates;
  /** No rule decided, and the second-best tier was nearly as good a value: here a second opinion may be asked. */
  uncertain: boolean;
  /** The second-best value among the tiers that the rules allow and that can answer; null where there is only one. */
  runner_up: Tier | null;
};

/**
 * The decision after Haiku's opinion. Only an uncertain one can change, and only to its runner-up: any other opinion
 * leaves it as it was. The result is settled (`uncertain` is false).
 */
export function withSecondOpinion(decision: Decision, opinion: Tier): Decision {
  const { tier, runner_up: other, uncertain } = decision;
  if (!uncertain || other === null || (opinion !== tier && opinion !== other)) return decision;
  const loser = opinion === tier ? other : tier;
  return {
    ...decision,
    tier: opinion,
    reason: opinionSentence(opinion, loser),
    reason_code: 'second_opinion',
    reason_params: { wanted: opinion, times_dearer: null },
    uncertain: false,
    runner_up: loser,
  };
}

const digits = (value: number, n: number) => Number(value.toPrecision(n));
const places = (value: number) => Math.round(value * 1000) / 1000;

/** A decision as it goes over the wire and into the archive; a second opinion is added by who asked for it. */
export function routingOf({ mode, tier, score, reason_params, estimates }: Decision): Routing {
  const of = (each: Tier) => ({
    quality: places(estimates[each].quality),
    cost_usd: digits(estimates[each].costUsd, 6),
  });
  const { wanted, times_dearer } = reason_params;
  return {
    mode,
    tier,
    score: places(score),
    reason_params: { wanted, times_dearer: times_dearer === null ? null : digits(times_dearer, 3) },
    tiers: { haiku: of('haiku'), sonnet: of('sonnet'), opus: of('opus') },
  };
}

/** The nearest tier that can answer: the next stronger one, else the next weaker one. None available counts as all. */
export function nearest(wanted: Tier, available: readonly Tier[]): Tier {
  if (available.length === 0 || available.includes(wanted)) return wanted;
  const index = TIERS.indexOf(wanted);
  const candidates = [...TIERS.slice(index + 1), ...TIERS.slice(0, index).reverse()];
  return candidates.find((tier) => available.includes(tier)) ?? wanted;
}
