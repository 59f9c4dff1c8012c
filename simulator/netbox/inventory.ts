import { CIRCUITS, KINDS, type KindName, SITES, type SitePlan, STATUS, VLANS } from './site-plans.ts';
import { choice, type Ref, Store } from './store.ts';

const slugOf = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
const two = (count: number) => String(count).padStart(2, '0');

/** A network that nobody has: three data centres, three offices, about 120 devices. The same at every call. */
export function buildInventory(): Store {
  const store = new Store();
  const named = (type: Parameters<Store['add']>[0], name: string, more: object = {}) =>
    store.add(type, name, { name, slug: slugOf(name), description: '', ...more });
  const once = new Map<string, Ref>();
  const shared = (type: Parameters<Store['add']>[0], name: string, more: object = {}) => {
    const key = `${type} ${name}`;
    const ref = once.get(key) ?? named(type, name, more);
    once.set(key, ref);
    return ref;
  };

  const europe = shared('dcim.region', 'Europe', { parent: null });
  const tenants = {
    office: shared('tenancy.tenant', 'Corporate IT'),
    datacentre: shared('tenancy.tenant', 'Platform'),
  };
  for (const plan of SITES) {
    const region = shared('dcim.region', plan.region, { parent: europe });
    const tenant = plan.office ? tenants.office : tenants.datacentre;
    const site = named('dcim.site', plan.name, {
      status: choice('active'),
      region,
      tenant,
      facility: plan.city,
      description: plan.office ? `Office in ${plan.city}` : `Data centre in ${plan.city}`,
      time_zone: 'Europe/Zurich',
    });
    once.set(`dcim.site ${plan.name}`, site);
    addNetworks(store, plan, site, tenant, shared);
    addDevices(store, plan, site, tenant, shared);
  }
  for (const [cid, provider, type, a, z, mbit, status] of CIRCUITS) {
    const end = (name: string | null) => (name === null ? null : (once.get(`dcim.site ${name}`) ?? null));
    store.add('circuits.circuit', cid, {
      cid,
      provider: shared('circuits.provider', provider),
      type: shared('circuits.circuittype', type),
      status: choice(status),
      commit_rate: mbit * 1000,
      termination_a: end(a),
      termination_z: end(z),
      description: z === null ? `Internet for ${a}` : `${a} to ${z}`,
    });
  }
  return store;
}

type Shared = (type: Parameters<Store['add']>[0], name: string, more?: object) => Ref;

function addNetworks(store: Store, plan: SitePlan, site: Ref, tenant: Ref, shared: Shared): void {
  const group = shared('ipam.vlangroup', `${plan.name} VLANs`, { scope: site });
  const vlans = new Map<string, Ref>();
  for (const [vid, name, where] of VLANS) {
    if (where !== 'all' && (where === 'office') !== plan.office) continue;
    const vlan = { vid, name, site, group, status: choice('active'), tenant, description: '' };
    vlans.set(name, store.add('ipam.vlan', `${name} (${vid})`, vlan));
  }
  const add = (prefix: string, role: string | null, status = 'active', vlan = role) =>
    store.add('ipam.prefix', prefix, {
      prefix,
      family: prefix.includes(':') ? { value: 6, label: 'IPv6' } : { value: 4, label: 'IPv4' },
      scope: site,
      status: choice(status),
      role: role === null ? null : shared('ipam.role', role),
      vlan: vlans.get(vlan ?? '') ?? null,
      tenant,
      vrf: null,
      description: role === null ? `Everything at ${plan.name}` : `${role} at ${plan.name}`,
    });
  const net = `10.${plan.net}`;
  add(`${net}.0.0/16`, null, 'container');
  add(`${net}.0.0/24`, 'Management');
  if (plan.office) {
    add(`${net}.32.0/22`, 'Users');
    add(`${net}.40.0/23`, 'Voice');
    add(`${net}.48.0/22`, 'Guests', 'reserved');
  } else {
    add(`${net}.16.0/22`, 'Servers');
    add(`${net}.20.0/22`, 'Storage');
    add(`${net}.24.0/22`, 'Servers', 'reserved', null);
  }
  add(`${net}.255.0/24`, 'Loopbacks', 'active', null);
  add(`2001:db8:${plan.net}::/48`, null, 'container');
}

function addDevices(store: Store, plan: SitePlan, site: Ref, tenant: Ref, shared: Shared): void {
  const racks = Array.from({ length: plan.racks }, (_, index) =>
    store.add('dcim.rack', `${plan.name}-R${two(index + 1)}`, {
      name: `${plan.name}-R${two(index + 1)}`,
      site,
      status: choice('active'),
      u_height: 42,
      tenant,
      description: '',
    }),
  );
  const free = racks.map(() => 42);
  let host = 10;
  let loopback = 0;
  let server = 10;
  for (const [name, count = 0] of Object.entries(plan.devices)) {
    const of = KINDS[name as KindName];
    const maker = shared('dcim.manufacturer', of.maker);
    const role = shared('dcim.devicerole', of.role, { slug: of.slug });
    const device_type = shared('dcim.devicetype', of.model, { model: of.model, manufacturer: maker });
    const platform =
      of.platform === null ? null : shared('dcim.platform', of.platform, { manufacturer: maker });
    for (let nth = 1; nth <= count; nth++) {
      const display = `${slugOf(plan.name)}-${of.tag}-${two(nth)}`;
      // Pairs of one kind stand in different racks, from the top down; access points hang on the ceiling.
      const at = name === 'wifi' ? -1 : (nth - 1) % plan.racks;
      const position = at === -1 ? null : (free[at] ?? null);
      if (position !== null) free[at] = position - 2;
      const device = store.add('dcim.device', display, {
        name: display,
        device_type,
        role,
        platform,
        site,
        tenant,
        rack: racks[at] ?? null,
        position,
        face: position === null ? null : choice('front'),
        status: choice(STATUS[display] ?? 'active'),
        serial: `${of.maker.slice(0, 2).toUpperCase()}${plan.net}${of.tag.toUpperCase()}${String(nth * 7919).padStart(6, '0')}`,
        primary_ip4: null,
        comments: '',
        description: `${of.role} ${nth} at ${plan.name}`,
      });
      const row = store.get(device);
      const ip = (address: string, assigned: Ref, role_: string | null = null) =>
        store.add('ipam.ipaddress', address, {
          address,
          family: { value: 4, label: 'IPv4' },
          status: choice('active'),
          role: role_ === null ? null : choice(role_),
          assigned_object_type: 'dcim.interface',
          assigned_object: assigned,
          tenant,
          vrf: null,
          dns_name: `${display}.net.example`,
          description: '',
        });
      const ports = name === 'server' ? of.ports : ['mgmt0', ...of.ports];
      for (const [index, port] of ports.entries()) {
        const isLoopback = /^lo/i.test(port);
        const isMgmt = index === 0;
        const port_ = store.add('dcim.interface', port, {
          name: port,
          device,
          type: isLoopback ? choice('virtual') : speedOf(port),
          enabled: isLoopback || isMgmt || index % 4 !== 0,
          mgmt_only: port === 'mgmt0',
          mtu: isMgmt ? 1500 : 9214,
          description: isLoopback ? 'Router id' : isMgmt ? 'Management' : `Link ${index}`,
        });
        if (isMgmt && row !== null) {
          const address =
            name === 'server' ? `10.${plan.net}.16.${server++}/22` : `10.${plan.net}.0.${host++}/24`;
          row.primary_ip4 = ip(address, port_);
        } else if (isLoopback) ip(`10.${plan.net}.255.${++loopback}/32`, port_, 'loopback');
      }
    }
  }
}

function speedOf(port: string) {
  if (/^(et-|Ethernet\d+\/)/.test(port)) return choice('100gbase-x-qsfp28', 'QSFP28 (100GE)');
  if (/^(Ethernet|eno|ethernet|TwentyFive)/.test(port)) return choice('25gbase-x-sfp28', 'SFP28 (25GE)');
  if (/^TenGig/.test(port)) return choice('10gbase-x-sfpp', 'SFP+ (10GE)');
  return choice('1000base-t', '1000BASE-T (1GE)');
}
