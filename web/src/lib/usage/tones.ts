import type { Tone } from './series.ts';

/** Side of a pattern's tile, in CSS pixels. */
export const TILE = 8;

/**
 * What lies on a tone's colour (Swatch.svelte), as a path that is stroked within a tile: nobody needs to see colours to
 * tell two series apart. None: the plain colour.
 */
export const PATTERNS: Readonly<Record<Tone, string>> = {
  haiku: '',
  sonnet: 'M-2 2 2 -2M-2 10 10 -2M6 10 10 6',
  opus: 'M2 2h.01M6 6h.01',
  fourth: 'M0 2h8M0 6h8',
  fifth: 'M-2 6 2 10M-2 -2 10 10M6 -2 10 2M-2 2 2 -2M-2 10 10 -2M6 10 10 6',
  rest: 'M2 0v8M6 0v8',
};

/** How the first line of a chart is drawn, and the second, in CSS pixels of line and gap. */
export const DASHES: readonly (readonly number[])[] = [[], [7, 4]];
