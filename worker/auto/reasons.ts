import { TIERS } from '../models/tiers.ts';
import type { Tier } from '../models/types.ts';
import type { Features } from './features.ts';
import type { Estimates } from './policy.ts';
import type { Form } from './shape.ts';

export const NAME: Readonly<Record<Tier, string>> = { haiku: 'Haiku', sonnet: 'Sonnet', opus: 'Opus' };

/** The closed set of reasons, each with the words of the page's first language. */
export const REASONS = {
  nothing_to_judge: 'there is nothing to judge the request by',
  asked_for_rigour: 'you asked for careful thought',
  asked_again: 'the same question once more',
  not_satisfied: 'the last answer did not help',
  answer_failed: 'the last answer ended badly',
  held: 'a stronger model was asked for shortly before',
  chosen_tier: 'you asked for it',
  second_opinion: 'a second opinion on a close choice',
  documents: 'documents or several images to read',
  coding_loop: 'the next step of work on a code base',
  first_look: 'a first look around before the work',
  tool_step: 'a step with tools that needs no more',
  long_tool_use: 'a long task with tools that change things',
  writes: 'a task with tools that change things',
  debugging: 'an error to trace',
  many_constraints: 'many conditions to keep at once',
  regulated: 'a matter where a wrong figure does harm',
  follow_up: 'a short follow-up stays with the model that answered before',
  follow_up_eased: 'one more short follow-up needs less than the first ones',
  small_talk: 'a greeting needs no more',
  asked_for_brevity: 'you asked for a short answer',
  in_the_text: 'the answer is in the text that you gave',
  chore: 'a small job of the chat itself',
  mathematics: 'mathematics to work out',
  puzzle: 'a puzzle to reason through',
  design: 'something to plan or to build',
  reasoning: 'reasons to be weighed',
  code: 'code to read or to write',
  lookup: 'something to look up',
  rewriting: 'a text to rewrite, not a problem to solve',
  short_question: 'a short factual question',
  short_request: 'a short and simple request',
  ordinary_request: 'an ordinary request',
  warm_conversation: 'the conversation is in its cache, which makes it the best value here',
  tier_unavailable: 'the model that would fit cannot answer now',
} as const;

export type ReasonCode = keyof typeof REASONS;

/** What kind of request it is, where no rule but its price and its need decided. */
export function kindOf(f: Features, form: Form, tier: Tier): ReasonCode {
  const above = tier !== 'haiku';
  if (above && form === 'puzzle') return 'puzzle';
  if (above && (form === 'maths' || f.mathSigns > 0)) return 'mathematics';
  if (above && f.constraints >= 4) return 'many_constraints';
  if (above && f.designWords > 0) return 'design';
  if (above && f.reasoningWords > 0) return 'reasoning';
  if (above && (form === 'code' || f.codeBlocks > 0 || f.codeWords > 0)) return 'code';
  if (f.isTransform) return 'rewriting';
  if (f.isLookup && f.words <= 20) return 'short_question';
  return !above && f.words <= 25 ? 'short_request' : 'ordinary_request';
}

/** Rules that ask for more than the answer before was. */
const RISING: ReadonlySet<ReasonCode> = new Set(['asked_again', 'not_satisfied', 'answer_failed']);
/** Rules about the request itself that keep it from the weaker tiers. */
const TOO_MUCH: ReadonlySet<ReasonCode> = new Set([
  'documents',
  'coding_loop',
  'long_tool_use',
  'writes',
  'debugging',
  'many_constraints',
  'regulated',
]);

function times(n: number): string {
  const whole = Math.round(n);
  return whole === 2 ? 'twice' : `${whole} times`;
}

/** What a decision by quality against price gave for the tiers beside it. */
function weighed(tier: Tier, estimates: Estimates): string[] {
  const index = TIERS.indexOf(tier);
  const [weaker, next] = [TIERS[index - 1], TIERS[index + 1]];
  const notes: string[] = [];
  if (weaker !== undefined && estimates[weaker].quality < estimates[tier].quality) {
    notes.push(`${NAME[weaker]} would fall short more often`);
  }
  const dearer = next === undefined ? null : timesDearer(tier, estimates);
  if (next !== undefined && dearer !== null && dearer >= 1.5) {
    notes.push(`${NAME[next]} was not worth ${times(dearer)} the price`);
  }
  return notes;
}

/** How many times dearer the next tier up is; null for Opus. */
export function timesDearer(tier: Tier, estimates: Estimates): number | null {
  const next = TIERS[TIERS.indexOf(tier) + 1];
  return next === undefined ? null : estimates[next].costUsd / Math.max(1e-9, estimates[tier].costUsd);
}

/** A rule decided: what it says, and where it is not plain from that, why the tier below would not do. */
export function ruleSentence(tier: Tier, code: ReasonCode, previous: Tier | null): string {
  const weaker = TIERS[TIERS.indexOf(tier) - 1];
  const rose = previous !== null && TIERS.indexOf(tier) > TIERS.indexOf(previous);
  const more = RISING.has(code)
    ? rose
      ? ', so a stronger model this time'
      : previous === 'opus'
        ? ', and no model is stronger'
        : ''
    : TOO_MUCH.has(code) && weaker !== undefined
      ? `, which is not left to ${NAME[weaker]}`
      : '';
  return `${NAME[tier]}: ${REASONS[code]}${more}.`;
}

/** "Haiku: a short factual question; Sonnet was not worth 20 times the price." */
export function valueSentence(tier: Tier, code: ReasonCode, estimates: Estimates): string {
  const notes = code === 'warm_conversation' ? [] : weighed(tier, estimates);
  return `${NAME[tier]}: ${REASONS[code]}${notes.length > 0 ? `; ${notes.join(', and ')}` : ''}.`;
}

/** What Haiku's opinion did to a close choice between two tiers. */
export function opinionSentence(tier: Tier, other: Tier): string {
  return `${NAME[tier]}: it was close to ${NAME[other]}, and a second opinion was for ${NAME[tier]}.`;
}
