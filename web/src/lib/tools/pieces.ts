import type { Answer, ToolCall } from '#lib/wire.ts';

/** What stands where in an answer: its text in pieces, and between them the calls that were made there. */
export type Piece =
  | { kind: 'text'; key: string; text: string; isLast: boolean }
  | { kind: 'calls'; key: string; calls: ToolCall[] };

/**
 * Takes an answer's text apart at the places where tools were called. Places are counted in UTF-16 units (`at`), and one
 * beyond the text stands at its end.
 */
export function piecesOf({ text, tools = [] }: Pick<Answer, 'text' | 'tools'>): Piece[] {
  const places = new Map<number, ToolCall[]>();
  for (const call of tools) {
    const at = Math.min(Math.max(0, Math.trunc(call.at ?? 0) || 0), text.length);
    const calls = places.get(at);
    if (calls) calls.push(call);
    else places.set(at, [call]);
  }
  const pieces: Piece[] = [];
  let from = 0;
  const add = (to: number, isLast: boolean): void => {
    // The empty lines between the text of two rounds are the gap around the calls.
    const words = text.slice(from, to).replace(/^(?:[ \t]*\r?\n)+/, '');
    if (words.trim() !== '') pieces.push({ kind: 'text', key: `t${from}`, text: words, isLast });
    from = to;
  };
  for (const at of [...places.keys()].sort((a, b) => a - b)) {
    add(at, false);
    pieces.push({ kind: 'calls', key: `c${at}`, calls: places.get(at) ?? [] });
  }
  add(text.length, true);
  return pieces;
}
