import type { Tier } from '../models/types.ts';
import type { Features } from './features.ts';
import type { Form } from './shape.ts';

export const NAME: Readonly<Record<Tier, string>> = { haiku: 'Haiku', sonnet: 'Sonnet', opus: 'Opus' };

/** The closed set of reasons, each with the words of the page's first language. */
export const REASONS = {
  nothing_to_judge: 'there is nothing to judge the request by',
  asked_for_rigour: 'you asked for careful thought',
  asked_again: 'the same question once more, so a stronger model this time',
  not_satisfied: 'the last answer did not help, so a stronger model this time',
  answer_failed: 'the last answer ended badly, so a stronger model this time',
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
  small_talk: 'a greeting needs no more',
  asked_for_brevity: 'you asked for a short answer',
  in_the_text: 'the answer is in the text that you gave',
  chore: 'a small job of the chat itself',
  mathematics: 'mathematics to work out',
  puzzle: 'a puzzle to reason through',
  design: 'something to plan or to build',
  reasoning: 'reasons to be weighed',
  code: 'code to read or to write',
  rewriting: 'a text to rewrite, not a problem to solve',
  short_question: 'a short factual question',
  short_request: 'a short and simple request',
  ordinary_request: 'an ordinary request',
  warm_conversation: 'the conversation is cheaper to go on with here than to move',
  tier_unavailable: 'the model that would fit cannot answer now',
} as const;

export type ReasonCode = keyof typeof REASONS;

export function isReason(code: string): code is ReasonCode {
  return code in REASONS;
}

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

/** "Haiku: a short factual question; Sonnet would cost about 20 times as much." */
export function sentence(tier: Tier, code: ReasonCode, timesDearer: number | null): string {
  const price =
    timesDearer !== null && timesDearer >= 1.5
      ? `; ${tier === 'haiku' ? 'Sonnet' : 'Opus'} would cost about ${Math.round(timesDearer)} times as much`
      : '';
  return `${NAME[tier]}: ${REASONS[code]}${price}.`;
}
