import { sessionArm } from '../arms/session.ts';
import { inTurns } from '../rounds.ts';
import type { Stage } from '../stage.ts';
import type { Figure } from '../stats.ts';
import { lagFigure, lagOf } from './streams.ts';

/** What permessage-deflate costs: the same Worker, the client offers it or not. A local Worker declines it. */
export async function compression(
  stage: Stage,
  options: { streams: number; everyMs: number; deltas: number; rounds: number },
): Promise<Figure[]> {
  const { host, close } = await stage.fresh('session', { door: true });
  try {
    const arms = [sessionArm(host, false), sessionArm(host, true)];
    const turns = { rounds: options.rounds, warmUp: true, signal: stage.signal };
    const all = await inTurns(arms, turns, (arm) => lagOf(arm, options));
    return arms.map((arm, i): Figure => {
      const name = `lag, ${options.streams} streams, ${i === 0 ? 'plain' : 'compressed'}`;
      return { name, arm: arm.name, ...lagFigure(all[i] ?? []) };
    });
  } finally {
    await close();
  }
}
