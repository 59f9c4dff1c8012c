import { boundsOf } from '../../worker/auto/rules.ts';
import { logit, scoreOf, sigmoid } from '../../worker/auto/scorer.ts';
import { signalsOf } from '../../worker/auto/signals.ts';
import type { Heads } from '../../worker/auto/weights.ts';
import { TIERS } from '../../worker/models/tiers.ts';
import type { Levelled, Question } from './data.ts';
import { fitHeads } from './heads.ts';
import { calibration, curveOf, interval, type Ranked } from './metrics.ts';

export type Scores = ReadonlyMap<Question, number>;
export type Split = 'in distribution' | 'leave source out' | 'untrained' | 'ceiling';
export type Line = {
  split: Split;
  router: string;
  test: string;
  questions: number;
  apgr: number;
  interval: [number, number];
  cpt50: number;
  cpt80: number;
};

/** Relatives are left out together: the two sets from MMLU share questions, and MMLU-Pro is made from them. */
const FAMILIES: readonly (readonly string[])[] = [
  ['ze_mmlu-redux', 'routellm_mmlu', 'mmlupro'],
  ['ze_math-l5'],
  ['ze_crux'],
  ['ze_zebra-grid'],
];
/** The sources that were answered by Claude 3 Haiku and Opus. */
export const CLAUDE = ['ze_math-l5', 'ze_crux', 'ze_mmlu-redux', 'ze_zebra-grid'];

type Rater = (question: Question) => number;
const rater =
  (heads: Heads): Rater =>
  (question) =>
    scoreOf(question.reading, heads).need;

/** Scores each question by a model that has seen none of its part; `make` gets what may be trained on. */
function heldOut(
  questions: readonly Question[],
  partOf: (question: Question) => number,
  make: (rest: Question[], part: number) => Rater,
): Scores {
  const scores = new Map<Question, number>();
  for (const part of new Set(questions.map(partOf))) {
    const rate = make(
      questions.filter((each) => partOf(each) !== part),
      part,
    );
    for (const each of questions) if (partOf(each) === part) scores.set(each, rate(each));
  }
  return scores;
}

function familyOf(question: Question): number {
  return FAMILIES.findIndex((family) => family.includes(question.source));
}

function gainOf(questions: readonly Question[]): number {
  const pairs = questions.flatMap(({ pair }) => (pair === null ? [] : [pair.strong - pair.weak]));
  return pairs.length === 0 ? 0 : pairs.reduce((sum, gain) => sum + gain, 0) / pairs.length;
}

/** The hard rules alone: what they ask for at least, what they allow at most, and nothing else. */
function byRules({ prompt, reading }: Question): number {
  const { floor, ceiling } = boundsOf(signalsOf(prompt, reading.text, [], false), {
    previousTier: null,
    attempts: 0,
    held: null,
    badEnd: null,
    chore: false,
    images: 0,
    documents: 0,
    step: null,
    followUps: 0,
  });
  const bound = floor ?? ceiling;
  return bound === null ? 0.5 : TIERS.indexOf(bound.tier);
}

/** Each router's scores for all questions. What needs training never sees the question that it is asked about. */
export function allScores(questions: readonly Question[], levels: readonly Levelled[]) {
  const by = (rate: Rater): Scores => new Map(questions.map((each) => [each, rate(each)]));
  const bySource = Map.groupBy(questions, (each) => each.source);
  return [
    {
      split: 'in distribution',
      router: 'ours',
      scores: heldOut(
        questions,
        (each) => each.fold,
        (rest, fold) =>
          rater(
            fitHeads(
              rest,
              levels.filter((each) => each.fold !== fold),
            ),
          ),
      ),
    },
    {
      split: 'leave source out',
      router: 'ours',
      scores: heldOut(questions, familyOf, (rest) => rater(fitHeads(rest, levels))),
    },
    { split: 'untrained', router: 'rules only', scores: by(byRules) },
    { split: 'untrained', router: 'random', scores: by(() => 0) },
    { split: 'untrained', router: 'length', scores: by(({ prompt }) => prompt.length) },
    {
      split: 'ceiling',
      router: "benchmark's name",
      scores: by(({ source }) => gainOf(bySource.get(source) ?? [])),
    },
    {
      split: 'ceiling',
      router: 'other pairs',
      scores: new Map(questions.flatMap((each) => (each.others === null ? [] : [[each, each.others]]))),
    },
  ] satisfies { split: Split; router: string; scores: Scores }[];
}

function ranked(questions: readonly Question[], scores: Scores, weight: number): Ranked[] {
  return questions.flatMap((each) =>
    each.pair === null || !scores.has(each)
      ? []
      : [{ score: scores.get(each) ?? 0, gain: each.pair.strong - each.pair.weak, weight }],
  );
}

const SAMPLES = 400;

/** One line per source, and one for the mix in which each source of the Claude pair counts the same. */
export function linesOf(
  questions: readonly Question[],
  split: Split,
  router: string,
  scores: Scores,
): Line[] {
  const bySource = Map.groupBy(questions, (each) => each.source);
  const line = (test: string, groups: Ranked[][]): Line[] => {
    const rows = groups.flat();
    if (rows.length === 0) return [];
    const band = interval(groups, SAMPLES, 7);
    return [{ split, router, test, questions: rows.length, ...curveOf(rows), interval: band }];
  };
  const mix = CLAUDE.map((source) => {
    const rows = bySource.get(source) ?? [];
    return ranked(rows, scores, 1 / Math.max(1, rows.length));
  });
  return [
    ...line('Claude mix (4)', mix),
    ...[...bySource].flatMap(([source, rows]) => line(source, [ranked(rows, scores, 1)])),
  ];
}

/**
 * Of each tier, over a held-out fold of the Claude sources: predicted against true share of right answers, in five
 * parts. The small head speaks for Haiku and the large one for Opus; Sonnet's is halfway between their logits.
 */
export function calibrationOf(questions: readonly Question[], levels: readonly Levelled[]) {
  const heads = fitHeads(
    questions.filter((each) => each.fold !== 0),
    levels.filter((each) => each.fold !== 0),
  );
  const rows = questions.filter((each) => each.fold === 0 && CLAUDE.includes(each.source));
  const of = (predict: (each: Question) => number, right: (each: Question) => number | null) =>
    calibration(
      rows.flatMap((each) => {
        const truth = right(each);
        return truth === null ? [] : [{ predicted: predict(each), right: truth }];
      }),
    );
  const small = ({ reading }: Question) => logit(heads.weak, reading);
  const large = ({ reading }: Question) => logit(heads.strong, reading);
  return {
    haiku: of(
      (each) => sigmoid(small(each)),
      ({ pair }) => pair?.weak ?? null,
    ),
    sonnet: of(
      (each) => sigmoid((small(each) + large(each)) / 2),
      ({ middle }) => middle,
    ),
    opus: of(
      (each) => sigmoid(large(each)),
      ({ pair }) => pair?.strong ?? null,
    ),
  };
}
