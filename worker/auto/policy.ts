import type { AutoMode } from '../../shared/index.ts';
import { TIERS } from '../models/tiers.ts';
import type { Rates, Tier } from '../models/types.ts';

export type Mode = AutoMode;

/**
 * How much expected quality (a share of good answers) one doubling of the price must bring. A choice of taste, set
 * by hand so that everyday questions go to Haiku, most work to Sonnet and few turns to Opus.
 */
const PRICE_OF_DOUBLING: Readonly<Record<Mode, number>> = { economy: 0.055, balanced: 0.028, quality: 0.009 };

/**
 * Expected share of good answers: sigmoid(ease - 1.6 × logit(need)). Set by hand: nobody has published answers of
 * these three models by question. With labelled answers these three numbers and the slope are what to fit anew.
 */
const EASE: Readonly<Record<Tier, number>> = { haiku: 0.3, sonnet: 3.0, opus: 3.19 };
const SLOPE = 1.6;
/** Above this logit of the need the curves would only say that nobody is right. */
const HARDEST = 1.6;

const ANSWER_TOKENS = 700;
const SYSTEM_TOKENS = 500;

export type Estimate = { quality: number; costUsd: number };
export type Estimates = Record<Tier, Estimate>;

export type Bill = {
  rates: Readonly<Record<Tier, Rates>>;
  /** Tokens of the conversation before this turn: in the cache of `warm`, and nowhere else. */
  historyTokens: number;
  turnTokens: number;
  /** The tier whose cache still holds the conversation; null where none does. */
  warm: Tier | null;
};

function quality(tier: Tier, need: number): number {
  return 1 / (1 + Math.exp(SLOPE * Math.min(HARDEST, Math.log(need / (1 - need))) - EASE[tier]));
}

/** What an answer of usual length would cost: leaving a warm conversation means writing its cache anew. */
function cost(tier: Tier, bill: Bill): number {
  const rates = bill.rates[tier];
  const history = SYSTEM_TOKENS + bill.historyTokens;
  const prompt = history * (bill.warm === tier ? rates.cache_read : rates.cache_write);
  return (prompt + bill.turnTokens * rates.cache_write + ANSWER_TOKENS * rates.output) / 1_000_000;
}

export function estimate(need: number, bill: Bill): Estimates {
  const of = (tier: Tier): Estimate => ({ quality: quality(tier, need), costUsd: cost(tier, bill) });
  return { haiku: of('haiku'), sonnet: of('sonnet'), opus: of('opus') };
}

/** Expected quality for the price, and the part of it that the price takes away. */
export type Valued = { tier: Tier; value: number; price: number };

/**
 * All tiers by expected quality less price, the best first; of equals the weaker one. Prices count by their ratio, so
 * that the length of a conversation, which multiplies all of them, does not decide how good its answers are.
 */
export function byValue(estimates: Estimates, mode: Mode): Valued[] {
  const least = Math.max(1e-9, Math.min(...TIERS.map((tier) => estimates[tier].costUsd)));
  return TIERS.map((tier) => {
    const { quality: good, costUsd } = estimates[tier];
    const price = PRICE_OF_DOUBLING[mode] * Math.log2(Math.max(costUsd, least) / least);
    return { tier, value: good - price, price };
  }).sort((a, b) => b.value - a.value);
}

/** The tier with the best expected quality for its price. */
export function bestValue(estimates: Estimates, mode: Mode): Tier {
  return byValue(estimates, mode)[0]?.tier ?? 'sonnet';
}

/**
 * Of the difference in price between two tiers: where the better value leads by less than this part of it, the choice
 * is a close one. Set so that about a quarter of the golden opening turns which no rule decides are.
 */
const CLOSE = 0.55;

export function isClose(one: Valued, two: Valued): boolean {
  return Math.abs(one.value - two.value) < CLOSE * Math.abs(one.price - two.price);
}
