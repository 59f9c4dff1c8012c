import { asRecord, type Json } from './json.ts';
import { objectHref } from './object-link.ts';
import { keyText, valueText } from './value-text.ts';

export type Column = { key: string; label: string };
export type Cell = { text: string; href: string | null };

/** What a column is looked for in: more rows seldom have other fields. */
const LOOKED_AT = 500;
/** Columns that a list may have at all; the rest is in the copy. */
const MOST_COLUMNS = 200;
/** Columns that stand side by side without being asked for. */
const USUAL_COLUMNS = 7;
/** In this order, before all others. */
const FIRST = ['display', 'name', 'prefix', 'address', 'vid', 'cid', 'object_repr', 'status', 'action'];
const THEN = [
  'site',
  'location',
  'rack',
  'role',
  'device_type',
  'device',
  'primary_ip4',
  'primary_ip',
  'vlan',
  'tenant',
  'type',
  'time',
  'user_name',
  'description',
];
/** For programs, or said by another column. */
const NOISE =
  /^(?:id|url|display_url|slug|_.*|natural_slug|created|last_updated|custom_fields|config_context|local_context_data|comments|.*_count|lft|rght|tree_id|level|family)$/;

const member = (object: Json, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);
const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (asRecord(value) !== null && Object.keys(value as object).length === 0);

/** Every field that the objects have, in the order of their first appearance. */
function keysOf(objects: readonly Json[]): string[] {
  const keys = new Set<string>();
  for (const object of objects.slice(0, LOOKED_AT)) {
    for (const key of Object.keys(object)) {
      keys.add(key);
      if (keys.size >= MOST_COLUMNS) return [...keys];
    }
  }
  return [...keys];
}

function rank(key: string): number {
  const first = FIRST.indexOf(key);
  if (first >= 0) return first;
  const then = THEN.indexOf(key);
  return then >= 0 ? 100 + then : 1_000;
}

/**
 * The columns of a list. `usual` are those that a person looks for, best first; `all` are all that there are.
 */
export function columnsOf(objects: readonly Json[]): { usual: Column[]; all: Column[] } {
  const seen = objects.slice(0, LOOKED_AT);
  const keys = keysOf(objects);
  const name = ['name', 'prefix', 'address', 'cid', 'vid'].find((key) => keys.includes(key));
  // `display` repeats the name in nearly every list.
  const isRepeated =
    name !== undefined &&
    seen.every((object) => String(member(object, 'display') ?? '') === valueText(member(object, name)));
  const wanted = keys.filter((key) => {
    if (NOISE.test(key) || (key === 'display' && isRepeated)) return false;
    return seen.some((object) => !isEmpty(member(object, key)));
  });
  const column = (key: string): Column => ({ key, label: keyText(key) });
  const order = new Map(keys.map((key, index) => [key, index]));
  const sorted = (list: string[]) =>
    list.toSorted((a, b) => rank(a) - rank(b) || (order.get(a) ?? 0) - (order.get(b) ?? 0)).map(column);
  const usual = sorted(wanted.length > 0 ? wanted : keys).slice(0, USUAL_COLUMNS);
  return { usual, all: sorted(keys) };
}

/** One field of an object as text; `href` leads to the object that the field, or in the first column the row, is. */
export function cellOf(object: Json, key: string, isFirst = false): Cell {
  const value = member(object, key);
  const record = asRecord(value);
  const link = record ?? (isFirst ? object : null);
  return { text: valueText(value), href: link === null ? null : objectHref(link) };
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export type Order = { key: string; down: boolean };

/** Sorted by one column: numbers by their value, names as people count (`leaf-2` before `leaf-10`), nothing last. */
export function inOrder(objects: readonly Json[], order: Order | null): readonly Json[] {
  if (order === null) return objects;
  const keyed = objects.map((object) => {
    const value = member(object, order.key);
    return { object, value: typeof value === 'number' ? value : valueText(value) };
  });
  const sign = order.down ? -1 : 1;
  return keyed
    .toSorted((a, b) => {
      if (a.value === '' || b.value === '') return Number(a.value === '') - Number(b.value === '');
      const isNumbers = typeof a.value === 'number' && typeof b.value === 'number';
      return (
        sign *
        (isNumbers ? Number(a.value) - Number(b.value) : collator.compare(String(a.value), String(b.value)))
      );
    })
    .map(({ object }) => object);
}

/** Rows at first; and cells at most, beyond which a browser takes seconds to lay them out. */
const FIRST_ROWS = 50;
const MOST_CELLS = 12_000;

export function rowsThatFit(rows: number, columns: number, all: boolean): number {
  return Math.min(rows, all ? Math.max(1, Math.floor(MOST_CELLS / Math.max(1, columns))) : FIRST_ROWS);
}
