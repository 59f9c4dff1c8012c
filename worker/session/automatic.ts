import type { AutoMode } from '../../shared/index.ts';
import type { Turn } from '../agents/agent.ts';
import { type SystemPrompts, systemFor } from '../agents/system-prompt.ts';
import { lastAnswers, type PastAnswer } from '../archive/messages.ts';
import type { Sql } from '../archive/sql.ts';
import { type Decision, type RouteInput, route } from '../auto/router.ts';
import type { BadEnd } from '../auto/rules.ts';
import { TIERS } from '../models/tiers.ts';
import type { ModelEntry, Rates, Tier } from '../models/types.ts';
import { callKey } from '../tools/repeats.ts';
import { CACHE_MS } from '../usage/always.ts';
import { roundTokens, turnsFit } from './context.ts';
import type { Offer } from './offer.ts';
import type { RunChoices } from './run-types.ts';

/** What a frame that asks for an answer means for Automatic. */
export type Wish = {
  /** C8: exactly this tier. */
  tier: Tier | null;
  mode: AutoMode;
  /** How often the question was answered before, in these words or in others. */
  attempts: number;
  /** The answer that this one takes the place of, or follows; null at the start of a conversation. */
  after: number | null;
};

/** What the conversation so far tells Automatic beside its words. */
export type Circumstances = Pick<RouteInput, 'mode' | 'attempts' | 'badEnd' | 'warm' | 'held' | 'chosen'> & {
  previousTier: Tier | null;
};

/** A stronger model that was asked for holds for so many answers. */
const HELD_ANSWERS = 3;

export function circumstancesOf(
  sql: Sql,
  conversation: string,
  wish: Wish,
  offer: Offer,
  now: number,
): Circumstances {
  const answers = lastAnswers(sql, conversation, wish.after, HELD_ANSWERS);
  const tierOf = ({ detail }: PastAnswer) =>
    TIERS.find((tier) => offer.tier(tier)?.id === detail.actual_model) ?? null;
  const [last] = answers;
  // What failed before anybody answered says nothing of a tier.
  const answered = answers.find(({ detail }) => detail.actual_model !== null);
  const held = answers
    .filter(({ detail }) => (detail.attempts ?? 0) > 0)
    .flatMap((answer) => tierOf(answer) ?? []);
  return {
    mode: wish.mode,
    attempts: wish.attempts,
    chosen: wish.tier,
    previousTier: answered === undefined ? null : tierOf(answered),
    badEnd: last === undefined ? null : badEndOf(last),
    warm: answered !== undefined && now - endOf(answered) < CACHE_MS,
    held: strongest(held),
  };
}

function endOf({ createdAt, detail }: PastAnswer): number {
  return createdAt + (detail.duration_ms ?? 0);
}

function strongest(tiers: readonly Tier[]): Tier | null {
  return TIERS.findLast((tier) => tiers.includes(tier)) ?? null;
}

/** A model that asks for the same three times, or ends with two failures, is at the end of what it can do. */
const SAME_CALLS = 3;
const FAILED_CALLS = 2;

/** How an answer ended, where that says something against the model that gave it: not a stop, nor a broken line. */
function badEndOf({ text, detail }: PastAnswer): BadEnd | null {
  if (detail.stop_reason === 'refused') return 'refused';
  if (detail.stop_reason === 'max_tokens') return 'cut';
  const { tools = [] } = detail;
  const keys = tools.map(({ name, arguments: args }) => callKey(name, args));
  if (keys.some((key) => keys.filter((one) => one === key).length >= SAME_CALLS)) return 'same_tool_call';
  const last = tools.slice(-FAILED_CALLS);
  if (last.length === FAILED_CALLS && last.every(({ ok }) => ok === false)) return 'tool_errors';
  return detail.stop_reason === 'end_turn' && text.trim() === '' ? 'empty' : null;
}

/** Prices that `MODELS` sets; where it sets none the router knows today's. */
function ownRates(offer: Offer): Partial<Record<Tier, Rates>> {
  const found = TIERS.map((tier) => [tier, offer.tier(tier)?.rates ?? null] as const);
  return Object.fromEntries(found.filter(([, rates]) => rates !== null));
}

/** Automatic's choice among the tiers that can be asked and take the turns whole; null when there is none. */
function chooseAutomatically(
  turns: readonly Turn[],
  circumstances: Circumstances,
  offer: Offer,
  fits: (entry: ModelEntry) => boolean,
): { entry: ModelEntry; decision: Decision } | null {
  const available = TIERS.filter((tier) => {
    const entry = offer.tier(tier);
    return entry !== null && fits(entry);
  });
  if (available.length === 0) return null;
  const toolTokens = roundTokens(turns.flatMap(({ rounds = [] }) => rounds));
  const decision = route({ turns, available, rates: ownRates(offer), toolTokens, ...circumstances });
  const entry = offer.tier(decision.tier);
  return entry === null ? null : { entry, decision };
}

/** Everything that a run asks about models, as they stand when it starts. */
export function runChoices(
  offer: Offer,
  circumstances: Circumstances,
  settings: { localFallback: boolean; fallbackModel: string; prompts: SystemPrompts },
): RunChoices {
  const fits: RunChoices['fits'] = (entry, turns, rounds, tools) =>
    turnsFit(turns, systemFor(settings.prompts, entry), entry, rounds, tools);
  return {
    localFallback: settings.localFallback,
    system: (entry, hasTools) => (hasTools ? systemFor(settings.prompts, entry) : settings.prompts.base),
    fallbackModel: offer.fallbackModel(settings.fallbackModel),
    usable: (id) => offer.usable(id),
    tier: (tier) => offer.tier(tier),
    fits,
    automatic: (turns) => chooseAutomatically(turns, circumstances, offer, (entry) => fits(entry, turns)),
  };
}
