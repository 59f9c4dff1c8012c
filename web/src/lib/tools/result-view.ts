import { asRecord, type Json, readCutJson, readJson } from './json.ts';
import { nameOf } from './value-text.ts';

/** Objects of one list. `total` is how many there are in all, where the result says so. */
export type ObjectList = {
  title: string | null;
  objects: readonly Json[];
  total: number | null;
  /** Whether another page follows, or the end was cut off. */
  hasMore: boolean;
};

/**
 * A tool's result as it can be shown. lists: objects side by side (more than one list where a search finds several
 * types). object: one alone. text: anything else.
 */
export type ResultView =
  | { kind: 'lists'; lists: readonly ObjectList[] }
  | { kind: 'object'; object: Json }
  | { kind: 'text' };

const TEXT: ResultView = { kind: 'text' };

/** A list counts as one of objects when nothing else is in it. */
function objectsOf(value: unknown): Json[] | null {
  if (!Array.isArray(value)) return null;
  const objects = value.map(asRecord).filter((item) => item !== null);
  return objects.length === value.length ? objects : null;
}

/** NetBox's pages: `{count, next, previous, results}`. */
function pageOf(record: Json): ObjectList | null {
  const objects = Object.hasOwn(record, 'results') ? objectsOf(record.results) : null;
  if (objects === null) return null;
  const { count, next } = record;
  const total =
    typeof count === 'number' && Number.isInteger(count) && count >= objects.length ? count : null;
  return {
    title: null,
    objects,
    total,
    // A last page has fewer than there are in all, and nothing after it.
    hasMore: Object.hasOwn(record, 'next')
      ? typeof next === 'string' && next !== ''
      : (total ?? 0) > objects.length,
  };
}

/** What a search over several types finds: `{"dcim.device": [...], "dcim.site": [...]}`. */
function groupsOf(record: Json): ObjectList[] | null {
  const entries = Object.entries(record);
  if (entries.length === 0) return null;
  const lists: ObjectList[] = [];
  for (const [title, value] of entries) {
    const objects = objectsOf(value);
    if (objects === null) return null;
    if (objects.length > 0) lists.push({ title, objects, total: null, hasMore: false });
  }
  return lists;
}

/**
 * Looks at a result. Nothing in it is believed: it may be of any size and shape.
 * @param isCut whether the server left out its end
 */
export function resultView(content: string, isCut: boolean): ResultView {
  const whole = readJson(content);
  const value = whole ?? (isCut ? readCutJson(content) : null);
  if (value === null) return TEXT;
  const wasCut = whole === null;
  if (Array.isArray(value)) {
    const objects = objectsOf(value);
    // A list of nothing is said in words; one of plain values reads best as it is.
    if (objects === null) return TEXT;
    const list = { title: null, objects, total: wasCut ? null : objects.length, hasMore: wasCut };
    return { kind: 'lists', lists: [list] };
  }
  const page = pageOf(value);
  if (page !== null) {
    return { kind: 'lists', lists: [{ ...page, hasMore: page.hasMore || wasCut }] };
  }
  const groups = groupsOf(value);
  if (groups !== null) return { kind: 'lists', lists: groups };
  return Object.keys(value).length === 0 ? TEXT : { kind: 'object', object: value };
}

/** How much was found, for the folded row; null where that says nothing. */
export function foundIn(view: ResultView): { shown: number; total: number; isMore: boolean } | null {
  if (view.kind !== 'lists') return null;
  const shown = view.lists.reduce((sum, { objects }) => sum + objects.length, 0);
  const total = view.lists.length === 1 ? (view.lists[0]?.total ?? shown) : shown;
  return { shown, total, isMore: view.lists.some(({ hasMore, total: known }) => hasMore && known === null) };
}

/** The name of the one object of a result. */
export function objectName(view: ResultView): string | null {
  return view.kind === 'object' ? nameOf(view.object) : null;
}
