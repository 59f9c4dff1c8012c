/** Names of NetBox's object types, as its API and its MCP server have them, and where the API keeps them. */
export const ENDPOINTS = {
  'circuits.circuit': 'circuits/circuits',
  'circuits.circuittype': 'circuits/circuit-types',
  'circuits.provider': 'circuits/providers',
  'core.objectchange': 'core/object-changes',
  'dcim.cable': 'dcim/cables',
  'dcim.device': 'dcim/devices',
  'dcim.devicerole': 'dcim/device-roles',
  'dcim.devicetype': 'dcim/device-types',
  'dcim.interface': 'dcim/interfaces',
  'dcim.location': 'dcim/locations',
  'dcim.manufacturer': 'dcim/manufacturers',
  'dcim.platform': 'dcim/platforms',
  'dcim.rack': 'dcim/racks',
  'dcim.region': 'dcim/regions',
  'dcim.site': 'dcim/sites',
  'ipam.ipaddress': 'ipam/ip-addresses',
  'ipam.prefix': 'ipam/prefixes',
  'ipam.role': 'ipam/roles',
  'ipam.vlan': 'ipam/vlans',
  'ipam.vlangroup': 'ipam/vlan-groups',
  'ipam.vrf': 'ipam/vrfs',
  'tenancy.tenant': 'tenancy/tenants',
  'virtualization.virtualmachine': 'virtualization/virtual-machines',
} as const;

export type ObjectType = keyof typeof ENDPOINTS;

export function isObjectType(value: unknown): value is ObjectType {
  return typeof value === 'string' && Object.hasOwn(ENDPOINTS, value);
}

/** A pointer to another object; it is written out as NetBox nests it. */
export type Ref = { ref: ObjectType; id: number };
export type Choice = { value: string; label: string };
/** An object as it is kept: references as {@link Ref}, everything else as it goes out. */
export type Row = { id: number; display: string } & Record<string, unknown>;

export function isRef(value: unknown): value is Ref {
  return typeof value === 'object' && value !== null && 'ref' in value && isObjectType(value.ref);
}

export function isChoice(value: unknown): value is Choice {
  return typeof value === 'object' && value !== null && 'value' in value && 'label' in value;
}

/** `in-use` is shown as `In use`. */
export function choice(value: string, label?: string): Choice {
  return { value, label: label ?? value.charAt(0).toUpperCase() + value.slice(1).replaceAll('-', ' ') };
}

/** All objects of the simulated NetBox, by type, in NetBox's own order. */
export class Store {
  readonly #rows = new Map<ObjectType, Row[]>();

  /** Adds an object; its id is the next one of its type. */
  add(type: ObjectType, display: string, fields: Record<string, unknown>): Ref {
    const rows = this.all(type);
    const id = rows.length + 1;
    rows.push({ id, display, ...fields });
    this.#rows.set(type, rows);
    return { ref: type, id };
  }

  all(type: ObjectType): Row[] {
    return this.#rows.get(type) ?? [];
  }

  get({ ref, id }: Ref): Row | null {
    return this.all(ref)[id - 1] ?? null;
  }

  /** The object that a field points to. */
  follow(row: Row | null, field: string): Row | null {
    const value = row?.[field];
    return isRef(value) ? this.get(value) : null;
  }
}
