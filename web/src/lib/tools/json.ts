/** Longer results than this are not looked into: they are text. UTF-16 units; parsing them takes some 20 ms. */
export const MOST_JSON = 2_000_000;

export type Json = Record<string, unknown>;

/** An object with members, as JSON has them; null for anything else. Members named `__proto__` are plain members. */
export function asRecord(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

/** What a text stands for when it is a JSON object or list; null where it is none, or too long to look into. */
export function readJson(text: string): Json | unknown[] | null {
  if (text.length > MOST_JSON) return null;
  const start = text.trimStart()[0];
  if (start !== '{' && start !== '[') return null;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : asRecord(value);
  } catch {
    return null;
  }
}

/** What can be saved of JSON that was cut at its end: everything up to the last whole element of a list. */
export function readCutJson(text: string): Json | unknown[] | null {
  if (text.length > MOST_JSON) return null;
  const start = text.trimStart()[0];
  if (start !== '{' && start !== '[') return null;
  const open: string[] = [];
  let inString = false;
  let safe: { end: number; closers: string } | null = null;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (inString) {
      if (char === '\\') i += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') {
      if (open.length >= MOST_DEPTH) return null;
      open.push(char === '{' ? '}' : ']');
    } else if (char === '}' || char === ']') {
      if (open.pop() !== char) break;
      // Of the list itself, or of one in the object at the top: an element of a list within is part of a cut object.
      if (open.at(-1) === ']' && (open.length === 1 || (open.length === 2 && open[0] === '}')))
        safe = { end: i + 1, closers: open.toReversed().join('') };
      if (open.length === 0) break;
    }
  }
  return safe === null ? null : readJson(text.slice(0, safe.end) + safe.closers);
}

const MOST_DEPTH = 1_000;

/** JSON on lines, or on one; what is nested too deep for that is said so. */
export function jsonText(value: unknown, indent = 0): string {
  try {
    return JSON.stringify(value, null, indent) ?? '';
  } catch {
    return '(nested too deep to be shown)';
  }
}
