/**
 * Characters that show nothing and change what a reader sees: controls that reorder text (Unicode UAX 9), and those
 * without any width. In code they can make a program look like another one (CVE-2021-42574).
 */
const BIDI = '\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c';
const NO_WIDTH = '\u200b-\u200d\u2060-\u2064\ufeff\u00ad\u180e\u{e0000}-\u{e007f}';
const HIDDEN = new RegExp(`[${BIDI}${NO_WIDTH}]`, 'gu');
const REORDERING = new RegExp(`[${BIDI}]`, 'gu');

/**
 * Gives each such character in HTML a box of its own, in which it can reorder nothing, with a visible mark. Copying
 * still has the very characters. `html`: escaped text and elements whose attributes hold none of them.
 */
export function markHidden(html: string): string {
  return html.replace(HIDDEN, (char) => `<span class="hidden-char">${char}</span>`);
}

/** A name or title beside words of ours, whose order it must not change. */
export function calmName(text: string): string {
  return text.replace(REORDERING, '');
}

/** What a reader takes a text for. */
export function withoutHidden(text: string): string {
  return text.replace(HIDDEN, '');
}

/** A text in pieces, for a page that makes no HTML of it: each hidden character apart from what stands around it. */
export function hiddenParts(text: string): { text: string; isHidden: boolean }[] {
  const parts: { text: string; isHidden: boolean }[] = [];
  let from = 0;
  for (const { index, 0: char } of text.matchAll(HIDDEN)) {
    if (index > from) parts.push({ text: text.slice(from, index), isHidden: false });
    parts.push({ text: char, isHidden: true });
    from = index + char.length;
  }
  if (from < text.length || from === 0) parts.push({ text: text.slice(from), isHidden: false });
  return parts;
}
