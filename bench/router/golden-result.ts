import {
  OPENINGS,
  type Opening,
  opening,
  REWORDED_OPENINGS,
  SCRIPTS,
  UNSEEN_OPENINGS,
} from '../../worker/auto/golden.ts';
import { play, within } from '../../worker/auto/golden-play.ts';
import { REWORDINGS } from '../../worker/auto/rewordings.ts';
import { route } from '../../worker/auto/router.ts';

export type Tally = { right: number; of: number };

/** How the shipped router does on the turns of our own writing: opening turns, and the turns of whole conversations. */
export function goldenResult(): { openings: Tally; unseen: Tally; scripts: number; script_turns: Tally } {
  const tally = (openings: readonly Opening[]): Tally => ({
    right: openings.filter(({ text, right }) => right.includes(route(opening(text)).tier)).length,
    of: openings.length,
  });
  const turns = SCRIPTS.flatMap((script) => play(script));
  return {
    openings: tally(OPENINGS),
    unseen: tally(UNSEEN_OPENINGS),
    scripts: SCRIPTS.length,
    script_turns: {
      right: turns.filter(({ turn, decision }) => within(decision.tier, turn.band)).length,
      of: turns.length,
    },
  };
}

export type Flips = { rewording: string; tier: number; middle: number };

/** Of the prompts, the share that each harmless rewording moves to another tier, and across the middle of the scores. */
export function flipsOf(prompts: readonly string[] = REWORDED_OPENINGS): Flips[] {
  const before = prompts.map((text) => route(opening(text)));
  const middle = before.map(({ score }) => score).sort((a, b) => a - b)[prompts.length >> 1] ?? 0;
  return Object.entries(REWORDINGS).map(([rewording, reworded]) => {
    const after = prompts.map((text) => route(opening(reworded(text))));
    const share = (moved: (i: number) => boolean) =>
      prompts.filter((_, i) => moved(i)).length / Math.max(1, prompts.length);
    return {
      rewording,
      tier: share((i) => before[i]?.tier !== after[i]?.tier),
      middle: share((i) => (before[i]?.score ?? 0) >= middle !== (after[i]?.score ?? 0) >= middle),
    };
  });
}
