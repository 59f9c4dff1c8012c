import { recordUpdate } from './changes.ts';
import { checkFilters, inOrder, QueryError, select } from './query.ts';
import { choice, ENDPOINTS, isChoice, isObjectType, type ObjectType, type Store } from './store.ts';
import { Writer } from './writer.ts';

/** A tool of the simulated server: names and arguments are those of netboxlabs/netbox-mcp-server, the words are not. */
export type NetBoxTool = {
  name: string;
  title: string;
  description: string;
  inputSchema: { type: 'object'; properties: Record<string, object>; required: string[] };
  /** It changes something, and is offered only where the simulated NetBox is writable. */
  writes: boolean;
  /** @throws {QueryError} with words for the model */
  run(args: Record<string, unknown>, netbox: NetBox): Record<string, unknown>;
};

export type NetBox = {
  store: Store;
  /** Address of the simulated NetBox, without a slash at its end; objects carry it. */
  base: string;
  now(): Date;
};

const USUAL_LIMIT = 5;
const MOST = 100;
/** Without a limit a changelog has pages of so many. */
const CHANGES_LIMIT = 50;
const SEARCH_TYPES: readonly ObjectType[] = [
  'dcim.device',
  'dcim.site',
  'ipam.ipaddress',
  'dcim.interface',
  'dcim.rack',
  'ipam.vlan',
  'circuits.circuit',
  'virtualization.virtualmachine',
];

const OBJECT_TYPE = { type: 'string', description: `One of: ${Object.keys(ENDPOINTS).join(', ')}.` };
const FIELDS = {
  anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }],
  default: null,
  description:
    'Only these fields of each object, such as ["name", "status", "site"]. Always say which: whole objects are long.',
};
const BRIEF = { type: 'boolean', default: false, description: 'Only id, name and address of each object.' };
const LIMIT = {
  type: 'integer',
  minimum: 1,
  maximum: MOST,
  default: USUAL_LIMIT,
  description: 'Objects on a page.',
};

export const NETBOX_TOOLS: readonly NetBoxTool[] = [
  {
    name: 'netbox_get_objects',
    title: 'Get objects from NetBox',
    description: [
      'Lists objects of one type that pass all filters, page by page: {count, next, previous, results}; count is how many there are on all pages.',
      'Filters are those of the NetBox API: {"site": "dc14"} by slug, {"site_id": 4}, {"name": "dc14-cr-01"}, {"status": "active"}, {"role": "leaf"}.',
      'Behind a name may stand a lookup: {"name__ic": "leaf"}; n, ic, nic, isw, nisw, iew, niew, ie, nie, empty, regex, iregex, lt, lte, gt, gte.',
      'Filters over several objects, such as device__site, do not exist: ask in two steps. Several values are a list: {"id": [1, 2]}.',
      'Filters that NetBox does not know change nothing.',
    ].join('\n'),
    inputSchema: {
      type: 'object',
      properties: {
        object_type: OBJECT_TYPE,
        filters: {
          type: 'object',
          additionalProperties: true,
          description: 'Filters by name; {} for all objects.',
        },
        fields: FIELDS,
        brief: BRIEF,
        limit: LIMIT,
        offset: {
          type: 'integer',
          minimum: 0,
          default: 0,
          description: 'How many objects to leave out in front.',
        },
        ordering: {
          anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }, { type: 'null' }],
          default: null,
          description: 'Fields to order by, "-" in front for downwards.',
        },
      },
      required: ['object_type', 'filters'],
    },
    writes: false,
    run(args, { store, base }) {
      const type = typeOf(args.object_type);
      const filters = recordOf(args.filters);
      checkFilters(filters);
      const rows = inOrder(select(store, type, filters), namesOf(args.ordering));
      const page = { limit: numberOf(args.limit, USUAL_LIMIT), offset: numberOf(args.offset, 0) };
      return pageOf(new Writer(store, base), type, rows, page, namesOf(args.fields), args.brief === true);
    },
  },
  {
    name: 'netbox_get_object_by_id',
    title: 'Get one object from NetBox',
    description: 'One object of a type by its number, whole or only some of its fields.',
    inputSchema: {
      type: 'object',
      properties: { object_type: OBJECT_TYPE, object_id: { type: 'integer' }, fields: FIELDS, brief: BRIEF },
      required: ['object_type', 'object_id'],
    },
    writes: false,
    run(args, { store, base }) {
      const type = typeOf(args.object_type);
      const row = store.get({ ref: type, id: Number(args.object_id) });
      if (row === null) throw new QueryError(`There is no ${type} with the id ${Number(args.object_id)}.`);
      return new Writer(store, base).object(type, row, namesOf(args.fields), args.brief === true);
    },
  },
  {
    name: 'netbox_get_changelogs',
    title: 'Get changes from NetBox',
    description: [
      'Who changed what and when, newest first, page by page as {count, next, previous, results}.',
      'Filters: changed_object_type ("dcim.device"), changed_object_id, object_repr (its name), action (create, update, delete), user_name, time_after and time_before (ISO 8601), q, limit, offset.',
      'prechange_data and postchange_data of an entry are the fields before and after.',
    ].join('\n'),
    inputSchema: {
      type: 'object',
      properties: {
        filters: { type: 'object', additionalProperties: true, description: 'Filters by name.' },
      },
      required: ['filters'],
    },
    writes: false,
    run(args, { store, base }) {
      const filters = recordOf(args.filters);
      checkFilters(filters);
      const rows = select(store, 'core.objectchange', filters);
      const page = { limit: numberOf(filters.limit, CHANGES_LIMIT), offset: numberOf(filters.offset, 0) };
      return pageOf(new Writer(store, base), 'core.objectchange', rows, page, namesOf(filters.fields), false);
    },
  },
  {
    name: 'netbox_search_objects',
    title: 'Search NetBox',
    description:
      'Looks for a text in names, addresses, serial numbers and descriptions of several types at once: a list of objects for each type.',
    inputSchema: {
      type: 'object',
      properties: {
        query: { type: 'string', description: 'Such as a name, an address or a serial number.' },
        object_types: {
          anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }],
          default: null,
          description: `Where to look; usually ${SEARCH_TYPES.join(', ')}.`,
        },
        fields: FIELDS,
        limit: { ...LIMIT, description: 'Objects of each type.' },
      },
      required: ['query'],
    },
    writes: false,
    run(args, { store, base }) {
      const types = Array.isArray(args.object_types) ? args.object_types.map(typeOf) : SEARCH_TYPES;
      const writer = new Writer(store, base);
      const limit = numberOf(args.limit, USUAL_LIMIT);
      return Object.fromEntries(
        types.map((type) => [
          type,
          select(store, type, { q: args.query })
            .slice(0, limit)
            .map((row) => writer.object(type, row, namesOf(args.fields))),
        ]),
      );
    },
  },
  {
    name: 'netbox_update_object',
    title: 'Change an object in NetBox',
    description: 'Sets fields of one object, such as {"status": "offline"}, and gives it back.',
    inputSchema: {
      type: 'object',
      properties: {
        object_type: OBJECT_TYPE,
        object_id: { type: 'integer' },
        data: { type: 'object', additionalProperties: true, description: 'New values by field.' },
      },
      required: ['object_type', 'object_id', 'data'],
    },
    writes: true,
    run(args, { store, base, now }) {
      const type = typeOf(args.object_type);
      const row = store.get({ ref: type, id: Number(args.object_id) });
      if (row === null) throw new QueryError(`There is no ${type} with the id ${Number(args.object_id)}.`);
      const data = recordOf(args.data);
      const before: Record<string, unknown> = {};
      for (const [field, value] of Object.entries(data)) {
        const old = row[field];
        const isPlain =
          isChoice(old) || typeof old === 'string' || typeof old === 'number' || typeof old === 'boolean';
        if (field === 'id' || !isPlain) throw new QueryError(`The field '${field}' cannot be set here.`);
        before[field] = old;
        row[field] = isChoice(old) ? choice(String(value)) : value;
      }
      recordUpdate(store, { ref: type, id: row.id }, before, data, { time: now(), user: 'chatbox' });
      return new Writer(store, base).object(type, row);
    },
  },
];

function pageOf(
  writer: Writer,
  type: ObjectType,
  rows: ReturnType<typeof select>,
  { limit, offset }: { limit: number; offset: number },
  fields: string[],
  brief: boolean,
) {
  const results = rows.slice(offset, offset + limit).map((row) => writer.object(type, row, fields, brief));
  return {
    count: rows.length,
    next: offset + limit < rows.length ? writer.listUrl(type, limit, offset + limit) : null,
    previous: offset > 0 ? writer.listUrl(type, limit, Math.max(0, offset - limit)) : null,
    results,
  };
}

function typeOf(value: unknown): ObjectType {
  if (isObjectType(value)) return value;
  throw new QueryError(
    `There is no object type '${String(value).slice(0, 80)}'. There are: ${Object.keys(ENDPOINTS).join(', ')}.`,
  );
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** A list of names, or names with commas between. */
function namesOf(value: unknown): string[] {
  const list = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value.map(String) : [];
  return list.map((name) => name.trim()).filter((name) => name !== '');
}

function numberOf(value: unknown, usual: number): number {
  const number = Number(value ?? usual);
  return Number.isInteger(number) && number >= 0 ? Math.min(number, 1_000) : usual;
}
