import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../worker/config.ts';
import { createToolMemory } from '../worker/tools/tool-memory.ts';
import { createToolRunner, type ToolOutcome, type ToolRunner } from '../worker/tools/tool-runner.ts';
import { type NetBoxApi, startNetBoxApi } from './stack/netbox-api.ts';
import { type NetBoxMcp, netboxMcpSource, startNetBoxMcp } from './stack/netbox-mcp.ts';

const source = netboxMcpSource();
const TOKEN = 'mcp-token-for-tests';
const signal = new AbortController().signal;

function runnerOf(settings: Record<string, string>): ToolRunner {
  const config = readConfig(settings);
  return createToolRunner({
    tools: config.tools,
    configHash: config.hash,
    memory: createToolMemory(),
    fetch: (input, init) => fetch(input, init),
    telemetry: () => {},
    now: Date.now,
  });
}

// The server is on no package index: NETBOX_MCP_SERVER names a folder with its source.
describe.skipIf(source === null)('the real NetBox MCP server, in front of a stand-in for NetBox', () => {
  let netbox: NetBoxApi;
  let server: NetBoxMcp;
  let runner: ToolRunner;

  const call = async (name: string, args: Record<string, unknown>): Promise<ToolOutcome> => {
    const { tools } = await runner.toolbox(signal);
    const tool = tools.find((one) => one.name === name);
    if (tool === undefined) throw new Error(`${name} is not offered: ${tools.map((one) => one.name)}`);
    return runner.call(tool, args, { signal, connectionId: 'c' });
  };

  beforeAll(async () => {
    netbox = await startNetBoxApi('netbox-token-for-tests');
    server = await startNetBoxMcp(source ?? '', {
      netboxUrl: netbox.url,
      netboxToken: netbox.token,
      token: TOKEN,
    });
    runner = runnerOf({ NETBOX_MCP_URL: server.url, NETBOX_MCP_TOKEN: TOKEN });
  });
  afterAll(async () => {
    await runner?.close();
    await server?.stop();
    await netbox?.close();
  });

  test('offers the tools that only read, which run by themselves', async () => {
    const { tools, missing, leftOut } = await runner.toolbox(signal);
    expect({ missing, leftOut }).toEqual({ missing: [], leftOut: 0 });
    expect(tools.map(({ tool }) => tool.replace(/^netbox_/, ''))).toEqual([
      'get_changelogs',
      'get_object_by_id',
      'get_objects',
      'search_objects',
    ]);
    for (const tool of tools) {
      expect(tool.readOnly).toBe(true);
      expect(tool.inputSchema).toMatchObject({ type: 'object', properties: {} });
      expect(Object.keys(tool.inputSchema.properties as object).length).toBeGreaterThan(0);
    }
  });

  test('answers "list the devices in DC14" in two calls', async () => {
    const sites = await call('netbox_get_objects', {
      object_type: 'dcim.site',
      filters: { name: 'DC14' },
      fields: ['id', 'name'],
    });
    expect(sites.ok).toBe(true);
    const [site] = (JSON.parse(sites.content) as { results: { id: number }[] }).results;
    const devices = await call('netbox_get_objects', {
      object_type: 'dcim.device',
      filters: { site_id: site?.id },
      fields: ['id', 'name', 'status'],
      limit: 100,
    });
    expect(devices).toMatchObject({ ok: true, truncated: false });
    const { count, results } = JSON.parse(devices.content) as { count: number; results: { name: string }[] };
    expect(count).toBeGreaterThan(20);
    expect(results.every(({ name }) => name.startsWith('dc14-'))).toBe(true);
    expect(netbox.asked.at(-1)).toContain(`site_id=${site?.id}`);
  });

  test('gives one object, the changelog, and what a search finds', async () => {
    const device = await call('netbox_get_object_by_id', {
      object_type: 'dcim.device',
      object_id: 1,
      fields: ['id', 'name'],
    });
    expect(JSON.parse(device.content)).toMatchObject({ id: 1 });
    const changes = await call('netbox_get_changelogs', { filters: { limit: 3 } });
    expect(JSON.parse(changes.content)).toMatchObject({ count: expect.any(Number) });
    const found = await call('netbox_search_objects', {
      query: 'dc14-cr-01',
      object_types: ['dcim.device'],
      fields: ['id', 'name'],
    });
    expect(found.content).toContain('dc14-cr-01');
  });

  test('cuts what is too long, and says how to ask for less', async () => {
    const all = await call('netbox_get_objects', { object_type: 'dcim.device', filters: {}, limit: 100 });
    expect(all).toMatchObject({ ok: true, truncated: true });
    expect(all.content).toHaveLength(24_000);
    expect(all.content).toMatch(/Ask for less at once: fewer fields/);
  });

  test('tells the model in words what was wrong with its question', async () => {
    const hop = await call('netbox_get_objects', {
      object_type: 'dcim.device',
      filters: { site__region__name: 'x' },
    });
    expect(hop).toMatchObject({ ok: false, content: expect.stringContaining('Multi-hop') });
    const type = await call('netbox_get_objects', { object_type: 'dcim.toaster', filters: {} });
    expect(type).toMatchObject({ ok: false, content: expect.stringContaining('Invalid object_type') });
    const missing = await call('netbox_get_objects', {});
    expect(missing.ok).toBe(false);
  });

  test('refuses another token, and no token is in what is said of it', async () => {
    const stranger = runnerOf({ NETBOX_MCP_URL: server.url, NETBOX_MCP_TOKEN: 'another-token' });
    expect(await stranger.toolbox(signal)).toMatchObject({ tools: [], missing: ['netbox'] });
  });

  test('is found again when it was started anew', async () => {
    await call('netbox_get_changelogs', { filters: { limit: 1 } });
    await server.stop();
    server = await startNetBoxMcp(source ?? '', {
      netboxUrl: netbox.url,
      netboxToken: netbox.token,
      token: TOKEN,
      port: server.port,
    });
    expect(await call('netbox_get_changelogs', { filters: { limit: 1 } })).toMatchObject({ ok: true });
  });
});
