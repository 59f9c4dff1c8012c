import { asRecord, type Json, jsonText } from './json.ts';

/** What an object is called, in the order in which NetBox's objects have names. */
const NAMES = ['display', 'name', 'label', 'address', 'prefix', 'model', 'cid', 'title', 'username', 'slug'];
/** A list in one cell names so many. */
const MOST_NAMED = 20;
const MOST_CHARS = 400;

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** The name of a nested object, as NetBox nests them; null where it has none. */
export function nameOf(record: Json): string | null {
  for (const key of NAMES) {
    const value = Object.hasOwn(record, key) ? record[key] : undefined;
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value);
  }
  const value = Object.hasOwn(record, 'value') ? record.value : undefined;
  return isScalar(value) ? String(value) : null;
}

/** Any JSON value in a line, as people would write it: objects by their names, yes and no, lists with commas. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (isScalar(value)) return String(value);
  if (Array.isArray(value)) {
    const named = value.slice(0, MOST_NAMED).map(itemText);
    const more = value.length - named.length;
    return named.join(', ') + (more > 0 ? `, and ${more} more` : '');
  }
  return itemText(value);
}

function itemText(value: unknown): string {
  const record = asRecord(value);
  if (record === null) return Array.isArray(value) ? cut(jsonText(value)) : valueText(value);
  const name = nameOf(record);
  if (name !== null) return name;
  return Object.keys(record).length === 0 ? '' : cut(jsonText(record));
}

function cut(text: string): string {
  return text.length <= MOST_CHARS ? text : `${text.slice(0, MOST_CHARS).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** `primary_ip4` as people read it: `Primary IP4`. Keys of unknown shape stay as they are. */
export function keyText(key: string): string {
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(key)) return key;
  const words = key
    .replace(/_+/g, ' ')
    .trim()
    .replace(/\b(ip\d?|id|vid|asn|vrf|vlan|mtu|cid|dns|url|u)\b/g, (word) => word.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The fields of one object, its name first; addresses for programs and what is empty are left out. */
export function fieldsOf(object: Json): string[] {
  const keys = Object.keys(object);
  const isRepeated = Object.hasOwn(object, 'name') && valueText(object.name) === valueText(object.display);
  const told = keys.filter(
    (key) =>
      !/^(?:url|display_url|_.*)$/.test(key) &&
      valueText(object[key]) !== '' &&
      !(isRepeated && key === 'display'),
  );
  const list = told.length > 0 ? told : keys;
  const first = NAMES.find((name) => list.includes(name));
  return first === undefined ? list : [first, ...list.filter((key) => key !== first)];
}
