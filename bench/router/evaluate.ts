import { scoreOf } from '../../worker/auto/scorer.ts';
import type { Heads } from '../../worker/auto/weights.ts';
import type { Levelled, Question } from './data.ts';
import { fitHeads } from './heads.ts';
import { calibration, curveOf, interval, type Ranked } from './metrics.ts';

export type Scores = ReadonlyMap<Question, number>;
export type Split = 'by question' | 'leave source out' | 'untrained';
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

/** Each router's scores for all questions. What needs training never sees the question that it is asked about. */
export function allScores(questions: readonly Question[], levels: readonly Levelled[]) {
  const by = (rate: Rater): Scores => new Map(questions.map((each) => [each, rate(each)]));
  const bySource = Map.groupBy(questions, (each) => each.source);
  return [
    {
      split: 'by question',
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
    { split: 'untrained', router: 'random', scores: by(() => 0) },
    { split: 'untrained', router: 'length', scores: by(({ prompt }) => prompt.length) },
    {
      split: 'untrained',
      router: "benchmark's name",
      scores: by(({ source }) => gainOf(bySource.get(source) ?? [])),
    },
  ] satisfies { split: Split; router: string; scores: Scores }[];
}

function ranked(questions: readonly Question[], scores: Scores, weight: number): Ranked[] {
  return questions.flatMap((each) =>
    each.pair === null
      ? []
      : [{ score: scores.get(each) ?? 0, gain: each.pair.strong - each.pair.weak, weight }],
  );
}

/** One line per source, and one for the mix in which each source of the Claude pair counts the same. */
export function linesOf(
  questions: readonly Question[],
  split: Split,
  router: string,
  scores: Scores,
): Line[] {
  const bySource = Map.groupBy(questions, (each) => each.source);
  const line = (test: string, groups: Ranked[][]): Line => {
    const rows = groups.flat();
    return {
      split,
      router,
      test,
      questions: rows.length,
      ...curveOf(rows),
      interval: interval(groups, 200, 7),
    };
  };
  const mix = CLAUDE.map((source) => {
    const rows = bySource.get(source) ?? [];
    return ranked(rows, scores, 1 / Math.max(1, rows.length));
  });
  return [
    line('Claude mix (4)', mix),
    ...[...bySource].map(([source, rows]) => line(source, [ranked(rows, scores, 1)])),
  ];
}

/** Of the small model's head, over the questions with options: predicted against true, by a held-out fold. */
export function calibrationOf(questions: readonly Question[], levels: readonly Levelled[]) {
  const heads = fitHeads(
    questions.filter((each) => each.fold !== 0),
    levels,
  );
  return calibration(
    questions.flatMap((each) =>
      each.fold === 0 && CLAUDE.includes(each.source) && each.pair !== null
        ? [{ predicted: scoreOf(each.reading, heads).weak, right: each.pair.weak }]
        : [],
    ),
  );
}
