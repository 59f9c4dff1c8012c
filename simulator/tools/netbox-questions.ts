import { type Asked, findTool, type MadeCall, type OfferedTool } from './asked.ts';

/** What a question wants from NetBox: one list, perhaps of what hangs on another one. */
export type Wish = {
  /** `core.objectchange` for changes. */
  type: string;
  /** Plural, for the answer. */
  noun: string;
  filters: Record<string, unknown>;
  fields: string[];
  /** Ask for these first; the wish is then asked for each of them. */
  first: { type: string; filters: Record<string, unknown> } | null;
  /** Only how many there are. */
  countOnly: boolean;
};

const PAGE_SIZE = 20;
/** Of objects with short fields only. */
const BIG_PAGE = 50;
/** Fields that hold whole objects. */
const NESTED = ['role', 'rack', 'site', 'primary_ip4', 'device_type', 'region', 'scope', 'vlan', 'provider'];
const WEEK_MS = 7 * 24 * 3_600_000;

const DEVICE = /\b[a-z0-9]+(?:-[a-z0-9]+)*-(?:cr|spine|leaf|fw|srv|con|ds|as|rt|ap)-\d{2}\b/i;
const SITE = /\b(?:DC\d{2}|AMS\d|[A-Z]{3}-(?:HQ|BR\d))\b(?!-)/i;
const PREFIX = /\b\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}\b/;
const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b/;
const COUNT = /\b(how many|number of|count|wie ?viele)\b/i;

const ROLES: readonly (readonly [RegExp, string[]])[] = [
  [/\bcore routers?\b/i, ['core-router']],
  [/\bspines?\b/i, ['spine']],
  [/\b(leafs?|leaves)\b/i, ['leaf']],
  [/\bfirewalls?\b/i, ['firewall']],
  [/\bconsole servers?\b/i, ['console-server']],
  [/\bservers?\b/i, ['server']],
  [/\b(access points?|wi-?fi)\b/i, ['access-point']],
  [/\baccess switch(es)?\b/i, ['access-switch']],
  [/\brouters?\b/i, ['core-router', 'branch-router']],
  [/\bswitch(es)?\b/i, ['spine', 'leaf', 'distribution', 'access-switch']],
];
const STATUSES = ['active', 'planned', 'staged', 'failed', 'offline', 'decommissioning'];

/** What a question wants, or null when it is not about NetBox. */
export function wishOf(question: string, now: Date): Wish | null {
  const device = DEVICE.exec(question)?.[0].toLowerCase();
  const site = SITE.exec(question.replace(DEVICE, ''))?.[0].toLowerCase();
  const role = ROLES.find(([words]) => words.test(question))?.[1];
  const status = STATUSES.find((word) => new RegExp(`\\b${word}\\b`, 'i').test(question));
  const where = site === undefined ? {} : { site };
  const wish = (
    type: string,
    noun: string,
    fields: string[],
    filters: Record<string, unknown>,
    first: Wish['first'] = null,
  ): Wish => ({
    type,
    noun,
    fields,
    filters,
    first,
    countOnly: COUNT.test(question),
  });
  const devices = {
    ...where,
    ...(role === undefined ? {} : { role }),
    ...(status === undefined ? {} : { status }),
  };
  const asks = (words: RegExp) => words.test(question);

  if (asks(/\b(chang(e|es|ed|elog|elogs)|history|modified|geändert|änderungen)\b/i)) {
    const filters = { time_after: new Date(now.getTime() - WEEK_MS).toISOString(), limit: PAGE_SIZE };
    const fields = ['time', 'user_name', 'object_repr', 'prechange_data', 'postchange_data', 'display_url'];
    if (device !== undefined)
      return wish('core.objectchange', 'changes', fields, { object_repr: device, ...filters });
    const first = role === undefined ? null : { type: 'dcim.device', filters: devices };
    return wish('core.objectchange', 'changes', fields, filters, first);
  }
  if (asks(/\b(ips?|ipv4|ipv6|address(es)?|adress\w*)\b/i)) {
    const prefix = PREFIX.exec(question)?.[0];
    const address = ADDRESS.exec(question)?.[0];
    const fields = ['address', 'status', 'assigned_object', 'dns_name', 'display_url'];
    if (prefix !== undefined) return wish('ipam.ipaddress', 'IP addresses', fields, { parent: prefix });
    if (address !== undefined) return wish('ipam.ipaddress', 'IP addresses', fields, { address });
    if (device !== undefined) return wish('ipam.ipaddress', 'IP addresses', fields, { device });
    const first =
      site === undefined ? null : { type: 'ipam.prefix', filters: { site, status: 'container', family: 4 } };
    return wish('ipam.ipaddress', 'IP addresses', fields, {}, first);
  }
  if (asks(/\b(prefix(es)?|subnets?|netze)\b/i))
    return wish(
      'ipam.prefix',
      'prefixes',
      ['prefix', 'status', 'role', 'vlan', 'scope', 'display_url'],
      where,
    );
  if (asks(/\bvlans?\b/i))
    return wish('ipam.vlan', 'VLANs', ['vid', 'name', 'status', 'site', 'display_url'], where);
  if (asks(/\b(interfaces?|ports?)\b/i) && device !== undefined)
    return wish('dcim.interface', 'interfaces', ['name', 'type', 'enabled', 'description', 'display_url'], {
      device,
    });
  if (asks(/\bracks?\b/i))
    return wish('dcim.rack', 'racks', ['name', 'site', 'status', 'u_height', 'display_url'], where);
  if (asks(/\bcircuits?\b/i))
    return wish(
      'circuits.circuit',
      'circuits',
      ['cid', 'provider', 'type', 'status', 'description', 'display_url'],
      where,
    );
  const listed = ['name', 'status', 'role', 'rack', 'primary_ip4', 'display_url'];
  if (device !== undefined)
    return wish(
      'dcim.device',
      'devices',
      ['name', 'status', 'role', 'device_type', 'site', 'rack', 'primary_ip4', 'serial', 'display_url'],
      { name: device },
    );
  if (role !== undefined || asks(/\b(devices?|geräte?|equipment|hardware)\b/i))
    return wish(
      'dcim.device',
      'devices',
      site === undefined ? [...listed.slice(0, 3), 'site', 'primary_ip4', 'display_url'] : listed,
      devices,
    );
  if (asks(/\b(sites?|standorte?|locations?)\b/i))
    return wish(
      'dcim.site',
      'sites',
      ['name', 'status', 'region', 'facility', 'description', 'display_url'],
      {},
    );
  return null;
}

/** The call that asks for a page of a wish; null when no fitting tool is offered. */
export function callFor(
  wish: Wish,
  { tools, isSmall }: Pick<Asked, 'tools' | 'isSmall'>,
  offset: number,
): MadeCall | null {
  if (wish.type === 'core.objectchange') {
    const tool = findTool(tools, 'get_changelogs');
    const filters = { ...wish.filters, fields: wish.fields.join(','), ...(offset === 0 ? {} : { offset }) };
    return tool === null ? null : made(tool, { filters });
  }
  const tool = findTool(tools, 'get_objects');
  if (tool === null) return null;
  const fields = isSmall ? wish.fields.filter((field) => !NESTED.includes(field)) : wish.fields;
  return made(tool, {
    object_type: wish.type,
    filters: wish.filters,
    fields: wish.countOnly ? ['id'] : fields,
    limit: wish.countOnly ? 1 : isSmall ? BIG_PAGE : PAGE_SIZE,
    ...(offset === 0 ? {} : { offset }),
  });
}

export function made(tool: OfferedTool, args: object): MadeCall {
  return { name: tool.name, json: JSON.stringify(args) };
}
