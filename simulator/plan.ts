import { type Ask, answerText, thinkingText } from './answers.ts';
import { type Random, seededRandom, seedOf } from './random.ts';
import type { BreakOff, Switches } from './switches.ts';
import { tokensOf } from './tokens.ts';

/** One step of an answer: wait, then send. */
export type Step = { delayMs: number; text: string };

/** An answer as it will be played, the same on every wire. */
export type Plan = {
  thinking: Step[];
  text: Step[];
  /** The whole text, as `text` joined. */
  answer: string;
  stop: 'end' | 'max_tokens' | 'refused';
  /** `breakOff.words` counts entries of `text`. */
  breakOff: BreakOff | null;
  outputTokens: number;
  thinkingTokens: number;
};

export type PlanOptions = { maxTokens: number; thinking: boolean; seed: number; pace: number };

/** Milliseconds to the first token: roughly what the real ones need. */
const FIRST_TOKEN_MS: readonly (readonly [RegExp, number])[] = [
  [/haiku/, 250],
  [/sonnet/, 450],
  [/opus/, 700],
];
const FIRST_TOKEN_HOME_MS = 600;
const DELTA_MS = { least: 8, most: 40 };
const SLOWNESS = 10;

/** The same question to the same model with the same seed gives the same plan. */
export function planAnswer(ask: Ask, switches: Switches, options: PlanOptions): Plan {
  const random = seededRandom(seedOf(`${ask.model}\n${ask.prompt}`, options.seed));
  const pace = options.pace * (switches.slow ? SLOWNESS : 1);
  const firstMs = FIRST_TOKEN_MS.find(([pattern]) => pattern.test(ask.model))?.[1] ?? FIRST_TOKEN_HOME_MS;

  const refused = switches.refuse;
  const summary = options.thinking ? thinkingText(ask) : '';
  const full = refused ? '' : answerText(ask, switches, random);
  const budget = switches.maxTokens ? Math.ceil(tokensOf(full) / 2) : options.maxTokens - tokensOf(summary);
  const pieces = wordsOf(full);
  const kept = withinTokens(pieces, Math.max(0, budget));
  const thinking = steps(wordsOf(summary), firstMs, random, pace);
  const text = steps(kept, thinking.length > 0 ? 0 : firstMs, random, pace);
  const answer = kept.join('');
  return {
    thinking,
    text,
    answer,
    stop: refused ? 'refused' : kept.length < pieces.length || switches.maxTokens ? 'max_tokens' : 'end',
    breakOff: switches.breakOff,
    outputTokens: Math.max(1, tokensOf(answer) + tokensOf(summary)),
    thinkingTokens: tokensOf(summary),
  };
}

/** Words with the white space before them; joined they are the text again. */
export function wordsOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

function withinTokens(pieces: string[], budget: number): string[] {
  let length = 0;
  const end = pieces.findIndex((piece) => {
    length += piece.length;
    return tokensOf(length) > budget;
  });
  return end === -1 ? pieces : pieces.slice(0, end);
}

function steps(pieces: string[], firstMs: number, random: Random, pace: number): Step[] {
  return pieces.map((text, index) => {
    const usual = DELTA_MS.least + random() * (DELTA_MS.most - DELTA_MS.least);
    return { text, delayMs: pace * (index === 0 ? firstMs * (0.8 + random() * 0.4) : usual) };
  });
}
