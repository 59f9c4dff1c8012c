/**
 * `npm run eval:router`: how good Automatic is, as a table (standard error) and as JSON (standard output). It fails
 * where a gate does not hold. Without the benchmark data it measures what needs none.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boundsOfModes, sharesOf } from '../bench/router/cost-curve.ts';
import { dataFolder, loadLevels, loadQuestions, loadSteps } from '../bench/router/data.ts';
import { allScores, calibrationOf, linesOf } from '../bench/router/evaluate.ts';
import { failures } from '../bench/router/gates.ts';
import { flipsOf, goldenResult } from '../bench/router/golden-result.ts';
import { PUBLISHED } from '../bench/router/published.ts';
import { benchmarkTable, calibrationLines, flipLines } from '../bench/router/report.ts';
import { stepsResult } from '../bench/router/steps.ts';
import { LONG_TURN, timingOf } from '../bench/router/timing.ts';
import { OPENINGS, UNSEEN_OPENINGS } from '../worker/auto/golden.ts';

const root = join(import.meta.dirname, '..');
const say = (line: string) => process.stderr.write(`${line}\n`);
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const mix = [...OPENINGS, ...UNSEEN_OPENINGS].map(({ text }) => text);

/** Each hundredth part of every source, so that all kinds of question are reworded. */
function sampleOf(questions: ReturnType<typeof loadQuestions>): string[] {
  return [...Map.groupBy(questions, ({ source }) => source).values()].flatMap((rows) =>
    Array.from({ length: 100 }, (_, i) => rows[Math.floor((i * rows.length) / 100)]?.prompt ?? ''),
  );
}

function evaluateAll(folder: string) {
  const questions = loadQuestions(folder);
  const levels = loadLevels(folder);
  const steps = loadSteps(folder);
  return {
    lines: allScores(questions, levels).flatMap(({ split, router, scores }) =>
      linesOf(questions, split, router, scores),
    ),
    published: PUBLISHED,
    calibration: calibrationOf(questions, levels),
    flips_on_benchmarks: flipsOf(sampleOf(questions)),
    steps: {
      ours: stepsResult(steps, null),
      always_haiku: stepsResult(steps, 'haiku'),
      always_opus: stepsResult(steps, 'opus'),
    },
    milliseconds: timingOf(questions.filter((_, i) => i % 8 === 0).map(({ prompt }) => prompt)),
  };
}

const folder = dataFolder(process.env, root);
if (folder === null) {
  say('The benchmark data is not there (ROUTER_DATA names its folder): only what needs none is measured.');
}
const measured = folder === null ? null : evaluateAll(folder);
const golden = goldenResult();
const result = {
  milliseconds: timingOf(mix),
  ...measured,
  golden,
  flips: flipsOf(),
  shares_on_golden_openings: sharesOf(mix),
  bounds: boundsOfModes(),
  milliseconds_360k: timingOf(Array.from({ length: 200 }, () => LONG_TURN)),
  weights_bytes: readFileSync(join(root, 'worker/auto/router-weights.generated.json')).length,
};

if (measured !== null) {
  const { ours } = measured.steps;
  for (const line of benchmarkTable(measured.lines)) say(line);
  for (const line of calibrationLines(measured.calibration)) say(line);
  for (const line of flipLines('benchmarks', measured.flips_on_benchmarks)) say(line);
  say(`agent steps       exact ${percent(ours.exact)}, passed ${percent(ours.pass)} of ${ours.steps}`);
}
for (const line of flipLines('golden turns', result.flips)) say(line);
for (const { mode, shares, costUsd, always } of result.shares_on_golden_openings) {
  const parts = Object.entries(shares).map(([tier, share]) => `${tier} ${percent(share)}`);
  const all = Object.values(always).map((cost) => cost.toFixed(2));
  say(
    `mode ${mode.padEnd(12)} ${parts.join(', ')}; $${costUsd.toFixed(2)} (always one tier: $${all.join(', $')})`,
  );
}
const { openings, unseen, script_turns: turns } = golden;
say(
  `golden            ${openings.right} of ${openings.of} openings, ${unseen.right} of ${unseen.of} unseen ones, ${turns.right} of ${turns.of} turns of ${golden.scripts} conversations`,
);
for (const [name, { p50, p99 }] of [
  ['one decision', result.milliseconds],
  ['360,000 characters', result.milliseconds_360k],
] as const) {
  say(`${name.padEnd(19)}p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms`);
}
say(`weights           ${result.weights_bytes} bytes`);

const failed = failures({
  ...result,
  script_turns: turns,
  benchmarks: measured === null ? null : { lines: measured.lines, steps: measured.steps.ours },
});
for (const sentence of failed) say(`NOT REACHED: ${sentence}.`);
process.stdout.write(`${JSON.stringify({ ...result, failed })}\n`);
if (failed.length > 0) process.exitCode = 1;
