import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import type { Health, Model } from '../../shared/index.ts';
import type { Env } from '../env.ts';
import { type Services, servicesOf } from '../services.ts';
import { Deployment } from '../testing/deployment.ts';

const aServer = (path: string) => ({
  name: path,
  url: `https://mcp.test/${path}`,
  token_secret: 'MCP_TEST_TOKEN',
});
const settings = (...paths: string[]) => ({
  MCP_SERVERS: JSON.stringify(paths.map(aServer)),
  MCP_TEST_TOKEN: 'test-token-4711',
  MCP_TIMEOUT_S: '1',
});
const signal = new AbortController().signal;

function services(...paths: string[]): Services {
  const bound: Env = Object.assign({}, env, settings(...paths));
  return servicesOf(bound);
}

/** Runs inside a Durable Object, where the tools of a session are. */
async function inObject<T>(work: () => Promise<T>): Promise<T> {
  const stub = env.SESSIONS.get(env.SESSIONS.newUniqueId());
  return runInDurableObject(stub, work);
}

async function callEach(path: string) {
  const runner = services(path).createTools();
  const { tools } = await runner.toolbox(signal);
  const [get] = tools;
  if (get === undefined) throw new Error('no tools');
  const result = await runner.call(get, { q: 'sites' }, { signal, connectionId: 'c' });
  await runner.close();
  return { names: tools.map(({ name, readOnly }) => `${name} ${readOnly}`), result };
}

describe('tools inside workerd', () => {
  it.each(['json', 'stream'])('are listed and called in a Durable Object: %s', async (path) => {
    expect(await inObject(() => callEach(path))).toMatchObject({
      names: ['get_objects true', 'update_object false'],
      result: { ok: true, content: 'sites for Bearer [secret]', truncated: false },
    });
  });

  it('are called by two objects at once, and by one that did not list them', async () => {
    const results = await Promise.all([1, 2, 3].map(() => inObject(() => callEach('json'))));
    expect(results.map(({ result }) => result.ok)).toEqual([true, true, true]);
  });

  it.each([
    ['big', 'is too large to be read'],
    ['away', 'redirects elsewhere'],
  ])('tell in words what went wrong: %s', async (path, words) => {
    const { result } = await inObject(() => callEach(path));
    expect(result).toMatchObject({ ok: false, content: expect.stringContaining(words) });
  });

  it('of a server that hangs are left out', async () => {
    const box = await inObject(() => services('json', 'hang').createTools().toolbox(signal));
    expect(box.missing).toEqual(['hang']);
    expect(box.tools.map(({ server }) => server)).toEqual(['json', 'json']);
  });
});

describe('H2, H3: tool servers', () => {
  it('stand in /health, and in /models?all=1 on what can use them, without address or token', async () => {
    const deployment = new Deployment(settings('json', 'away'));
    const health = await (await deployment.ask('/health')).text();
    const { tool_servers } = JSON.parse(health) as Health;
    expect(tool_servers).toMatchObject([
      { name: 'json', status: 'up', tools: 2, simulated: false, detail: 'It answers, with 2 tools.' },
      { name: 'away', status: 'up', tools: 2 },
    ]);
    const all = await (await deployment.ask('/models?all=1')).text();
    const models = JSON.parse(all) as Model[];
    expect(models.every((model) => (model.tool_servers !== undefined) === model.capabilities.tools)).toBe(
      true,
    );
    expect(models[0]?.tool_servers).toEqual(tool_servers);
    const plain = await (await deployment.ask('/models')).text();
    expect(plain).not.toContain('tool_servers');
    expect(health + all + plain).not.toMatch(/mcp\.test|4711|MCP_TEST_TOKEN/);
  });

  it('that hang block neither: /models?all=1 says what is known', async () => {
    const deployment = new Deployment(settings('hang'));
    const models = (await (await deployment.ask('/models?all=1')).json()) as Model[];
    expect(models[0]?.tool_servers).toMatchObject([{ name: 'hang', status: 'unknown', tools: null }]);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const asked = deployment.ask('/health');
    await vi.advanceTimersByTimeAsync(30_000);
    vi.useRealTimers();
    const health = (await (await asked).json()) as Health;
    expect(health.tool_servers).toMatchObject([{ name: 'hang' }]);
    expect(health.tool_servers?.[0]?.status).not.toBe('up');
  });

  it('are no member where none is set', async () => {
    const health = (await (await new Deployment({}).ask('/health')).json()) as Health;
    expect(health).not.toHaveProperty('tool_servers');
  });
});
