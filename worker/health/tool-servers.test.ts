import { describe, expect, it, vi } from 'vitest';
import { readConfig } from '../config.ts';
import type { ListedTool } from '../tools/listed-tool.ts';
import { aToolServer } from '../tools/test-support.ts';
import { createToolMemory } from '../tools/tool-memory.ts';
import { createToolHealth, toToolServer } from './tool-servers.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const server = aToolServer('https://tools.example.com/mcp');
const tool: ListedTool = {
  name: 'get',
  title: null,
  description: '',
  inputSchema: { type: 'object' },
  readOnlyHint: true,
  destructiveHint: null,
};
const known = (more: object = {}) => ({
  asked: { at: NOW, latencyMs: 12, fault: null },
  list: { tools: [tool], at: NOW },
  ...more,
});

describe('what is told of a tool server', () => {
  it('is that it answers, and with how many tools', () => {
    expect(toToolServer(server, known(), false, NOW)).toEqual({
      name: 'one',
      status: 'up',
      checked_at: '2026-11-22T12:00:00.000Z',
      latency_ms: 12,
      detail: 'It answers, with 1 tool.',
      tools: 1,
      simulated: false,
    });
  });

  it('is why it does not', () => {
    const asked = { at: NOW, latencyMs: null, fault: 'It cannot be reached.' };
    expect(toToolServer(server, known({ asked, list: null }), false, NOW)).toMatchObject({
      status: 'down',
      detail: 'It cannot be reached.',
      tools: null,
    });
  });

  it('is that its allow-list fits none of its tools', () => {
    const none = { ...server, allowed: ['put'] };
    expect(toToolServer(none, known({ list: { tools: [], at: NOW } }), false, NOW)).toMatchObject({
      status: 'up',
      tools: 0,
      detail: expect.stringContaining('check its allowed_tools'),
    });
    const netbox = { ...none, name: 'netbox' };
    expect(toToolServer(netbox, known({ list: { tools: [], at: NOW } }), false, NOW).detail).toContain(
      'NETBOX_ALLOWED_TOOLS',
    );
  });

  it('is nothing where it is off, was never asked, or not for ten minutes', () => {
    expect(toToolServer({ ...server, mode: 'off' }, known(), false, NOW)).toMatchObject({
      status: 'disabled',
      tools: null,
    });
    expect(toToolServer(server, { asked: null, list: null }, false, NOW)).toMatchObject({
      status: 'unknown',
      checked_at: null,
    });
    expect(toToolServer(server, known(), false, NOW + 600_000)).toMatchObject({
      status: 'unknown',
      tools: null,
    });
  });
});

describe('asking tool servers for their health', () => {
  function world(env: Record<string, string>, answers: () => Promise<Response>) {
    let now = NOW;
    const config = readConfig(env);
    const fetch = vi.fn(answers);
    const onChange = vi.fn();
    const memory = createToolMemory();
    const health = createToolHealth({ config, memory, fetch, now: () => now, onChange });
    const work: Promise<unknown>[] = [];
    return {
      health,
      fetch,
      onChange,
      advance: (ms: number) => {
        now += ms;
      },
      keep: (one: Promise<unknown>) => void work.push(one),
      done: () => Promise.all(work),
    };
  }
  const env = { NETBOX_MCP_URL: 'http://127.0.0.1:9/mcp', SIMULATED: 'true' };
  const gone = () => Promise.reject(new TypeError('no'));

  it('tells at once what is known, and asks meanwhile', async () => {
    const { health, keep, done, onChange, fetch, advance } = world(env, gone);
    expect(health.known(keep)).toMatchObject([{ name: 'netbox', status: 'unknown', simulated: true }]);
    await done();
    expect(health.known(keep)).toMatchObject([
      { status: 'down', detail: expect.stringContaining('cannot be reached') },
    ]);
    expect(onChange.mock.calls).toEqual([
      [
        {
          service: 'tools:netbox',
          from: 'unknown',
          to: 'down',
          detail: expect.stringContaining('cannot be reached'),
        },
      ],
    ]);
    const asked = fetch.mock.calls.length;
    advance(29_000);
    health.known(keep);
    await done();
    expect(fetch.mock.calls.length).toBe(asked);
    advance(2_000);
    health.known(keep);
    await done();
    expect(fetch.mock.calls.length).toBeGreaterThan(asked);
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it('waits for what is not known, and not for a server that hangs', async () => {
    const { health, keep } = world(env, gone);
    expect(await health.current(keep)).toMatchObject([{ status: 'down' }]);
    const hanging = world(env, () => new Promise(() => {}));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const answer = hanging.health.current(hanging.keep);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(await answer).toMatchObject([{ status: 'unknown' }]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('asks nobody that is off or not set, and marks only what npm start brings along', async () => {
    const list = [{ name: 'lab', url: 'http://127.0.0.1:9/mcp', mode: 'off' }];
    const { health, keep, fetch } = world({ MCP_SERVERS: JSON.stringify(list), SIMULATED: 'true' }, gone);
    expect(await health.current(keep)).toMatchObject([{ name: 'lab', status: 'disabled', simulated: false }]);
    expect(fetch).not.toHaveBeenCalled();
    const far = { ...env, NETBOX_MCP_URL: 'https://netbox.example.com/mcp' };
    expect(await world(far, gone).health.current(keep)).toMatchObject([{ name: 'netbox', simulated: false }]);
  });
});
