import { type AskedCall, isRecord } from './asked.ts';

/** A page of a list as NetBox gives it, as far as it could be read. */
export type Page = { count: number; next: boolean; results: Record<string, unknown>[] };

/**
 * The JSON of a result, which may stand inside words that mark it as data.
 * @returns null where there is none, or it was cut off
 */
export function readJson(content: string): unknown {
  const start = content.search(/[{[]/);
  const end = Math.max(content.lastIndexOf('}'), content.lastIndexOf(']'));
  if (start === -1 || end < start) return null;
  try {
    return JSON.parse(content.slice(start, end + 1));
  } catch {
    return null;
  }
}

/** A page, also one that was cut off in the middle: its whole objects are kept. */
export function readPage(content: string): Page | null {
  const json = readJson(content);
  if (isRecord(json) && Array.isArray(json.results)) {
    const results = json.results.filter(isRecord);
    return {
      count: typeof json.count === 'number' ? json.count : results.length,
      next: json.next !== null,
      results,
    };
  }
  const from = content.indexOf('"results":[');
  if (from === -1) return null;
  const results = wholeObjects(content.slice(from + '"results":['.length));
  const count = Number(/"count":\s*(\d+)/.exec(content)?.[1] ?? results.length);
  return { count, next: results.length < count, results };
}

/** All pages of one list, as the calls of a run fetched them. */
export function joinPages(calls: readonly AskedCall[]): Page | null {
  const pages = calls.map(({ content }) => readPage(content)).filter((page) => page !== null);
  const last = pages.at(-1);
  if (last === undefined) return null;
  return { count: last.count, next: last.next, results: pages.flatMap(({ results }) => results) };
}

function wholeObjects(text: string): Record<string, unknown>[] {
  const objects: Record<string, unknown>[] = [];
  let depth = 0;
  let start = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const letter = text[index];
    if (inString) {
      if (letter === '\\') index++;
      else if (letter === '"') inString = false;
    } else if (letter === '"') inString = true;
    else if (letter === '{' && depth++ === 0) start = index;
    else if (letter === '}' && --depth === 0) {
      const object = readJson(text.slice(start, index + 1));
      if (isRecord(object)) objects.push(object);
    } else if (letter === ']' && depth === 0) break;
  }
  return objects;
}
