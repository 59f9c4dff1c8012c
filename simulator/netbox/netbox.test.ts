import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../server.ts';
import { isWithin } from './addresses.ts';

const NOW = '2026-11-22T12:00:00.000Z';
let simulator: Simulator;
let client: Client;
beforeAll(async () => {
  simulator = await startSimulator({ pace: 0, now: () => new Date(NOW) });
  client = await connect(simulator.netboxMcpUrl);
});
beforeEach(() => simulator.control.reset());
afterAll(async () => {
  await client.close();
  await simulator.close();
});

async function connect(url: string): Promise<Client> {
  const one = new Client({ name: 'test', version: '1.0.0' });
  await one.connect(new StreamableHTTPClientTransport(new URL(url)));
  return one;
}

type Page = {
  count: number;
  next: string | null;
  previous: string | null;
  results: Record<string, unknown>[];
};

async function call(name: string, args: Record<string, unknown>) {
  const { content, isError = false, structuredContent } = await client.callTool({ name, arguments: args });
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  return { isError, text, structuredContent };
}

async function list(
  type: string,
  filters: Record<string, unknown>,
  more: Record<string, unknown> = {},
): Promise<Page> {
  const args = { object_type: type, filters, limit: 100, ...more };
  const { text, isError, structuredContent } = await call('netbox_get_objects', args);
  expect(isError, text).toBe(false);
  const page: Page = JSON.parse(text);
  expect(structuredContent).toEqual(page);
  return page;
}

const namesOf = ({ results }: Page) => results.map(({ name }) => String(name));

describe('the simulated NetBox: its tools', () => {
  it('are those of the real server, and all of them only read', async () => {
    const { tools } = await client.listTools();
    expect(
      tools.map(({ name, annotations, inputSchema }) => [
        name,
        annotations?.readOnlyHint,
        inputSchema.required,
      ]),
    ).toEqual([
      ['netbox_get_objects', true, ['object_type', 'filters']],
      ['netbox_get_object_by_id', true, ['object_type', 'object_id']],
      ['netbox_get_changelogs', true, ['filters']],
      ['netbox_search_objects', true, ['query']],
    ]);
  });

  it('change something only where that is switched on, and write it into the changelog', async () => {
    const { results } = await list('dcim.device', { name: 'dc14-leaf-01' });
    const args = { object_type: 'dcim.device', object_id: results[0]?.id, data: { status: 'offline' } };
    await expect(call('netbox_update_object', args)).rejects.toThrow(/not found/);
    simulator.control.netboxWritable = true;
    const { tools } = await client.listTools();
    expect(tools.at(-1)).toMatchObject({
      name: 'netbox_update_object',
      annotations: { readOnlyHint: false },
    });
    expect((await call('netbox_update_object', args)).isError).toBe(false);
    expect(namesOf(await list('dcim.device', { site: 'dc14', status: 'offline' }))).toEqual(['dc14-leaf-01']);
    const { text } = await call('netbox_get_changelogs', { filters: { object_repr: 'dc14-leaf-01' } });
    expect(JSON.parse(text).results).toMatchObject([
      {
        time: NOW,
        user_name: 'chatbox',
        prechange_data: { status: 'active' },
        postchange_data: { status: 'offline' },
      },
    ]);
    expect(await call('netbox_update_object', { ...args, data: { site: 1 } })).toMatchObject({
      isError: true,
    });
    simulator.control.reset();
    expect((await list('dcim.device', { site: 'dc14', status: 'offline' })).count).toBe(0);
  });

  it('refuse what the real ones refuse, in words', async () => {
    const ask = (args: object) =>
      call('netbox_get_objects', { object_type: 'dcim.device', filters: {}, ...args });
    expect(await ask({ object_type: 'dcim.nothing' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('dcim.device'),
    });
    expect(await ask({ filters: { device__site: 1 } })).toMatchObject({
      isError: true,
      text: expect.stringContaining('two steps'),
    });
    expect(await ask({ filters: { id__in: [1] } })).toMatchObject({
      isError: true,
      text: expect.stringContaining('list'),
    });
    expect(await ask({ filters: { name__regex: '(' } })).toMatchObject({ isError: true });
    expect(await ask({ limit: 101 })).toMatchObject({ isError: true });
    expect(await ask({ offset: -1 })).toMatchObject({ isError: true });
    expect(await call('netbox_get_object_by_id', { object_type: 'dcim.site', object_id: 99 })).toMatchObject({
      isError: true,
    });
    expect(await call('netbox_get_changelogs', { filters: { time_after: 'yesterday' } })).toMatchObject({
      isError: true,
    });
  });
});

describe('the simulated NetBox: its objects', () => {
  it('are a believable network', async () => {
    expect((await list('dcim.device', {})).count).toBe(122);
    expect(namesOf(await list('dcim.site', {}))).toEqual([
      'AMS1',
      'BER-BR1',
      'DC02',
      'DC14',
      'LYS-BR2',
      'ZRH-HQ',
    ]);
    const devices: Record<string, unknown>[] = [];
    for (const offset of [0, 100]) devices.push(...(await list('dcim.device', {}, { offset })).results);
    expect(devices.every(({ primary_ip4 }) => primary_ip4 !== null)).toBe(true);
    const addresses = devices.map(({ primary_ip4 }) => (primary_ip4 as { address: string }).address);
    expect(new Set(addresses).size).toBe(122);
    expect(devices.every(({ position }) => position === null || Number(position) >= 1)).toBe(true);
    expect((await list('virtualization.virtualmachine', {})).count).toBe(0);
  });

  it('carry addresses of pages that are there', async () => {
    const { results } = await list('dcim.device', { name: 'dc14-cr-01' }, { fields: ['url', 'display_url'] });
    const page = await fetch(String(results[0]?.display_url));
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<h1>dc14-cr-01</h1>');
    expect((await fetch(`${simulator.url}/netbox/dcim/devices/9999/`)).status).toBe(404);
  });

  it.each([
    ['dcim.device', { site: 'dc14', role: 'spine' }, 4],
    ['dcim.device', { site_id: 4, role: ['spine', 'core-router'] }, 6],
    ['dcim.device', { region: 'switzerland', manufacturer: 'palo-alto' }, 4],
    ['dcim.device', { region: 'europe', status: 'offline' }, 2],
    ['dcim.device', { status__n: 'active' }, 8],
    ['dcim.device', { name__ic: 'DC14-LEAF' }, 12],
    ['dcim.device', { name__isw: 'ams1', name__iew: '-01' }, 6],
    ['dcim.device', { name__regex: '^dc02-cr-0[12]$' }, 2],
    ['dcim.device', { rack_id__n: 13, site: 'dc14' }, 31],
    ['dcim.device', { id: [1, 2, 3] }, 3],
    ['dcim.device', { id__gt: 120 }, 2],
    ['dcim.device', { name__empty: true }, 0],
    ['dcim.device', { nothing_that_netbox_knows: 1 }, 122],
    ['dcim.device', { q: 'loose' }, 0],
    ['dcim.device', { q: 'DC14-CR' }, 2],
    ['dcim.interface', { device: 'dc14-cr-01' }, 6],
    ['dcim.interface', { device: 'dc14-cr-01', type: 'virtual' }, 1],
    ['ipam.ipaddress', { parent: '10.14.255.0/24' }, 18],
    ['ipam.ipaddress', { address: '10.14.0.10' }, 1],
    ['ipam.ipaddress', { device: 'dc14-cr-01' }, 2],
    ['ipam.prefix', { site: 'dc14', role: 'servers' }, 2],
    ['ipam.prefix', { within: '10.14.0.0/16' }, 5],
    ['ipam.prefix', { contains: '10.14.16.20', status: 'active' }, 1],
    ['ipam.vlan', { site: 'zrh-hq', vid__gte: 50 }, 3],
    ['circuits.circuit', { site: 'dc14' }, 4],
  ])('%s filtered by %j: %i', async (type, filters, count) => {
    const page = await list(type, filters);
    expect(page.count).toBe(count);
    expect(page.results).toHaveLength(Math.min(count, 100));
  });

  it('come page by page, each once, in any order', async () => {
    const all = await list('dcim.device', { site: 'dc14' }, { fields: ['name'] });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom(null, 'name', '-name'),
        async (limit, ordering) => {
          const seen: string[] = [];
          for (let offset = 0; ; offset += limit) {
            const page = await list(
              'dcim.device',
              { site: 'dc14' },
              { limit, offset, ordering, fields: ['name'] },
            );
            seen.push(...namesOf(page));
            expect(page.previous === null).toBe(offset === 0);
            if (page.next === null) break;
            expect(page.next).toContain(`limit=${limit}&offset=${offset + limit}`);
          }
          const expected =
            ordering === null
              ? namesOf(all)
              : namesOf(all).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
          expect(seen).toEqual(ordering === '-name' ? expected.toReversed() : expected);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('have only the fields that are asked for', async () => {
    const { results } = await list('dcim.device', {}, { fields: ['name', 'no_such_field'], limit: 2 });
    expect(results.map(Object.keys)).toEqual([['name'], ['name']]);
    const brief = await list('dcim.device', {}, { brief: true, limit: 1 });
    expect(Object.keys(brief.results[0] ?? {})).toEqual([
      'id',
      'url',
      'display_url',
      'display',
      'name',
      'description',
    ]);
  });

  it('changed in the last week, newest first', async () => {
    const { text } = await call('netbox_get_changelogs', {
      filters: { object_repr: 'dc14-cr-01', time_after: '2026-11-15T12:00:00Z' },
    });
    const page: Page = JSON.parse(text);
    expect(page.count).toBe(5);
    const times = page.results.map(({ time }) => String(time));
    expect(times).toEqual(times.toSorted().toReversed());
    expect(times.every((time) => time >= '2026-11-15' && time <= NOW)).toBe(true);
    // What the last change of a field says is what the device has now.
    const { results } = await list('dcim.device', { name: 'dc14-cr-01' });
    expect(results[0]).toMatchObject({ status: { value: 'active' }, description: 'Core router 1 at DC14' });
  });

  it('are found by a text, type by type', async () => {
    const { text } = await call('netbox_search_objects', {
      query: 'dc14-cr-01',
      object_types: ['dcim.device', 'dcim.site'],
      fields: ['name'],
    });
    expect(JSON.parse(text)).toEqual({ 'dcim.device': [{ name: 'dc14-cr-01' }], 'dcim.site': [] });
  });
});

describe('the simulated NetBox: as a service', () => {
  it.each(['down', 'bad_key', 'html', 503] as const)('fails as it is told: %s', async (state) => {
    simulator.control.states.netbox = state;
    await expect(connect(simulator.netboxMcpUrl)).rejects.toThrow();
  });

  it('shows what it was asked', async () => {
    await list('dcim.site', {});
    expect(simulator.control.requests.at(-1)).toMatchObject({
      service: 'netbox',
      path: '/netbox/mcp',
      body: { method: 'tools/call', params: { name: 'netbox_get_objects' } },
    });
  });
});

describe('isWithin', () => {
  it.each([
    ['10.14.3.4', '10.14.0.0/16', true],
    ['10.14.3.4/24', '10.14.3.0/24', true],
    ['10.14.0.0/16', '10.14.3.0/24', false],
    ['10.15.0.1', '10.14.0.0/15', true],
    ['200.1.1.1', '0.0.0.0/0', true],
    ['10.14.3.400', '10.0.0.0/8', false],
    ['2001:db8::/48', '2001:db8::/48', true],
    ['x', 'y', false],
  ])('%s in %s: %s', (inner, outer, expected) => {
    expect(isWithin(inner, outer)).toBe(expected);
  });
});
