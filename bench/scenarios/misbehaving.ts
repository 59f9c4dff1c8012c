import { setTimeout as pause } from 'node:timers/promises';
import type { Arm } from '../arms/arm.ts';
import { clock } from '../clock.ts';
import { startRogues } from '../rogue-process.ts';
import { inTurns } from '../rounds.ts';
import type { Stage } from '../stage.ts';
import { type Figure, median, middle, rounded, type Spread, spread } from '../stats.ts';

/** So long they are loose before the others ask: time for all of them to come. Milliseconds. */
const HEAD_START_MS = 1_500;

/** In what company the others ask. */
const COMPANY = ['alone', 'beside them'] as const;

type Load = { good: number; answers: number; deltas: number };
type Result = Spread & { lost: number };

/** Every session asks again as soon as it has its answer, so that whatever takes time from them shows. */
async function answersOf(arm: Arm, { good, answers, deltas }: Load): Promise<Result> {
  const chats = await Promise.all(Array.from({ length: good }, () => arm.open()));
  let received = 0;
  const took = await Promise.all(
    chats.map(async (chat) => {
      const times: number[] = [];
      for (let n = 0; n < answers; n += 1) {
        const answer = await chat.ask({ deltas, everyMs: 0 });
        times.push(clock() - answer.askedAt);
        received += answer.deltas.length;
      }
      return times;
    }),
  );
  for (const chat of chats) chat.close();
  return { ...spread(took.flat()), lost: good * answers * deltas - received };
}

function figureOf(rounds: readonly Result[]) {
  return { ...middle(rounds), lost: rounds.reduce((sum, { lost }) => sum + lost, 0) };
}

/**
 * How long an answer takes to those that behave, who keep the Worker busy, alone and beside those that do not: huge
 * frames, floods, readers that do not read, clients that come and go, halves of frames and of requests
 * (e2e/hostile/rogues.ts).
 */
export async function misbehaving(
  stage: Stage,
  options: Load & { bad: number; rounds: number },
): Promise<Figure[]> {
  const { good, bad, rounds } = options;
  // What is left behind must not disturb the scenarios after this one.
  const { arm, host, close } = await stage.fresh('session');
  try {
    const turns = { rounds, warmUp: true, signal: stage.signal };
    const [alone = [], beside = []] = await inTurns(COMPANY, turns, async (company) => {
      const rogues = company === 'alone' ? null : await startRogues(bad, host.url);
      try {
        if (rogues !== null) await pause(HEAD_START_MS);
        return await answersOf(arm, options);
      } finally {
        await rogues?.close();
      }
    });
    const slower = (key: 'p50' | 'p95') =>
      rounded(median(beside.map((round, i) => round[key] / (alone[i]?.[key] ?? Number.NaN))));
    const times = { times_p50: slower('p50'), times_p95: slower('p95') };
    const [quiet, loud] = [figureOf(alone), figureOf(beside)];
    const name = `an answer to one of ${good} sessions`;
    return [
      { name: `${name}, alone`, arm: 'session', ...quiet },
      {
        name: `${name}, beside ${bad} that misbehave`,
        arm: 'session',
        ...loud,
        ...times,
        goal: 'less than twice as long, none lost',
        ok: times.times_p50 < 2 && times.times_p95 < 2 && loud.lost === 0 && quiet.lost === 0,
      },
    ];
  } finally {
    await close();
  }
}
