import { type Ask, answerText, thinkingText } from './answers.ts';
import { type Random, seededRandom, seedOf } from './random.ts';
import { type BreakOff, type Switches, withoutSwitches } from './switches.ts';
import { tokensOf } from './tokens.ts';
import { toolTurn } from './tools/model.ts';

/** One step of an answer: wait, then send. */
export type Step = { delayMs: number; text: string };

export type PlannedCall = { name: string; pieces: Step[] };

/** An answer as it will be played, the same on every wire. */
export type Plan = {
  thinking: Step[];
  text: Step[];
  /** The whole text, as `text` joined. */
  answer: string;
  /** Calls after the text; `pieces` joined are their arguments as JSON. */
  calls: PlannedCall[];
  stop: 'end' | 'max_tokens' | 'refused' | 'tool_use';
  /** `breakOff.words` counts entries of `text`. */
  breakOff: BreakOff | null;
  /** How the answer breaks off in the middle of its last call. */
  callBreak: BreakOff['how'] | null;
  outputTokens: number;
  thinkingTokens: number;
};

export type PlanOptions = { maxTokens: number; thinking: boolean; seed: number; pace: number; now?: Date };

/** Milliseconds to the first token: roughly what the real ones need. */
const FIRST_TOKEN_MS: readonly (readonly [RegExp, number])[] = [
  [/haiku/, 250],
  [/sonnet/, 450],
  [/opus/, 700],
];
const FIRST_TOKEN_HOME_MS = 600;
const DELTA_MS = { least: 8, most: 40 };
const SLOWNESS = 10;
/** A long table of what tools gave comes as quickly as so many words. */
const WORDS_OF_TABLE = 150;
/** Arguments come in pieces of about so many characters. */
const JSON_PIECE = /.{1,12}/gsu;

/** The same question to the same model with the same seed gives the same plan. */
export function planAnswer(ask: Ask, switches: Switches, options: PlanOptions): Plan {
  const random = seededRandom(seedOf(`${ask.model}\n${ask.prompt}`, options.seed));
  const pace = options.pace * (switches.slow ? SLOWNESS : 1);
  const firstMs = FIRST_TOKEN_MS.find(([pattern]) => pattern.test(ask.model))?.[1] ?? FIRST_TOKEN_HOME_MS;

  const refused = switches.refuse;
  const { tools = [], rounds = [] } = ask;
  const { now = new Date() } = options;
  const question = withoutSwitches(ask.prompt);
  const asked = { question, tools, rounds, now, isSmall: ask.service === 'litellm' };
  const turn = refused ? null : toolTurn(asked, switches);
  const summary = options.thinking ? thinkingText(ask) : '';
  const full = refused
    ? ''
    : turn === null
      ? answerText(ask, switches, random, now)
      : turn.text + turn.printed;
  const calls = turn?.calls ?? [];
  const cutText = switches.maxTokens && calls.length === 0;
  const budget = cutText ? Math.ceil(tokensOf(full) / 2) : options.maxTokens - tokensOf(summary);
  const pieces = wordsOf(full);
  const kept = withinTokens(pieces, Math.max(0, budget));
  const thinking = steps(wordsOf(summary), firstMs, random, pace);
  const hurry = rounds.length > 0 ? Math.min(1, WORDS_OF_TABLE / kept.length) : 1;
  const text = steps(kept, thinking.length > 0 ? 0 : firstMs, random, pace, hurry);
  const isFirst = thinking.length === 0 && text.length === 0;
  const planned = calls.map(({ name, json }, nth): PlannedCall => {
    const all = json.match(JSON_PIECE) ?? [];
    const isCut = switches.maxTokens && nth === calls.length - 1;
    const some = isCut ? all.slice(0, Math.ceil(all.length / 2)) : all;
    return { name, pieces: steps(some, isFirst && nth === 0 ? firstMs : 0, random, pace) };
  });
  const answer = kept.join('');
  const isLimited = kept.length < pieces.length || switches.maxTokens;
  return {
    thinking,
    text,
    answer,
    calls: planned,
    stop: refused ? 'refused' : isLimited ? 'max_tokens' : calls.length > 0 ? 'tool_use' : 'end',
    breakOff: turn === null ? switches.breakOff : null,
    callBreak: calls.length > 0 ? switches.callBreak : null,
    outputTokens: Math.max(
      1,
      tokensOf(answer) + tokensOf(summary) + calls.reduce((sum, { json }) => sum + tokensOf(json), 0),
    ),
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

function steps(pieces: string[], firstMs: number, random: Random, pace: number, hurry = 1): Step[] {
  return pieces.map((text, index) => {
    const usual = DELTA_MS.least + random() * (DELTA_MS.most - DELTA_MS.least);
    return { text, delayMs: pace * (index === 0 ? firstMs * (0.8 + random() * 0.4) : usual * hurry) };
  });
}
