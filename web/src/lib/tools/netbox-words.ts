import { asRecord } from './json.ts';

/** What NetBox calls its types, and what people call many of them: `[one, many]`. */
const NOUNS: Record<string, readonly [string, string]> = {
  cluster: ['cluster', 'clusters'],
  consoleport: ['console port', 'console ports'],
  devicerole: ['device role', 'device roles'],
  devicetype: ['device type', 'device types'],
  inventoryitem: ['inventory item', 'inventory items'],
  ipaddress: ['IP address', 'IP addresses'],
  iprange: ['IP range', 'IP ranges'],
  journalentry: ['journal entry', 'journal entries'],
  objectchange: ['change', 'changes'],
  prefix: ['prefix', 'prefixes'],
  virtualmachine: ['virtual machine', 'virtual machines'],
  vlan: ['VLAN', 'VLANs'],
  vlangroup: ['VLAN group', 'VLAN groups'],
  vrf: ['VRF', 'VRFs'],
};

/** `dcim.device`, `devices` or `ip-addresses`: older servers use plural names, later ones the types of NetBox. */
export function nounOf(type: unknown): readonly [string, string] {
  if (typeof type !== 'string' || type === '') return ['object', 'objects'];
  const last = (type.split('.').at(-1) ?? '').toLowerCase();
  const bare = last.replace(/[-_ ]/g, '');
  const one =
    bare.endsWith('sses') || bare.endsWith('xes')
      ? bare.slice(0, -2)
      : bare.replace(/ies$/, 'y').replace(/([^s])s$/, '$1');
  const known = [bare, one].find((word) => Object.hasOwn(NOUNS, word));
  if (known !== undefined) return NOUNS[known] ?? [known, known];
  const words = last.replace(/[-_]+/g, ' ');
  return words.endsWith('s')
    ? [words.replace(/ies$/, 'y').replace(/([^s])s$/, '$1'), words]
    : [words, `${words}s`];
}

/** What a tool of a NetBox server does, told from its name; with or without `netbox_`, or a server's name, in front. */
export type NetBoxDeed = 'list' | 'one' | 'changes' | 'search' | 'update' | 'create' | 'delete';
const DEEDS: Record<string, NetBoxDeed> = {
  get_objects: 'list',
  get_object_by_id: 'one',
  get_changelogs: 'changes',
  search_objects: 'search',
  update_object: 'update',
  create_object: 'create',
  delete_object: 'delete',
};

export function netBoxDeed(name: string): NetBoxDeed | null {
  const bare = name
    .slice(name.lastIndexOf('__') + 1)
    .replace(/^_/, '')
    .replace(/^netbox_/, '');
  return Object.hasOwn(DEEDS, bare) ? (DEEDS[bare] ?? null) : null;
}

/** Of a list's filters those that a person would name; what only shapes the answer is left out. */
const SHAPE = new Set(['limit', 'offset', 'fields', 'brief', 'ordering']);

export function filtersOf(args: unknown): [string, unknown][] {
  const record = asRecord(args);
  if (record === null) return [];
  const filters = asRecord(record.filters) ?? {};
  return Object.entries(filters).filter(
    ([name, value]) => !SHAPE.has(name) && value !== null && value !== '',
  );
}
