import type { Tier } from '../models/types.ts';
import { FRESH } from './golden-fresh.ts';
import type { Script } from './golden-play.ts';
import { NETWORK_SCRIPTS } from './golden-scripts.ts';
import { CIRCUMSTANCE_SCRIPTS } from './golden-scripts-circumstances.ts';
import { LANGUAGE_SCRIPTS } from './golden-scripts-languages.ts';
import { WORK_SCRIPTS } from './golden-scripts-work.ts';
import { GOLDEN } from './golden-turns.ts';
import { UNSEEN } from './golden-unseen.ts';
import type { RouteInput } from './router.ts';

/** All golden turns and conversations in one place, for the tests and for the evaluation. */

export const SCRIPTS: readonly Script[] = [
  ...WORK_SCRIPTS,
  ...NETWORK_SCRIPTS,
  ...CIRCUMSTANCE_SCRIPTS,
  ...LANGUAGE_SCRIPTS,
];

const RIGHT: Record<keyof typeof GOLDEN, readonly Tier[]> = {
  haiku: ['haiku'],
  sonnet: ['sonnet'],
  atLeastSonnet: ['sonnet', 'opus'],
  opus: ['opus'],
};
const kinds: readonly (keyof typeof GOLDEN)[] = ['haiku', 'sonnet', 'atLeastSonnet', 'opus'];

export type Opening = { text: string; right: readonly Tier[] };

/** By these the rules and bounds were set. */
export const OPENINGS: readonly Opening[] = [
  ...kinds.flatMap((kind) => GOLDEN[kind].map((text) => ({ text, right: RIGHT[kind] }))),
  ...FRESH.map(([text, right]) => ({ text, right })),
];
/** By these nothing was. */
export const UNSEEN_OPENINGS: readonly Opening[] = UNSEEN.map(([text, right]) => ({ text, right }));

/** A turn that opens a conversation. */
export const opening = (text: string): RouteInput => ({
  turns: [{ role: 'user', text }],
  previousTier: null,
  available: [],
});

/** A hundred openings with enough text to be reworded, evenly from the whole list. */
export const REWORDED_OPENINGS: readonly string[] = (() => {
  const long = [...OPENINGS, ...UNSEEN_OPENINGS].filter(({ text }) => text.length > 12);
  return Array.from({ length: 100 }, (_, i) => long[Math.floor((i * long.length) / 100)]?.text ?? '');
})();
