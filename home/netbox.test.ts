import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import * as z from 'zod/mini';
import { auditOf, open } from '../e2e/harness/mcp-world.ts';
import { type Program, startProgram } from '../e2e/harness/program.ts';
import { readConfig } from '../worker/config.ts';
import { createToolMemory } from '../worker/tools/tool-memory.ts';
import { createToolRunner, type ToolOutcome, type ToolRunner } from '../worker/tools/tool-runner.ts';
import { type NetBoxApi, startNetBoxApi } from './stack/netbox-api.ts';
import { type NetBoxMcp, netboxMcpSource, startNetBoxMcp } from './stack/netbox-mcp.ts';
import type { Chat } from './stack/ollama-chat.ts';
import { callText } from './stack/qwen-template.ts';
import { isProbe, PASSED } from './stack/tool-probe.ts';
import { startWorld, type World } from './stack/world.ts';

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

const page = z.object({
  count: z.number(),
  results: z.array(z.object({ id: z.number(), name: z.string() })),
});

/**
 * What a model that does as it is told writes for "list the devices in DC14": it looks for the site, then for the
 * devices of the id that it was given, and then tells what it was given. It knows nothing of NetBox but the results.
 */
function listDevices({ messages, tools }: Chat): string {
  const found = messages
    .filter(({ role }) => role === 'tool')
    .map(({ content }) => page.parse(JSON.parse(content.replace(/^<tool_data.*>|<\/tool_data>$/gm, ''))));
  const [sites, devices] = found;
  const offered = tools.find((tool) => tool.function.name.endsWith('get_objects'));
  const ask = (object_type: string, filters: object) =>
    callText({
      name: offered?.function.name ?? '',
      arguments: { object_type, filters, fields: ['id', 'name'], limit: 100 },
    });
  if (sites === undefined) return ask('dcim.site', { name: 'DC14' });
  if (devices === undefined) return ask('dcim.device', { site_id: sites.results[0]?.id });
  return [`${devices.count} devices:`, ...devices.results.map(({ name }) => `- ${name}`)].join('\n');
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

  describe('asked by a home model, by the Worker and the real LiteLLM', () => {
    let world: World;
    let program: Program;

    beforeAll(async () => {
      world = await startWorld(inject('modelUrl'));
      // The answers are longer than the others of this suite.
      const { MODELS: _, ...settings } = world.settings;
      program = await startProgram({
        env: { ...settings, NETBOX_MCP_URL: server.url, NETBOX_MCP_TOKEN: TOKEN },
      });
    });
    afterAll(async () => {
      await program?.stop();
      await world?.close();
    });

    test('S5 it lists the devices in DC14', async () => {
      world.ollama.manner = (chat) => ({ text: isProbe(chat) ? PASSED : listDevices(chat) });
      const { client, session } = await open(program, 'ollama-qwen2.5');
      const answer = await client.ask('list the devices in DC14');
      expect(answer).toMatchObject({ fallback: null, end: { stop_reason: 'end_turn', error_code: null } });
      const listed = answer.text.split('\n').slice(1);
      expect(listed.length).toBeGreaterThan(20);
      expect(answer.text).toMatch(new RegExp(`^${listed.length} devices:\n- dc14-`));
      expect(listed.every((line) => line.startsWith('- dc14-'))).toBe(true);
      const calls = client.frames.flatMap((frame) => (frame.type === 'tool_call' ? [frame] : []));
      expect(calls).toMatchObject([
        { server: 'netbox', round: 1, arguments: { object_type: 'dcim.site' } },
        { server: 'netbox', round: 2, arguments: { object_type: 'dcim.device' } },
      ]);
      expect(await auditOf(program, session)).toMatchObject([
        { server: 'netbox', decided_by: 'read_only', ok: true },
        { server: 'netbox', decided_by: 'read_only', ok: true },
      ]);
      // All that is offered, and the instructions, leave more than half of the home model's 8,192 tokens to the talk.
      const first = world.ollama.requests.find(({ path }) => path === '/api/chat');
      expect(JSON.stringify(first?.body).length).toBeLessThan(12_000);
      expect(`${program.output()}${JSON.stringify(world.ollama.requests)}`).not.toContain(TOKEN);
    });

    test('one that asks for too much, twice, gets as much as leaves room for its answer', async () => {
      const ask = (offset: number) =>
        callText({
          name: 'netbox_get_objects',
          arguments: { object_type: 'dcim.device', filters: {}, limit: 100, offset },
        });
      const texts = [ask(0), ask(100), 'Too many to list.'];
      const found = ({ messages }: Chat) => messages.filter(({ role }) => role === 'tool').length;
      world.ollama.manner = (chat) => ({ text: isProbe(chat) ? PASSED : (texts[found(chat)] ?? '') });
      const { client } = await open(program, 'ollama-qwen2.5');
      const answer = await client.ask('list all devices');
      expect(answer).toMatchObject({ text: 'Too many to list.', end: { stop_reason: 'end_turn' } });
      const results = client.frames.flatMap((frame) => (frame.type === 'tool_result' ? [frame] : []));
      expect(results).toMatchObject([{ truncated: true }, { truncated: true }]);
      expect(results[0]?.content.length).toBeGreaterThan(1_500);
    });
  });
});
