import { setTimeout as pause } from 'node:timers/promises';

/** Lets an arm's last connections close before the next one is measured. */
const REST_MS = 200;

/**
 * Measures each arm once a round, one after the other; who is first moves on with each round.
 * @param options.warmUp whether there is a round before them that does not count
 * @returns of each arm, in the order of the arms, what its rounds gave
 */
export async function inTurns<Arm, T>(
  arms: readonly Arm[],
  options: { rounds: number; warmUp: boolean; signal: AbortSignal },
  measure: (arm: Arm) => Promise<T>,
): Promise<T[][]> {
  const results: T[][] = arms.map(() => []);
  for (let round = options.warmUp ? 0 : 1; round <= options.rounds; round++) {
    for (let turn = 0; turn < arms.length; turn++) {
      options.signal.throwIfAborted();
      const index = (turn + round) % arms.length;
      const arm = arms[index];
      if (arm === undefined) continue;
      const result = await measure(arm);
      if (round > 0) results[index]?.push(result);
      await pause(REST_MS);
    }
  }
  return results;
}
