import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AgentRequest, ToolSpec } from '../worker/agents/agent.ts';
import { createClaudeAgent } from '../worker/agents/claude.ts';
import { createLiteLlmAgent } from '../worker/agents/litellm.ts';
import { aRequest, FakeTimers } from '../worker/agents/test-support.ts';
import { type Simulator, startSimulator } from './server.ts';
import { callOver, loop, netboxClient } from './test-loop.ts';

let simulator: Simulator;
let client: Client;
let tools: ToolSpec[];
const now = () => new Date('2026-11-22T12:00:00Z');
beforeAll(async () => {
  simulator = await startSimulator({ pace: 0, now });
  ({ client, tools } = await netboxClient(simulator.netboxMcpUrl));
});
beforeEach(() => simulator.control.reset());
afterAll(async () => {
  await client.close();
  await simulator.close();
});

const timers = new FakeTimers();
const TIMEOUT_MS = 60_000;
const agents = {
  'Claude direct': () => ({
    upstreamModel: 'claude-sonnet-5-5',
    thinking: 'adaptive' as const,
    agent: createClaudeAgent({
      apiKey: 'sk-ant-x',
      baseUrl: simulator.anthropicUrl,
      headers: {},
      timeoutMs: TIMEOUT_MS,
      timers,
    }),
  }),
  'Claude through LiteLLM': () => ({
    upstreamModel: 'claude-opus-5-5',
    thinking: 'adaptive' as const,
    agent: createClaudeAgent({
      apiKey: 'sk-x',
      baseUrl: simulator.litellmUrl,
      headers: {},
      timeoutMs: TIMEOUT_MS,
      timers,
      side: 'claude_via_litellm',
    }),
  }),
  'home through LiteLLM': () => ({
    upstreamModel: 'ollama-qwen2.5',
    thinking: 'none' as const,
    agent: createLiteLlmAgent({
      apiKey: 'sk-x',
      proxyUrl: simulator.litellmUrl,
      headers: {},
      timeoutMs: TIMEOUT_MS,
      timers,
      maxRetries: 0,
    }),
  }),
};

describe.each(Object.entries(agents))('%s uses tools', (path, make) => {
  const isClaude = path !== 'home through LiteLLM';
  const ask = (text: string, more: Partial<AgentRequest> = {}, most?: number) => {
    const { agent, upstreamModel, thinking } = make();
    const request = aRequest({
      upstreamModel,
      thinking,
      tools,
      turns: [{ role: 'user', text }],
      maxTokens: 8000,
      ...more,
    });
    return loop(agent, request, callOver(client), most);
  };
  const names = (answer: string) => answer.match(/dc14-[a-z]+-\d\d/g) ?? [];

  it('lists the devices of a site, page by page, as a table with links', async () => {
    const { rounds, last } = await ask('List the devices in DC14, please.');
    // The home model has little room: it asks for short fields only, and needs one page.
    expect(rounds).toHaveLength(isClaude ? 2 : 1);
    expect(rounds[0]?.calls[0]).toMatchObject({
      name: 'netbox_get_objects',
      arguments: { object_type: 'dcim.device', filters: { site: 'dc14' }, limit: isClaude ? 20 : 50 },
    });
    expect(last).toMatchObject({ stop: 'end_turn', error: null });
    expect(new Set(names(last.text)).size).toBe(40);
    expect(last.text).toContain('**40** such devices');
    expect(last.text).toMatch(
      /\| \[dc14-cr-01\]\(http:\/\/127\.0\.0\.1:\d+\/netbox\/dcim\/devices\/\d+\/\) \| Active \|/,
    );
  });

  it.each([
    ['What changed on the core router last week?', /dc14-cr-01.*Junos 23\.4R2|status: active → offline/],
    ['What changed on dc14-cr-01?', /a\.keller/],
    ['What are the IP addresses of dc14-spine-01?', /10\.14\.255\.\d+\/32/],
    ['Which IP addresses are in use at AMS1?', /10\.31\.0\.10\/24/],
    ['Which sites do we have?', /ZRH-HQ/],
    ['How many servers are there at DC14?', /\*\*18\*\* such devices/],
    ['Show me the VLANs at ZRH-HQ', /Voice/],
    ['Which prefixes belong to DC02?', /10\.2\.16\.0\/22/],
    ['Which racks are in DC14?', /DC14-R08/],
    ['List our circuits', /ALP-100-4711/],
    ['Which interfaces has dc14-leaf-03?', /Ethernet49\/1/],
    ['Which devices are offline?', /ber-br1-ap-02/],
    ['Are there any firewalls at DC99?', /DC14|no such devices/],
  ])('answers %j from NetBox', async (question, expected) => {
    const { rounds, last } = await ask(question);
    expect(rounds.length).toBeGreaterThan(0);
    expect(rounds.flatMap(({ results }) => results).every(({ ok }) => ok)).toBe(true);
    expect(last.text).toMatch(expected);
    expect(last.stop).toBe('end_turn');
  });

  it('answers without tools where none is offered, none is allowed, or nothing is asked of NetBox', async () => {
    expect((await ask('List the devices in DC14', { tools: [] })).rounds).toEqual([]);
    expect((await ask('List the devices in DC14', {}, 0)).rounds).toEqual([]);
    expect((await ask('Tell me a joke')).rounds).toEqual([]);
    expect((await ask('List the devices in DC14 [[no-tools]]')).rounds).toEqual([]);
  });

  it('goes on after earlier answers that used tools', async () => {
    const first = await ask('Which sites do we have?');
    const { rounds, last } = await ask('', {
      turns: [
        { role: 'user', text: 'Which sites do we have?' },
        { role: 'assistant', text: first.last.text, rounds: first.rounds },
        { role: 'user', text: 'And which racks in DC14?' },
      ],
    });
    expect(rounds).toHaveLength(1);
    expect(last.text).toMatch(/DC14-R08/);
    expect(last.text).toContain('2 earlier messages');
  });

  it('calls several tools at once, with words before', async () => {
    const { rounds } = await ask('[[parallel 12]]');
    expect(rounds).toHaveLength(1);
    expect(rounds[0]?.text).not.toBe('');
    expect(new Set(rounds[0]?.calls.map(({ id }) => id)).size).toBe(12);
  });

  it('makes the very calls that a message dictates, also of a tool that is not offered', async () => {
    const { rounds, last } = await ask(
      '[[call get_objects {"object_type": "dcim.site", "filters": {}}]] [[call no_such {"a": 1}]]',
    );
    expect(rounds[0]?.calls).toMatchObject([
      { name: 'netbox_get_objects', arguments: { object_type: 'dcim.site', filters: {} } },
      { name: 'no_such', arguments: { a: 1 } },
    ]);
    expect(rounds[0]?.results.map(({ ok }) => ok)).toEqual([true, false]);
    expect(last.text).toContain('`no_such` did not work');
  });

  it('sends arguments that are no JSON, and reads the error', async () => {
    const { rounds, last } = await ask('[[bad-json]]');
    expect(rounds[0]?.calls[0]?.arguments).toBeNull();
    expect(last.text).toContain('The arguments are no JSON.');
  });

  it('calls a tool that does not exist, and the same one until calls are forbidden', async () => {
    expect((await ask('[[unknown-tool]]')).rounds[0]?.calls[0]?.name).toBe('netbox_delete_everything');
    const { rounds, last } = await ask('[[same-call]]', {}, 3);
    expect(rounds).toHaveLength(3);
    expect(new Set(rounds.map(({ calls }) => calls[0]?.raw)).size).toBe(1);
    expect(last.stop).toBe('end_turn');
  });

  it('makes as many rounds as it is told', async () => {
    const { rounds } = await ask('[[rounds 4]]');
    expect(rounds).toHaveLength(4);
    expect(new Set(rounds.map(({ calls }) => calls[0]?.raw)).size).toBe(4);
  });

  it.each([1, 2, 3, 4, 5])('writes a call as text in way %i', async (way) => {
    const { rounds, last } = await ask(`[[printed-call ${way}]]`);
    expect(rounds).toEqual([]);
    expect(last.text).toMatch(/netbox_get_objects.*"(arguments|parameters)": \{/s);
  });

  it.each(['[[cut-call]]', '[[error-call]]', '[[cut-call]] Which sites?'])(
    'breaks off inside a call: %s',
    async (text) => {
      const { rounds, last } = await ask(text);
      expect(rounds).toEqual([]);
      expect(last).toMatchObject({ calls: [], stop: null, error: { kind: 'transient' } });
    },
  );

  it('says nothing more inside a call, until it is given up', async () => {
    const poll = setInterval(() => {
      if (simulator.control.requests.at(-1)?.status !== null) return;
      timers.advance(TIMEOUT_MS);
    }, 20);
    const { last } = await ask('[[stall-call]]').finally(() => clearInterval(poll));
    expect(last).toMatchObject({ calls: [], stop: null, error: { kind: 'transient', timedOut: true } });
  });

  it('cuts a call at the token limit', async () => {
    const { last } = await ask('Which sites do we have? [[max-tokens]]');
    expect(last).toMatchObject({ stop: 'max_tokens', calls: [{ arguments: null }] });
  });

  it('fails in the round that it is told', async () => {
    const { rounds, last } = await ask('Which sites do we have? [[fail-round 2]]');
    expect(rounds).toHaveLength(1);
    expect(last.error).toMatchObject({ kind: 'transient', status: 529 });
  });

  it('shows its thinking before the calls, and takes it back', async () => {
    const { rounds, outcomes, last } = await ask('[[think]] List the devices in DC14');
    expect(rounds).toHaveLength(isClaude ? 2 : 1);
    expect(outcomes.every(({ thinking }) => thinking !== '')).toBe(true);
    expect(last.error).toBeNull();
    const sent = JSON.stringify(simulator.control.requests.at(-1)?.messages);
    expect(sent.includes('"type":"thinking"')).toBe(isClaude);
  });
});

describe('prompt caching with tools', () => {
  it('reads what is the same from the cache, behind any number of calls and in the next turn', async () => {
    const fresh = await startSimulator({ pace: 0, now });
    const agent = createClaudeAgent({
      apiKey: 'sk-ant-x',
      baseUrl: fresh.anthropicUrl,
      headers: {},
      timeoutMs: TIMEOUT_MS,
      timers,
    });
    const request = aRequest({
      tools,
      maxTokens: 8000,
      turns: [{ role: 'user', text: `[[parallel 12]] ${'words '.repeat(300)}` }],
    });
    try {
      const first = await loop(agent, request, callOver(client));
      const [one, two] = first.outcomes;
      expect(one?.usage).toMatchObject({ cache_read_tokens: 0 });
      expect(one?.usage.cache_write_tokens).toBeGreaterThan(1000);
      // Twelve calls with their results are more blocks than the provider looks back over.
      expect(two?.usage.cache_read_tokens).toBe(one?.usage.cache_write_tokens);
      const turns: AgentRequest['turns'] = [
        ...request.turns,
        { role: 'assistant', text: first.last.text, rounds: first.rounds },
        { role: 'user', text: 'Tell me a joke' },
      ];
      const next = await loop(agent, { ...request, turns }, callOver(client));
      expect(next.last.usage.cache_read_tokens).toBe(one?.usage.cache_write_tokens);
    } finally {
      await fresh.close();
    }
  });
});
