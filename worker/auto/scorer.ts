import { type Form, measureOf, type Shape, shapeOf } from './shape.ts';
import { buckets, judged } from './text.ts';
import type { Head, Heads } from './weights.ts';

/** Base-two logarithm of the number of word buckets that a turn is hashed into; a smaller head folds them. */
export const WORD_BITS = 12;

/** One turn as the heads see it; the trainer reads its rows through the same function. */
export type Reading = { text: string; shape: Shape; words: Set<number> };

export function readingOf(turn: string): Reading {
  const text = judged(turn);
  return { text, shape: shapeOf(text), words: buckets(text, WORD_BITS) };
}

export function logit(head: Head, { shape, words }: Reading): number {
  let z = head.bias;
  for (let i = 0; i < head.shape.length; i += 1) z += (head.shape[i] ?? 0) * (shape.values[i] ?? 0);
  if (words.size === 0) return z;
  const shift = WORD_BITS - head.bits;
  let sum = 0;
  for (const bucket of words) sum += head.words[bucket >> shift] ?? 0;
  return z + sum / Math.sqrt(words.size);
}

export const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

export type Score = {
  /** The need for a stronger model, above 0 and below 1. */
  need: number;
  form: Form;
  /** Expected share of right answers of a small and of a large model; meant for exam-like forms only. */
  weak: number;
  strong: number;
};

/** A piece of code whose result is asked for, as against one to be written or repaired. */
const OUTPUT = /assert .{1,300}==\s*\?\?|\bwhat (?:does|will|is) .{0,60}\b(?:print|output|return)/i;

/**
 * What is left of the pools' difference on the output of code between neighbouring generations of one family: between
 * Claude 3 Haiku and Opus it is 0.15 where the pools differ by 0.28. On the other forms the two are nearer.
 */
const OUTPUT_GAIN = 0.6;

/** Mathematics in plain characters is mostly that of the school. */
const PLAIN_MATHS = 0.7;

/** One small function, with its tests or its description: models of all sizes do nearly as well. */
const STUB = /^\s*assert\b|^\s*(?:def|function) .{1,200}\n(?:.*\n){0,3}\s*(?:"""|'''|\/\*\*)/m;
const ONE_FUNCTION = /^write an? (?:\w+ )?function\b/i;
type Range = readonly [least: number, most: number];
const SMALL_FUNCTION: Range = [0.3, 0.4];
const ASKED_FUNCTION: Range = [0.3, 0.55];
/** Code that is given to be changed or explained. */
const GIVEN_CODE: Range = [0.3, 0.6];

/** Asks for reasons or a comparison, whatever the language: more than a fact, however short it is said. */
const WEIGHS =
  /^(?:compare|explain (?:how|why|the (?:difference|trade-?offs?))|contrast|vergleiche|erkläre|erklär|compare[zr]?|explique[zr]?|expliquer|compara|explica|confronta|spiega|vergelijk|leg uit|porównaj|wyjaśnij|karşılaştır|сравни|объясни)(?!\p{L})|^(?:解释|比较|说明)|(?:比較|説明)して|(?:비교|설명)해|açıkla|^(?:قارن|اشرح)|(?:तुलना|समझाए)/iu;
/** Logit of the level from there on: Sonnet in `balanced`, not in `economy`. */
const LEAST_TO_WEIGH = -0.65;

/** Mean logit of the small models over free requests: difficulty is counted from here. */
const ORDINARY_WEAK = 0.3;

/**
 * The need for a stronger model. Where right answers could be counted (questions with options, mathematics in LaTeX,
 * logic puzzles, the output of code), it follows the difference that a large model makes. Free requests have no such
 * labels: there it follows the level of the request, pulled by how hard its words are for small models. Arithmetic
 * in words is read by its length: within one kind of sum more text is more steps.
 */
export function scoreOf(reading: Reading, heads: Heads): Score {
  const { shape } = reading;
  const weakLogit = logit(heads.weak, reading);
  const weak = sigmoid(weakLogit);
  const strong = sigmoid(logit(heads.strong, reading));
  const measured =
    shape.form === 'code' ? OUTPUT.test(reading.text) : shape.form !== 'chat' && shape.form !== 'sums';
  const scored = (need: number): Score => ({
    need: clamp(need, 0.001, 0.999),
    form: shape.form,
    weak,
    strong,
  });
  if (measured) {
    const gain = (strong - weak) * (shape.form === 'code' ? OUTPUT_GAIN : 1);
    const need = sigmoid((gain - 0.1) / 0.06);
    const plain =
      shape.form === 'maths' && measureOf(shape, 'latex') === 0 && measureOf(shape, 'prove') === 0;
    return scored(plain ? clamp(need, 0.3, PLAIN_MATHS) : need);
  }
  if (shape.form === 'sums') {
    const long = measureOf(shape, 'words_sums') + 0.4 * measureOf(shape, 'numbers_sums');
    return scored(clamp(0.08 + 0.26 * long, 0.08, 0.5));
  }
  const difficulty = clamp(ORDINARY_WEAK - weakLogit, -1.5, 1.5);
  const asked = logit(heads.level, reading) + 0.5 * difficulty;
  const level = WEIGHS.test(reading.text) ? Math.max(asked, LEAST_TO_WEIGH) : asked;
  if (shape.form === 'code') {
    const [least, most] = STUB.test(reading.text) ? SMALL_FUNCTION : GIVEN_CODE;
    return scored(clamp(sigmoid(0.4 * level), least, most));
  }
  if (ONE_FUNCTION.test(reading.text) && measureOf(shape, 'words_chat') < 0.6) {
    return scored(clamp(sigmoid(0.5 * level), ...ASKED_FUNCTION));
  }
  // Long texts of one's own making are a matter of taste, not of strength.
  const has = (name: string) => measureOf(shape, name) > 0;
  if (has('creative') && !has('prove') && !has('design') && !has('script') && !has('debug'))
    return scored(sigmoid(Math.min(level, -0.5)));
  return scored(sigmoid(level));
}
