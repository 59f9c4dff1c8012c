import { type Reading, WORD_BITS } from '../../worker/auto/scorer.ts';
import { decodeWeights, type Heads, type StoredHead, type StoredWeights } from '../../worker/auto/weights.ts';
import type { Levelled, Question } from './data.ts';
import { type Example, type Learned, type LearnSettings, learn } from './learn.ts';

const LEVEL_BITS = 12;
export const WEIGHTS_VERSION = 1;

function example(reading: Reading, bits: number, target: number, weight: number): Example {
  const words = Int32Array.from(reading.words, (bucket) => bucket >> (WORD_BITS - bits));
  return { shape: reading.shape.values, words, target, weight };
}

/** Four digits for the hand-made part, one byte for each bucket: what is measured is what is shipped. */
function stored(learned: Learned, bits: number): StoredHead {
  const peak = learned.words.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  const bytes = Int8Array.from(learned.words, (value) => Math.round((value / peak) * 127));
  const short = (value: number) => Number(value.toPrecision(4));
  return {
    bias: short(learned.bias),
    shape: Array.from(learned.shape, short),
    bits,
    scale: short(peak / 127),
    words: Buffer.from(bytes.buffer).toString('base64'),
  };
}

/** The order of the rows moves a figure by up to 0.02: the mean of three orders moves less. */
const SEEDS = [1, 2, 3];

function averaged(examples: readonly Example[], settings: Omit<LearnSettings, 'seed'>): Learned {
  const runs = SEEDS.map((seed) => learn(examples, { ...settings, seed }));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / runs.length;
  const first = runs[0] ?? learn([], { ...settings, seed: 1 });
  return {
    bias: mean(runs.map(({ bias }) => bias)),
    shape: first.shape.map((_, i) => mean(runs.map(({ shape }) => shape[i] ?? 0))),
    words: first.words.map((_, i) => mean(runs.map(({ words }) => words[i] ?? 0))),
  };
}

/** Sources count by the root of their size; MMLU-Pro less, since its ten options are a different exam. */
function weights(questions: readonly Question[]): (question: Question) => number {
  const sizes = Map.groupBy(questions, (question) => question.source);
  return ({ source }) =>
    Math.sqrt(2000 / (sizes.get(source)?.length ?? 1)) * (source === 'mmlupro' ? 0.3 : 1);
}

/** A few dozen puzzles and sums look like free requests: too few to say how hard those are. */
const isMeasured = ({ reading }: Question) => reading.shape.form !== 'chat' && reading.shape.form !== 'sums';

/** Trains the three heads. The same rows in the same order give the same bytes. */
export function trained(all: readonly Question[], levels: readonly Levelled[]): StoredWeights {
  const questions = all.filter(isMeasured);
  const weigh = weights(questions);
  const settings = { bits: WORD_BITS, epochs: 12, shapeRate: 0.1, wordRate: 0.05 };
  const head = (target: (question: Question) => number) =>
    stored(
      averaged(
        questions.map((each) => example(each.reading, WORD_BITS, target(each), weigh(each))),
        settings,
      ),
      WORD_BITS,
    );
  const level = averaged(
    levels.map((each) => example(each.reading, LEVEL_BITS, each.level, 1)),
    { bits: LEVEL_BITS, epochs: 10, shapeRate: 0.1, wordRate: 0.1 },
  );
  const sources = [...Map.groupBy(questions, (each) => each.source)].map(
    ([name, rows]) => `${name}:${rows.length}`,
  );
  return {
    version: WEIGHTS_VERSION,
    trained_on: [...sources, `ur_hand:${levels.length}`],
    heads: {
      weak: head((each) => each.weak),
      strong: head((each) => each.strong),
      level: stored(level, LEVEL_BITS),
    },
  };
}

export function fitHeads(questions: readonly Question[], levels: readonly Levelled[]): Heads {
  return decodeWeights(trained(questions, levels));
}
