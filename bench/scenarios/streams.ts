import { setTimeout as pause } from 'node:timers/promises';
import type { Arm, ArmName } from '../arms/arm.ts';
import { inTurns } from '../rounds.ts';
import type { Stage } from '../stage.ts';
import { type Figure, median, middle, type Spread, spread } from '../stats.ts';

/** So far apart the questions come: of a rush of questions at one moment the deltas would tell for the rest. */
const APART_MS = 2;

type Result = Spread & { lost: number; cpu: number | null };

/** Asks as many streams as there are chats, which are new, and keeps the lag of every delta. */
export async function lagOf(
  arm: Arm,
  options: { streams: number; everyMs: number; deltas: number },
): Promise<Result> {
  const { everyMs, deltas } = options;
  const chats = await Promise.all(Array.from({ length: options.streams }, () => arm.open()));
  const before = arm.host?.cpuMs() ?? null;
  const answers = await Promise.all(
    chats.map(async (chat, i) => {
      await pause(i * APART_MS);
      return chat.ask({ deltas, everyMs });
    }),
  );
  const after = arm.host?.cpuMs() ?? null;
  for (const chat of chats) chat.close();
  const lags = answers.flatMap((answer) => answer.deltas.map(({ at, sent }) => at - sent));
  return {
    ...spread(lags),
    lost: options.streams * deltas - lags.length,
    cpu: before === null || after === null ? null : ((after - before) / lags.length) * 1_000,
  };
}

/** The middle of the rounds; what was lost in any of them counts. */
export function lagFigure(rounds: readonly Result[]) {
  const cpu = rounds.flatMap((round) => (round.cpu === null ? [] : [round.cpu]));
  return {
    ...middle(rounds),
    lost: rounds.reduce((sum, round) => sum + round.lost, 0),
    cpu_ms_per_1000: cpu.length === 0 ? null : Math.round(median(cpu)),
  };
}

/** Lag of every delta over `streams` at once, from being written by the upstream; CPU for 1,000 deltas. */
export async function streams(
  stage: Stage,
  options: {
    arms: ArmName[];
    streams: number;
    everyMs: number;
    deltas: number;
    rounds: number;
    warmUp: boolean;
    goalP95: number;
    /** Milliseconds; null where too few deltas share the work of the process itself. */
    goalCpu: number | null;
  },
): Promise<Figure[]> {
  const { goalP95, goalCpu } = options;
  const arms = await stage.arms(...options.arms);
  const turns = { rounds: options.rounds, warmUp: options.warmUp, signal: stage.signal };
  const all = await inTurns(arms, turns, (arm) => lagOf(arm, options));
  const goal = `p95 < ${goalP95}, none lost${goalCpu === null ? '' : `, CPU < ${goalCpu}`}`;
  return arms.map((arm, i): Figure => {
    const { cpu_ms_per_1000, ...figure } = lagFigure(all[i] ?? []);
    const name = `lag, ${options.streams} stream${options.streams === 1 ? '' : 's'} at ${1_000 / options.everyMs}/s`;
    const cpu = arm.host === null || goalCpu === null ? {} : { cpu_ms_per_1000 };
    const line = { name, arm: arm.name, ...figure, ...cpu };
    if (arm.name !== 'session') return line;
    const isLight = goalCpu === null || cpu_ms_per_1000 === null || cpu_ms_per_1000 < goalCpu;
    return { ...line, goal, ok: figure.p95 < goalP95 && figure.lost === 0 && isLight };
  });
}
