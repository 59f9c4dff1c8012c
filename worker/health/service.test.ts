import { describe, expect, it } from 'vitest';
import { aConfig, aService, aSnapshot, TODAY } from '../models/test-world.ts';
import type { HealthKv } from './cache.ts';
import type { HealthChange } from './changes.ts';
import { createHealthMemory, createHealthService, type HealthMemory } from './service.ts';
import { allWell, type Script, scriptedFetch } from './test-upstreams.ts';

class FakeClock {
  ms = TODAY;
  now = () => this.ms;
  pass(seconds: number) {
    this.ms += seconds * 1000;
  }
}

class FakeKv implements HealthKv {
  readonly values = new Map<string, string>();
  reads = 0;
  writes: number[] = [];
  async get(key: string) {
    this.reads++;
    return this.values.get(key) ?? null;
  }
  async put(key: string, value: string, { expirationTtl }: { expirationTtl: number }) {
    this.writes.push(expirationTtl);
    this.values.set(key, value);
  }
}

const ANTHROPIC = 'api.anthropic.com/v1/models';

function world(
  options: {
    script?: Script;
    kv?: HealthKv;
    memory?: HealthMemory;
    clock?: FakeClock;
    settings?: Record<string, string>;
    onChange?: (changes: HealthChange[]) => void;
  } = {},
) {
  const script = options.script ?? allWell();
  const upstreams = scriptedFetch(script);
  const clock = options.clock ?? new FakeClock();
  const memory = options.memory ?? createHealthMemory();
  const config = aConfig(options.settings);
  const changes: HealthChange[] = [];
  const deadlines: { ms: number; end: () => void }[] = [];
  const service = createHealthService({
    config,
    fetch: upstreams.fetch,
    kv: options.kv ?? null,
    now: clock.now,
    memory,
    onChange: options.onChange ?? ((list) => void changes.push(...list)),
    deadline: (ms) => {
      const controller = new AbortController();
      deadlines.push({ ms, end: () => controller.abort() });
      return controller.signal;
    },
  });
  const work: Promise<unknown>[] = [];
  return {
    script,
    clock,
    memory,
    config,
    changes,
    deadlines,
    service,
    current: () => service.current((promise) => void work.push(promise)),
    settled: () => Promise.all(work),
    rounds: () => upstreams.calls.filter(({ url }) => url.includes(ANTHROPIC)).length,
  };
}
const BROKEN = new Response(null, { status: 500 });
/** Lets everything that waits for nothing but promises run. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('H3: how old an answer may be', () => {
  it('asks once in 30 s', async () => {
    const { current, clock, rounds } = world();
    const first = await current();
    clock.pass(29);
    expect(await current()).toBe(first);
    expect(rounds()).toBe(1);
  });

  it('serves an older one at once while one refresh runs', async () => {
    const { current, clock, rounds, script, settled } = world();
    await current();
    clock.pass(31);
    script[ANTHROPIC] = BROKEN;
    const stale = await Promise.all([current(), current(), current()]);
    expect(stale.map((snapshot) => snapshot.services.anthropic.status)).toEqual(['up', 'up', 'up']);
    await settled();
    expect(rounds()).toBe(2);
    expect((await current()).services.anthropic.status).toBe('down');
  });

  it('waits when there is none, or one older than 10 minutes', async () => {
    const { current, clock, script, settled } = world();
    await current();
    await settled();
    clock.pass(601);
    script[ANTHROPIC] = BROKEN;
    expect((await current()).services.anthropic.status).toBe('down');
  });

  it('calls what hangs down when the time of the round is up, and tells what the others answered', async () => {
    const kv: HealthKv = { get: () => new Promise(() => {}), put: async () => {} };
    const { current, deadlines } = world({ script: allWell({ [ANTHROPIC]: 'hang' }), kv });
    const waiting = current();
    const [wait, forKv] = deadlines;
    forKv?.end();
    await turn();
    const round = deadlines[2];
    expect(wait?.ms).toBeLessThan(5_000);
    // The caller's own patience must outlast KV and round together, or it would give up with the slowest.
    expect((forKv?.ms ?? 0) + (round?.ms ?? 0)).toBeLessThanOrEqual((wait?.ms ?? 0) - 200);
    round?.end();
    const { anthropic, litellm } = (await waiting).services;
    expect(anthropic).toMatchObject({ status: 'down', detail: expect.stringContaining('5 seconds') });
    expect(litellm.status).toBe('up');
  });

  it('gives up on a round of a request that is gone, and begins another when its time is over', async () => {
    const memory = createHealthMemory();
    const config = aConfig();
    memory.running = { configHash: config.hash, since: TODAY, result: new Promise(() => {}) };
    const { current, deadlines, clock } = world({ memory });
    const waiting = current();
    await turn();
    for (const { end } of deadlines) end();
    expect((await waiting).services.anthropic.status).toBe('down');
    expect(memory.snapshot).toBeNull();
    clock.pass(6);
    expect((await current()).services.anthropic.status).toBe('up');
  });

  it('shares one round among all who ask at the same time', async () => {
    const { current, service, rounds } = world();
    const all = await Promise.all([current(), service.refresh(), current()]);
    expect(new Set(all).size).toBe(1);
    expect(rounds()).toBe(1);
  });

  it('tells what it knows without asking, up to 10 minutes', async () => {
    const { service, current, clock, rounds } = world();
    expect(service.peek()).toBeNull();
    const snapshot = await current();
    clock.pass(599);
    expect(service.peek()).toBe(snapshot);
    clock.pass(2);
    expect(service.peek()).toBeNull();
    expect(rounds()).toBe(1);
  });

  it('never lets a changed configuration see the health of the old one', async () => {
    const memory = createHealthMemory();
    const kv = new FakeKv();
    const old = world({ memory, kv });
    await old.current();
    await old.settled();
    const changed = world({ memory, kv, settings: { OLLAMA_MODEL: 'other' } });
    expect(changed.service.peek()).toBeNull();
    const snapshot = await changed.current();
    expect(snapshot.home_model.reason).toContain('other');
    expect(changed.rounds()).toBe(1);
  });
});

describe('KV behind the memory', () => {
  it('spares a new isolate the wait', async () => {
    const kv = new FakeKv();
    const one = world({ kv });
    const snapshot = await one.current();
    await one.settled();
    const other = world({ kv });
    expect(await other.current()).toEqual(snapshot);
    expect(other.rounds()).toBe(0);
    expect(other.service.peek()).toEqual(snapshot);
  });

  it('serves a stale value and refreshes it', async () => {
    const kv = new FakeKv();
    const one = world({ kv });
    await one.current();
    await one.settled();
    one.clock.pass(120);
    const other = world({ kv, clock: one.clock, script: allWell({ [ANTHROPIC]: BROKEN }) });
    expect((await other.current()).services.anthropic.status).toBe('up');
    await other.settled();
    expect((await other.current()).services.anthropic.status).toBe('down');
    expect(other.changes).toMatchObject([{ service: 'anthropic', from: 'up', to: 'down' }]);
  });

  it('is written when something changes, else every five minutes, for longer than KV demands', async () => {
    const kv = new FakeKv();
    const { service, clock, script } = world({ kv });
    await service.refresh();
    for (let i = 0; i < 9; i++) {
      clock.pass(31);
      await service.refresh();
    }
    expect(kv.writes).toHaveLength(1);
    clock.pass(31);
    await service.refresh();
    expect(kv.writes).toHaveLength(2);
    script[ANTHROPIC] = BROKEN;
    await service.refresh();
    expect(kv.writes).toHaveLength(3);
    expect(Math.min(...kv.writes)).toBeGreaterThanOrEqual(60);
  });

  it('is read on a miss of the memory only', async () => {
    const kv = new FakeKv();
    const { current, clock, settled } = world({ kv });
    await current();
    clock.pass(31);
    await current();
    await settled();
    expect(kv.reads).toBe(1);
  });

  it.each([
    ['throws', { get: () => Promise.reject(new Error('get')), put: () => Promise.reject(new Error('put')) }],
    ['holds rubbish', { get: async () => '{"services":{}}', put: async () => {} }],
    ['holds no JSON', { get: async () => '{', put: async () => {} }],
    [
      'holds the health of another configuration',
      { get: async () => JSON.stringify(aSnapshot(aConfig({ OLLAMA_MODEL: 'x' }))), put: async () => {} },
    ],
  ])('never hurts when it %s', async (_what, kv) => {
    const { current, settled, rounds } = world({ kv });
    expect((await current()).services.anthropic.status).toBe('up');
    await settled();
    expect(rounds()).toBe(1);
  });

  it('never hurts when it hangs', async () => {
    const kv: HealthKv = { get: () => new Promise(() => {}), put: () => new Promise(() => {}) };
    const { current, deadlines } = world({ kv });
    const waiting = current();
    deadlines[1]?.end();
    expect((await waiting).services.anthropic.status).toBe('up');
  });
});

describe('health_changed', () => {
  it('comes once a round in which a status changes', async () => {
    const { service, script, changes } = world();
    await service.refresh();
    expect(changes).toEqual([]);
    script[ANTHROPIC] = BROKEN;
    await service.refresh();
    await service.refresh();
    expect(changes).toEqual([
      { service: 'anthropic', from: 'up', to: 'down', detail: 'Claude answers with an error (status 500).' },
    ]);
  });

  it('does not take the health along when its log fails', async () => {
    const memory = createHealthMemory();
    const config = aConfig();
    memory.snapshot = aSnapshot(config, { services: { anthropic: aService({ status: 'down' }) } });
    const { service } = world({
      memory,
      onChange: () => {
        throw new Error('log');
      },
    });
    expect((await service.refresh()).services.anthropic.status).toBe('up');
  });
});
