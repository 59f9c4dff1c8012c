import type { Line } from './evaluate.ts';
import type { Flips, Tally } from './golden-result.ts';
import type { StepResult } from './steps.ts';
import type { Timing } from './timing.ts';

/** What must hold, or the evaluation fails. The APGR are a little under what was last measured: they catch a fall. */
const LIMITS = {
  /** Milliseconds, 99th percentile. */
  decision: 0.6,
  longTurn: 0.6,
  bytes: 20_000,
  flips: 0.08,
  claudeMix: 0.62,
  mmlu: 0.63,
  stepsExact: 0.8,
  stepsPass: 0.94,
} as const;

export type Measured = {
  milliseconds: Timing;
  milliseconds_360k: Timing;
  weights_bytes: number;
  script_turns: Tally;
  flips: readonly Flips[];
  /** Null where the data is absent. */
  benchmarks: { lines: readonly Line[]; steps: StepResult } | null;
};

/** The gates that do not hold, each in a sentence. */
export function failures(measured: Measured): string[] {
  const found: string[] = [];
  const check = (holds: boolean, sentence: string) => {
    if (!holds) found.push(sentence);
  };
  const { milliseconds, milliseconds_360k: long, weights_bytes: bytes, script_turns: turns } = measured;
  check(milliseconds.p99 < LIMITS.decision, `a decision takes ${milliseconds.p99.toFixed(3)} ms (p99)`);
  check(long.p99 < LIMITS.longTurn, `360,000 characters take ${long.p99.toFixed(3)} ms (p99)`);
  check(bytes < LIMITS.bytes, `the weights have ${bytes} bytes`);
  check(turns.right === turns.of, `${turns.of - turns.right} turns of golden conversations are wrong`);
  for (const { rewording, tier, middle } of measured.flips) {
    const most = Math.max(tier, middle);
    check(most <= LIMITS.flips, `"${rewording}" moves ${(100 * most).toFixed(0)} % of the golden turns`);
  }
  if (measured.benchmarks === null) return found;
  const { lines, steps } = measured.benchmarks;
  const apgr = (test: string) =>
    lines.find((line) => line.split === 'in distribution' && line.test === test)?.apgr ?? 0;
  check(apgr('Claude mix (4)') >= LIMITS.claudeMix, 'the Claude mix fell');
  check(apgr('routellm_mmlu') >= LIMITS.mmlu, "RouteLLM's MMLU fell");
  check(steps.exact >= LIMITS.stepsExact && steps.pass >= LIMITS.stepsPass, 'the agent steps fell');
  return found;
}
