import { describe, expect, it } from 'vitest';
import type { Agent, AgentEvent } from '../agents/agent.ts';
import { AgentError } from '../agents/agent.ts';
import { readConfig } from '../config.ts';
import { FREE_TILL } from '../guard/till.ts';
import { buildRegistry } from '../models/registry.ts';
import { BOTH_SIDES, TODAY } from '../testing/world.ts';
import { probeTools } from './tool-probe.ts';
import { createToolVerdicts } from './tool-verdicts.ts';

const registry = buildRegistry(readConfig(BOTH_SIDES));
function entry(id: string) {
  const found = registry.entries.get(id);
  if (found === undefined) throw new Error(id);
  return found;
}
const HOME = entry('ollama-qwen2.5');
const PAYER = { who: 'session:x', address: 'local' };

function agentThat(...events: (AgentEvent | Error)[]): () => Agent {
  return () => ({
    async *stream() {
      for (const event of events) {
        if (event instanceof Error) throw event;
        yield event;
      }
    },
  });
}

const end = { type: 'end', stop: 'end_turn' } as const;
const called = (number: unknown): AgentEvent => ({
  type: 'tool_use',
  call: { id: 'a', name: 'report_number', arguments: { number }, raw: '' },
});

describe('the probe', () => {
  const probe = (...events: (AgentEvent | Error)[]) =>
    probeTools(HOME, PAYER, { createAgent: agentThat(...events), till: FREE_TILL });

  it('is passed by the call that was asked for, made or printed', async () => {
    expect(await probe(called(7), { type: 'end', stop: 'tool_use' })).toBe(true);
    expect(await probe(called('7'), { type: 'end', stop: 'tool_use' })).toBe(true);
    const print = '<tool_call>{"name":"report_number","arguments":{"number":7}}</tool_call>';
    expect(await probe({ type: 'text', text: print }, end)).toBe(true);
  });

  it('is failed by prose, by another number, and by a server that refuses tools', async () => {
    expect(await probe({ type: 'text', text: 'The number is 7.' }, end)).toBe(false);
    expect(await probe(called(8), { type: 'end', stop: 'tool_use' })).toBe(false);
    expect(await probe(new AgentError('bad_request', 'no tools', { status: 400 }))).toBe(false);
  });

  it('says nothing of a model that did not answer', async () => {
    expect(await probe(new AgentError('transient', 'gone'))).toBeNull();
    const inTheStream = new AgentError('bad_request', 'the runner broke down', { status: null });
    expect(await probe({ type: 'text', text: 'I' }, inTheStream)).toBeNull();
  });
});

describe('verdicts', () => {
  function world() {
    const stored = new Map<string, string>();
    const kv = {
      get: async (key: string) => stored.get(key) ?? null,
      put: async (key: string, value: string) => void stored.set(key, value),
    };
    let now = TODAY;
    const fresh = () => createToolVerdicts({ configHash: 'h', kv, memory: new Map(), now: () => now });
    return { fresh, stored, later: (ms: number) => (now += ms) };
  }

  it('Claude needs no probe; a local model is untested until it was asked, once', async () => {
    const { fresh } = world();
    const verdicts = fresh();
    let probes = 0;
    const probe = async () => ++probes > 0;
    expect(verdicts.stateOf(entry('claude-haiku-5-5'))).toBe('verified');
    expect(await verdicts.findOut(entry('claude-haiku-5-5'), probe)).toBe(false);
    expect(verdicts.stateOf(HOME)).toBe('untested');
    const [one, two] = await Promise.all([verdicts.findOut(HOME, probe), verdicts.findOut(HOME, probe)]);
    expect([one, two, probes]).toEqual([true, false, 1]);
    expect(verdicts.stateOf(HOME)).toBe('verified');
    expect(await verdicts.findOut(HOME, probe)).toBe(false);
  });

  it('other isolates learn it from KV, and one that KV knows is not probed again', async () => {
    const { fresh } = world();
    await fresh().findOut(HOME, async () => false);
    const other = fresh();
    await other.load([HOME]);
    expect(other.stateOf(HOME)).toBe('failed');
    expect(await other.findOut(HOME, async () => true)).toBe(false);
  });

  it('a probe that came to nothing leaves it untested; a failure is forgotten after a day', async () => {
    const { fresh, later } = world();
    const verdicts = fresh();
    expect(await verdicts.findOut(HOME, async () => null)).toBe(false);
    expect(verdicts.stateOf(HOME)).toBe('untested');
    // It is not asked again at every answer.
    expect(await verdicts.findOut(HOME, async () => true)).toBe(false);
    later(300_000);
    await verdicts.findOut(HOME, async () => false);
    expect(verdicts.stateOf(HOME)).toBe('failed');
    later(86_400_000);
    expect(verdicts.stateOf(HOME)).toBe('untested');
  });

  it('a model that is set to have no tools is unsupported', async () => {
    const { fresh } = world();
    const none = { ...HOME, capabilities: { ...HOME.capabilities, tools: false } };
    expect(fresh().stateOf(none)).toBe('unsupported');
    expect(await fresh().findOut(none, async () => true)).toBe(false);
  });
});
