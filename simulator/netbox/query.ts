import { isWithin } from './addresses.ts';
import { isChoice, isRef, type ObjectType, type Row, type Store } from './store.ts';

/** A question that NetBox, or its MCP server, refuses; the message is for the model that asked. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

const SUFFIXES = [
  'n',
  'ic',
  'nic',
  'isw',
  'nisw',
  'iew',
  'niew',
  'ie',
  'nie',
  'empty',
  'regex',
  'iregex',
  'lt',
  'lte',
  'gt',
  'gte',
];
/** Parameters of a list that are no filters. */
const NO_FILTERS = ['limit', 'offset', 'fields', 'brief', 'ordering', 'q'];
/** What `q` looks at. */
const SEARCHED = [
  'display',
  'name',
  'description',
  'serial',
  'address',
  'dns_name',
  'prefix',
  'facility',
  'cid',
  'object_repr',
  'user_name',
  'comments',
];
/** Filters that name the object behind an object: a device has no manufacturer of its own. */
const BEHIND: Record<string, readonly string[]> = {
  manufacturer: ['device_type', 'manufacturer'],
  region: ['site', 'region'],
  site: ['device', 'site'],
  device: ['assigned_object', 'device'],
  interface: ['assigned_object'],
};

/** @throws {QueryError} for lookups over several objects and for `__in`, in the words of what to do instead */
export function checkFilters(filters: Record<string, unknown>): void {
  for (const name of Object.keys(filters)) {
    const [base, suffix, ...more] = name.split('__');
    if (suffix === undefined || NO_FILTERS.includes(name)) continue;
    if (suffix === 'in' && more.length === 0)
      throw new QueryError(`Filter '${name}': there is no '__in'. Give a list: {'${base}': [1, 2, 3]}.`);
    if (more.length > 0 || !SUFFIXES.includes(suffix))
      throw new QueryError(
        `Filter '${name}': filters do not go over several objects. Ask in two steps, or filter by '${base}_id'.`,
      );
  }
}

/** The objects of a type that pass all filters. Filters that NetBox does not know it silently ignores, and so does this. */
export function select(store: Store, type: ObjectType, filters: Record<string, unknown>): Row[] {
  const rows = type === 'core.objectchange' ? store.all(type).toReversed() : store.all(type);
  const tests = Object.entries(filters).map(([name, wanted]) => testOf(store, type, name, wanted));
  return rows.filter((row) => tests.every((test) => test(row)));
}

/** @param ordering names of fields, `-` for downwards; unknown ones change nothing */
export function inOrder(rows: Row[], ordering: readonly string[]): Row[] {
  if (ordering.length === 0) return rows;
  const key = (row: Row, field: string) => {
    const [value] = valuesOf(row[field]);
    return value ?? '';
  };
  return rows.toSorted((a, b) => {
    for (const name of ordering) {
      const down = name.startsWith('-');
      const field = down ? name.slice(1) : name;
      const order = key(a, field).localeCompare(key(b, field), 'en', { numeric: true });
      if (order !== 0) return down ? -order : order;
    }
    return 0;
  });
}

type Test = (row: Row) => boolean;

function testOf(store: Store, type: ObjectType, name: string, wanted: unknown): Test {
  if (wanted === null || wanted === undefined) return () => true;
  const list = (Array.isArray(wanted) ? wanted : [wanted]).map(String);
  if (name === 'q') {
    const needle = (list[0] ?? '').toLowerCase();
    return (row) =>
      SEARCHED.some((field) => typeof row[field] === 'string' && row[field].toLowerCase().includes(needle));
  }
  if (NO_FILTERS.includes(name)) return () => true;
  const special = specialTest(store, type, name, list);
  if (special !== null) return special;
  const [base = '', suffix = ''] = name.split('__');
  return (row) => {
    const values = candidates(store, row, base);
    return values === null || matches(values, suffix, list);
  };
}

function specialTest(store: Store, type: ObjectType, name: string, list: string[]): Test | null {
  const [first = ''] = list;
  switch (name) {
    case 'region':
    case 'region_id':
      return (row) => {
        let region = store.follow(row, 'region') ?? store.follow(store.follow(row, 'site'), 'region');
        for (; region !== null; region = store.follow(region, 'parent'))
          if (list.includes(name === 'region' ? String(region.slug) : String(region.id))) return true;
        return false;
      };
    case 'time_after':
      return (row) => String(row.time) >= isoOf(first);
    case 'time_before':
      return (row) => String(row.time) <= isoOf(first);
    case 'parent':
      if (type !== 'ipam.ipaddress') return null;
      return (row) => list.some((prefix) => isWithin(String(row.address), prefix));
    case 'within':
    case 'within_include':
      return (row) =>
        String(row.prefix) !== (name === 'within' ? first : '') && isWithin(String(row.prefix), first);
    case 'contains':
      return (row) => isWithin(first, String(row.prefix));
    case 'address':
      return (row) =>
        list.some((wanted) => row.address === wanted || String(row.address).split('/')[0] === wanted);
    case 'has_primary_ip':
      return (row) => (row.primary_ip4 !== null) === (first === 'true' || first === 'True');
    default:
      return null;
  }
}

/** The values that a filter's name stands for; null where NetBox has no such filter. */
function candidates(store: Store, row: Row, base: string): string[] | null {
  const byId = base.endsWith('_id') && !(base in row);
  const name = byId ? base.slice(0, -3) : base;
  let value: unknown = row[name];
  // A prefix belongs to a place, a circuit to the sites at its ends.
  if (value === undefined && name === 'site')
    value =
      'scope' in row
        ? row.scope
        : 'termination_a' in row
          ? [row.termination_a, row.termination_z]
          : undefined;
  if (value === undefined && BEHIND[name] !== undefined) {
    const [last = '', ...before] = BEHIND[name].toReversed();
    const owner = before.toReversed().reduce<Row | null>((at, field) => store.follow(at, field), row);
    value = owner?.[last];
    if (value === undefined) return owner === row ? null : [];
  }
  if (value === undefined) return null;
  return (Array.isArray(value) ? value : [value]).flatMap((one) => {
    if (!isRef(one)) return byId ? [] : valuesOf(one);
    if (byId) return [String(one.id)];
    const target = store.get(one);
    return target === null ? [] : valuesOf(target.slug ?? target.name ?? target.display);
  });
}

function valuesOf(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  if (isChoice(value)) return [String(value.value)];
  if (isRef(value)) return [String(value.id)];
  return typeof value === 'object' ? [] : [String(value)];
}

function matches(values: string[], suffix: string, wanted: string[]): boolean {
  const lower = values.map((value) => value.toLowerCase());
  const some = (test: (value: string, want: string) => boolean) =>
    lower.some((value) => wanted.some((want) => test(value, want.toLowerCase())));
  switch (suffix) {
    case '':
      return values.some((value) => wanted.includes(value));
    case 'n':
      return !values.some((value) => wanted.includes(value));
    case 'ic':
      return some((value, want) => value.includes(want));
    case 'nic':
      return !some((value, want) => value.includes(want));
    case 'isw':
      return some((value, want) => value.startsWith(want));
    case 'nisw':
      return !some((value, want) => value.startsWith(want));
    case 'iew':
      return some((value, want) => value.endsWith(want));
    case 'niew':
      return !some((value, want) => value.endsWith(want));
    case 'ie':
      return some((value, want) => value === want);
    case 'nie':
      return !some((value, want) => value === want);
    case 'empty':
      return (values.join('') === '') === (wanted[0]?.toLowerCase() !== 'false');
    case 'regex':
    case 'iregex':
      return wanted.some((want) => values.some((value) => regex(want, suffix === 'iregex').test(value)));
    default:
      return values.some((value) => wanted.some((want) => compares(suffix, value, want)));
  }
}

function compares(suffix: string, value: string, want: string): boolean {
  const order = value.localeCompare(want, 'en', { numeric: true });
  switch (suffix) {
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
    case 'gt':
      return order > 0;
    default:
      return order >= 0;
  }
}

function regex(source: string, ignoreCase: boolean): RegExp {
  try {
    return new RegExp(source.slice(0, 200), ignoreCase ? 'i' : '');
  } catch {
    throw new QueryError(`'${source.slice(0, 200)}' is no regular expression.`);
  }
}

function isoOf(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new QueryError(`'${text.slice(0, 60)}' is no point in time; write ISO 8601.`);
  return new Date(ms).toISOString();
}
