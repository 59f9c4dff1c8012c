import { asRecord, jsonText } from './json.ts';

/** More rows than this are no list to read: the text of all of it is. */
const MOST_ROWS = 100;

/**
 * The arguments of a call by name, those inside an object as `filters.site`. Nothing is left out and nothing is
 * rewritten: texts stand as they are, all else as JSON.
 * @returns null where a list of names would not show them: no object, empty, or too many
 */
export function argumentRows(args: unknown): [name: string, value: string][] | null {
  const record = asRecord(args);
  if (record === null) return null;
  const rows: [string, string][] = [];
  for (const [name, value] of Object.entries(record)) {
    const inner = asRecord(value);
    const members = inner === null ? [] : Object.entries(inner);
    if (members.length === 0) rows.push([name, plain(value)]);
    for (const [key, member] of members) rows.push([`${name}.${key}`, plain(member)]);
    if (rows.length > MOST_ROWS) return null;
  }
  return rows.length === 0 ? null : rows;
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : jsonText(value));

/** All of the arguments as text; what could not be read as JSON stands as the model wrote it. */
export function argumentText(args: unknown): string {
  return typeof args === 'string' ? args : jsonText(args, 2);
}
