/** `npm run eval:router`: how good Automatic is, as a table (standard error) and as JSON (standard output). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boundsOfModes, sharesOf } from '../bench/router/cost-curve.ts';
import { dataFolder, loadLevels, loadQuestions, loadSteps } from '../bench/router/data.ts';
import { allScores, calibrationOf, type Line, linesOf } from '../bench/router/evaluate.ts';
import { stepsResult } from '../bench/router/steps.ts';
import { LONG_TURN, timingOf } from '../bench/router/timing.ts';
import { GOLDEN } from '../worker/auto/golden-turns.ts';

const root = join(import.meta.dirname, '..');
const say = (line: string) => process.stderr.write(`${line}\n`);

function row({ split, router, test, questions, apgr, interval, cpt50, cpt80 }: Line): string {
  const band = `[${interval.map((each) => each.toFixed(2)).join(' ')}]`;
  const parts = [split.padEnd(17), router.padEnd(17), test.padEnd(15), String(questions).padStart(6)];
  return `${parts.join(' ')}  ${apgr.toFixed(3)} ${band}  ${(100 * cpt50).toFixed(0).padStart(3)} ${(100 * cpt80).toFixed(0).padStart(3)}`;
}

function evaluateAll(folder: string) {
  const questions = loadQuestions(folder);
  const levels = loadLevels(folder);
  const steps = loadSteps(folder);
  say('split             router            test          questions  APGR  95 %       CPT50 CPT80');
  const lines = allScores(questions, levels).flatMap(({ split, router, scores }) =>
    linesOf(questions, split, router, scores),
  );
  for (const line of lines) say(row(line));
  return {
    lines,
    calibration: calibrationOf(questions, levels),
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
const result = {
  ...measured,
  golden_shares: sharesOf(Object.values(GOLDEN).flat()),
  bounds: boundsOfModes(),
  milliseconds_360k: timingOf(Array.from({ length: 200 }, () => LONG_TURN)),
  weights_bytes: readFileSync(join(root, 'worker/auto/router-weights.generated.json')).length,
};
if (measured !== null) {
  const { ours } = measured.steps;
  say(
    `agent steps       exact ${(100 * ours.exact).toFixed(1)} %, passed ${(100 * ours.pass).toFixed(1)} % of ${ours.steps}`,
  );
  say(
    `one decision      p50 ${measured.milliseconds.p50.toFixed(3)} ms, p99 ${measured.milliseconds.p99.toFixed(3)} ms`,
  );
}
say(
  `360,000 characters p50 ${result.milliseconds_360k.p50.toFixed(3)} ms, p99 ${result.milliseconds_360k.p99.toFixed(3)} ms`,
);
say(`weights           ${result.weights_bytes} bytes`);
process.stdout.write(`${JSON.stringify(result)}\n`);
