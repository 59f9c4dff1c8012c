export type Kind = {
  role: string;
  slug: string;
  tag: string;
  maker: string;
  model: string;
  platform: string | null;
  ports: string[];
};

/** What stands in the racks: role, its slug, the tag in names, maker, model, software, ports. */
export const KINDS = {
  core: kind('Core router', 'core-router', 'cr', 'Juniper', 'MX304', 'Junos 23.4R2', [
    'lo0',
    'et-0/0/0',
    'et-0/0/1',
    'et-0/0/2',
    'et-0/0/3',
  ]),
  spine: kind('Spine switch', 'spine', 'spine', 'Arista', '7280CR3-32P4', 'EOS 4.32.2F', [
    'Loopback0',
    'Ethernet1/1',
    'Ethernet2/1',
    'Ethernet3/1',
    'Ethernet4/1',
  ]),
  leaf: kind('Leaf switch', 'leaf', 'leaf', 'Arista', '7050SX3-48YC12', 'EOS 4.32.2F', [
    'Loopback0',
    'Ethernet1',
    'Ethernet2',
    'Ethernet3',
    'Ethernet49/1',
    'Ethernet50/1',
  ]),
  firewall: kind('Firewall', 'firewall', 'fw', 'Palo Alto', 'PA-5440', 'PAN-OS 11.1.4', [
    'ethernet1/1',
    'ethernet1/2',
    'ethernet1/3',
  ]),
  server: kind('Server', 'server', 'srv', 'Dell', 'PowerEdge R660', null, ['eno1', 'eno2']),
  console: kind('Console server', 'console-server', 'con', 'Opengear', 'OM2248', null, ['net1']),
  distribution: kind('Distribution switch', 'distribution', 'ds', 'Cisco', 'C9500-24Y4C', 'IOS XE 17.12.3', [
    'Loopback0',
    'TwentyFiveGigE1/0/1',
    'TwentyFiveGigE1/0/2',
  ]),
  access: kind('Access switch', 'access-switch', 'as', 'Cisco', 'C9300-48P', 'IOS XE 17.12.3', [
    'GigabitEthernet1/0/1',
    'GigabitEthernet1/0/2',
    'GigabitEthernet1/0/3',
    'TenGigabitEthernet1/1/1',
  ]),
  router: kind('Branch router', 'branch-router', 'rt', 'Cisco', 'C8300-1N1S-6T', 'IOS XE 17.12.3', [
    'Loopback0',
    'GigabitEthernet0/0/0',
    'GigabitEthernet0/0/1',
  ]),
  wifi: kind('Access point', 'access-point', 'ap', 'Juniper', 'AP45', null, ['eth0']),
} as const;
export type KindName = keyof typeof KINDS;

export type SitePlan = {
  name: string;
  region: string;
  city: string;
  /** Second octet of everything at the site. */
  net: number;
  racks: number;
  office: boolean;
  devices: Partial<Record<KindName, number>>;
};

export const SITES: readonly SitePlan[] = [
  {
    name: 'AMS1',
    region: 'Netherlands',
    city: 'Amsterdam',
    net: 31,
    racks: 5,
    office: false,
    devices: { core: 2, spine: 2, leaf: 8, firewall: 1, console: 1, server: 8 },
  },
  {
    name: 'BER-BR1',
    region: 'Germany',
    city: 'Berlin',
    net: 102,
    racks: 1,
    office: true,
    devices: { router: 1, firewall: 1, access: 4, wifi: 2 },
  },
  {
    name: 'DC02',
    region: 'Germany',
    city: 'Frankfurt am Main',
    net: 2,
    racks: 6,
    office: false,
    devices: { core: 2, spine: 2, leaf: 10, firewall: 2, console: 1, server: 10 },
  },
  {
    name: 'DC14',
    region: 'Switzerland',
    city: 'Glattbrugg',
    net: 14,
    racks: 8,
    office: false,
    devices: { core: 2, spine: 4, leaf: 12, firewall: 2, console: 2, server: 18 },
  },
  {
    name: 'LYS-BR2',
    region: 'France',
    city: 'Lyon',
    net: 103,
    racks: 1,
    office: true,
    devices: { router: 1, firewall: 1, access: 2, wifi: 2 },
  },
  {
    name: 'ZRH-HQ',
    region: 'Switzerland',
    city: 'Zürich',
    net: 101,
    racks: 2,
    office: true,
    devices: { distribution: 2, firewall: 2, console: 1, access: 8, wifi: 6 },
  },
];

/** The devices that are not simply active. */
export const STATUS: Record<string, string> = {
  'dc14-leaf-12': 'planned',
  'dc14-srv-17': 'failed',
  'dc14-srv-18': 'staged',
  'dc02-leaf-10': 'decommissioning',
  'dc02-srv-04': 'offline',
  'ams1-leaf-08': 'staged',
  'ber-br1-ap-02': 'offline',
  'zrh-hq-as-08': 'planned',
};

/** Number, name, and where it exists. */
export const VLANS: readonly (readonly [number, string, 'all' | 'office' | 'datacentre'])[] = [
  [10, 'Management', 'all'],
  [20, 'Servers', 'datacentre'],
  [30, 'Storage', 'datacentre'],
  [40, 'Users', 'office'],
  [50, 'Voice', 'office'],
  [60, 'Guests', 'office'],
  [99, 'Transit', 'all'],
];

/** Some circuits of an invented carrier or two: id, carrier, type, A, Z, Mbit/s, status. */
export const CIRCUITS: readonly (readonly [string, string, string, string, string | null, number, string])[] =
  [
    ['ALP-100-4711', 'Alpine Carrier', 'Wavelength', 'DC14', 'DC02', 100_000, 'active'],
    ['ALP-100-4712', 'Alpine Carrier', 'Wavelength', 'DC14', 'AMS1', 100_000, 'active'],
    ['ALP-010-2208', 'Alpine Carrier', 'Ethernet', 'DC14', 'ZRH-HQ', 10_000, 'active'],
    ['NLT-010-0093', 'Nordlink Transit', 'Internet transit', 'DC14', null, 20_000, 'active'],
    ['NLT-010-0094', 'Nordlink Transit', 'Internet transit', 'AMS1', null, 20_000, 'active'],
    ['NLT-001-0310', 'Nordlink Transit', 'Ethernet', 'DC02', 'BER-BR1', 1_000, 'active'],
    ['NLT-001-0311', 'Nordlink Transit', 'Ethernet', 'AMS1', 'LYS-BR2', 1_000, 'provisioning'],
  ];

function kind(
  role: string,
  slug: string,
  tag: string,
  maker: string,
  model: string,
  platform: string | null,
  ports: string[],
): Kind {
  return { role, slug, tag, maker, model, platform, ports };
}
