import { pick, type Random, seededRandom, seedOf } from '../../simulator/random.ts';

/** What goes wrong before the first output; the fallback of CONTRACT R9 may then answer instead. */
export type Refusal = 400 | 401 | 429 | 500 | 529 | 'cut' | 'error event' | 'silence';
/** How a stream ends that has begun. */
export type Ending = 'end_turn' | 'max_tokens' | 'refusal' | 'error event' | 'cut' | 'broken off' | 'silence';
/** Where the upstream waits for the test: before its first byte, between two bytes of one character, before its end. */
export type Hold = 'start' | 'character' | 'end';

export type Piece = { kind: 'text' | 'thinking'; text: string; waitMs: number };

/** Everything that the upstream says to one question. */
export type Script = {
  /** What its first requests get, one each, before any output. */
  refusals: Refusal[];
  pieces: Piece[];
  hold: Hold | null;
  ending: Ending;
  /** The body leaves in writes of so many bytes; null as the wire makes them. */
  chopBytes: number | null;
  /** What is asked of a tool before all that, in calls at once; none for most questions. */
  calls: number;
};

/** What may occur; the short run leaves out what costs seconds. */
export type Menu = { silence: boolean; long: boolean };

const CHARACTERS = [
  ...'aeinorst ,.',
  ...['\n', '\t', '"', '\\', '&', '<b>', '`', '\u0000', '\u2028', '\ufeff', '\u00a0'],
  ...['é', 'e\u0301', 'ß', 'ñ', 'ع', 'ש', 'क्षि', '世', '界', '한', '𝒳', '𠜎'],
  ...['👋', '👋🏽', '👨‍👩‍👧‍👦', '🇨🇭', '❤️', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
] as const;
const [FIRST = ' ', ...OTHERS] = CHARACTERS;

export function chance(random: Random, share: number): boolean {
  return random() < share;
}

/** A whole number from `low` to `high`. */
export function between(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

function textOf(random: Random, characters: number): string {
  let text = '';
  for (let n = 0; n < characters; n += 1) text += pick(random, [FIRST, ...OTHERS]);
  return text;
}

/** Cuts at any UTF-16 unit, so that a piece may end with half a surrogate pair. */
function cutUp(random: Random, kind: Piece['kind'], text: string, pieces: number, waitMs: number): Piece[] {
  const cuts = Array.from({ length: pieces - 1 }, () => between(random, 1, text.length - 1)).sort(
    (a, b) => a - b,
  );
  return [...new Set([0, ...cuts])].map((from, index, all) => ({
    kind,
    text: text.slice(from, all[index + 1] ?? text.length),
    waitMs: chance(random, 0.3) ? 0 : between(random, 0, waitMs),
  }));
}

function piecesOf(random: Random, menu: Menu): Piece[] {
  const thinking = chance(random, 0.2) ? cutUp(random, 'thinking', textOf(random, 60), 6, 10) : [];
  if (chance(random, 0.05)) {
    // More at once than one frame or one row takes.
    return [...thinking, ...cutUp(random, 'text', textOf(random, between(random, 4_000, 12_000)), 3, 20)];
  }
  if (menu.long && chance(random, 0.08)) {
    return [...thinking, ...cutUp(random, 'text', textOf(random, 400), 60, 150)];
  }
  const pieces = between(random, 1, 60);
  const text = textOf(random, between(random, pieces + 2, 12 * pieces + 20));
  return [...thinking, ...cutUp(random, 'text', text, pieces, pick(random, [0, 5, 15, 30]))];
}

function refusalsOf(random: Random, menu: Menu): Refusal[] {
  if (!chance(random, 0.15)) return [];
  const all: Refusal[] = [400, 401, 429, 500, 529, 'cut', 'error event'];
  const one = (): Refusal =>
    menu.silence && chance(random, 0.05) ? 'silence' : (all[between(random, 0, all.length - 1)] ?? 500);
  return chance(random, 0.2) ? [one(), one()] : [one()];
}

function endingOf(random: Random, menu: Menu): Ending {
  if (chance(random, 0.84)) return 'end_turn';
  const all: Ending[] = ['max_tokens', 'refusal', 'error event', 'cut', 'broken off'];
  if (menu.silence && chance(random, 0.05)) return 'silence';
  return all[between(random, 0, all.length - 1)] ?? 'cut';
}

/** The script of a question: the same for the same id and seed, so that whoever knows both can compare. */
export function scriptOf(question: string, seed: number, menu: Menu): Script {
  const random = seededRandom(seedOf(question, seed));
  const holds: (Hold | null)[] = [null, 'start', 'character', 'character', 'end', 'end'];
  const hold = holds[between(random, 0, holds.length - 1)] ?? null;
  const pieces = piecesOf(random, menu);
  if (hold === 'character') {
    const at = between(random, 0, pieces.length - 1);
    // In front of a piece that may begin with half a character, and behind one that may end with it, would cut it.
    pieces.splice(at, 1, ...marked(pieces, at));
  }
  return {
    refusals: refusalsOf(random, menu),
    pieces,
    hold,
    ending: endingOf(random, menu),
    chopBytes: hold !== 'character' && chance(random, 0.15) ? between(random, 1, 9) : null,
    calls: chance(random, 0.4) ? between(random, 1, 3) : 0,
  };
}

/** The mark that a piece carries whose character is cut: four bytes of UTF-8. */
export const MARK = '🪓';

function marked(pieces: readonly Piece[], at: number): Piece[] {
  const piece = pieces[at];
  if (piece === undefined) return [];
  const isWhole = (index: number) => !/[\udc00-\udfff]/.test(piece.text.charAt(index));
  let index = Math.floor(piece.text.length / 2);
  while (index < piece.text.length && !isWhole(index)) index += 1;
  if (index === piece.text.length) return [piece];
  return [{ ...piece, text: piece.text.slice(0, index) + MARK + piece.text.slice(index) }];
}

/** All text of one kind, joined. */
export function joined(script: Script, kind: Piece['kind']): string {
  return script.pieces
    .filter((piece) => piece.kind === kind)
    .map(({ text }) => text)
    .join('');
}

/** A question's text, and back; of several questions that were joined into one turn the last counts. */
export const questionText = (id: string): string => `Say what belongs to [[${id}]].`;
export function questionIn(text: string): string | null {
  return [...text.matchAll(/\[\[([\w-]+)\]\]/g)].at(-1)?.[1] ?? null;
}
