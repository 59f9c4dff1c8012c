import { route } from '../../worker/auto/router.ts';

export type Timing = { p50: number; p99: number };

/**
 * Milliseconds of one decision over the given turns, after three rounds of warming up. Of each turn the least of five
 * counts: what else runs on the machine is not measured.
 */
export function timingOf(prompts: readonly string[]): Timing {
  const decide = (text: string) =>
    route({ turns: [{ role: 'user', text }], previousTier: null, available: [] });
  for (let round = 0; round < 3; round += 1) for (const prompt of prompts) decide(prompt);
  const times = prompts
    .map((prompt) => {
      const tries = Array.from({ length: 5 }, () => {
        const from = performance.now();
        decide(prompt);
        return performance.now() - from;
      });
      return Math.min(...tries);
    })
    .sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

/** A turn of 360,000 characters of ordinary words. */
export const LONG_TURN = 'word and number 12 then. '.repeat(14_400);
