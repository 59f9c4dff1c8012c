import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentRequest } from './agent.ts';
import { createLiteLlmAgent } from './litellm.ts';
import { fetchInPieces, type ScriptedUpstream, sse, startUpstream } from './scripted-upstream.ts';
import { aCall, aRequest, aRound, FakeTimers, GET_OBJECTS, run, stream } from './test-support.ts';

let upstream: ScriptedUpstream | undefined;
afterEach(() => upstream?.close());

const timers = new FakeTimers();
const withTools = (more: Partial<AgentRequest> = {}) =>
  aRequest({ upstreamModel: 'ollama-qwen2.5', tools: [GET_OBJECTS], ...more });

async function anAgent(wire: string) {
  await upstream?.close();
  upstream = await startUpstream(stream(wire));
  return createLiteLlmAgent({
    apiKey: 'sk-home',
    proxyUrl: upstream.url,
    headers: {},
    timeoutMs: 60_000,
    maxRetries: 0,
    timers,
  });
}

const chunk = (delta: object, finish_reason: string | null = null) =>
  sse(null, {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'ollama-qwen2.5',
    choices: [{ index: 0, delta, finish_reason }],
  });
const piece = (of: object) => chunk({ tool_calls: [of] });
const fn = (name: string | undefined, args: unknown) => ({ function: { name, arguments: args } });
const end = (reason = 'tool_calls') => chunk({}, reason) + sse(null, '[DONE]');
const sent = () => JSON.parse(upstream?.requests.at(-1)?.body ?? '');

const SITE = { object_type: 'dcim.site' };
const RACK = { object_type: 'dcim.rack' };
const site = JSON.stringify(SITE);
const rack = JSON.stringify(RACK);
const [head, tail] = [site.slice(0, 7), site.slice(7)];

describe('the LiteLLM agent: calls that it reads', () => {
  // What of the format real servers change; all of them mean the same two calls.
  const TWO_CALLS: [string, string[]][] = [
    [
      'in pieces by index, as the format says',
      [
        piece({ index: 0, id: 'a', type: 'function', ...fn('get_objects', '') }),
        piece({ index: 0, ...fn(undefined, head) }),
        piece({ index: 0, ...fn(undefined, tail) }),
        piece({ index: 1, id: 'b', type: 'function', ...fn('get_objects', rack) }),
      ],
    ],
    [
      'in pieces that take turns',
      [
        piece({ index: 0, id: 'a', ...fn('get_objects', head) }),
        piece({ index: 1, id: 'b', ...fn('get_objects', rack.slice(0, 3)) }),
        piece({ index: 0, ...fn(undefined, tail) }),
        piece({ index: 1, ...fn(undefined, rack.slice(3)) }),
      ],
    ],
    [
      'with id and name in every piece',
      [
        piece({ index: 0, id: 'a', ...fn('get_objects', head) }),
        piece({ index: 0, id: 'a', ...fn('get_objects', tail) }),
        piece({ index: 1, id: 'b', ...fn('get_objects', rack) }),
      ],
    ],
    [
      'with another id in every piece',
      [
        piece({ index: 0, id: 'a', ...fn('get_objects', head) }),
        piece({ index: 0, id: 'x', ...fn(undefined, tail) }),
        piece({ index: 1, id: 'b', ...fn('get_objects', rack) }),
      ],
    ],
    [
      'without an index',
      [
        piece({ id: 'a', ...fn('get_objects', head) }),
        piece({ ...fn(undefined, tail) }),
        piece({ id: 'b', ...fn('get_objects', rack) }),
      ],
    ],
    [
      'without an index, with the id in every piece',
      [
        piece({ id: 'a', ...fn('get_objects', head) }),
        piece({ id: 'b', ...fn('get_objects', rack) }),
        piece({ id: 'a', ...fn(undefined, tail) }),
      ],
    ],
    [
      'whole, all at index 0',
      [
        piece({ index: 0, id: 'a', ...fn('get_objects', site) }),
        piece({ index: 0, id: 'b', ...fn('get_objects', rack) }),
      ],
    ],
    [
      'whole in one chunk',
      [
        chunk({
          content: null,
          tool_calls: [
            { index: 0, id: 'a', ...fn('get_objects', site) },
            { index: 1, id: 'b', ...fn('get_objects', rack) },
          ],
        }),
      ],
    ],
    [
      'with objects as arguments',
      [
        piece({ index: 0, id: 'a', ...fn('get_objects', SITE) }),
        piece({ index: 1, id: 'b', ...fn('get_objects', RACK) }),
      ],
    ],
    [
      'with the name in pieces',
      [
        piece({ index: 0, id: 'a', ...fn('get_', '') }),
        piece({ index: 0, ...fn('objects', '') }),
        piece({ index: 0, ...fn(undefined, site) }),
        piece({ index: 1, id: 'b', ...fn('get_objects', rack) }),
      ],
    ],
  ];

  it.each(TWO_CALLS)('%s', async (_, pieces) => {
    const outcome = await run(await anAgent([...pieces, end()].join('')), withTools());
    expect(outcome).toMatchObject({ stop: 'tool_use', echo: null, error: null });
    expect(outcome.calls).toEqual([aCall('a', SITE), aCall('b', RACK)]);
  });

  it.each([
    ['whole, without ids and indexes', [piece(fn('get_objects', site)), piece(fn('get_objects', rack))]],
    [
      'whole, without ids, all at index 0',
      [piece({ index: 0, ...fn('get_objects', site) }), piece({ index: 0, ...fn('get_objects', rack) })],
    ],
    [
      'with the same id',
      [
        piece({ index: 0, id: 'a', ...fn('get_objects', site) }),
        piece({ index: 1, id: 'a', ...fn('get_objects', rack) }),
      ],
    ],
    [
      'with ids that are no texts',
      [
        piece({ index: 0, id: null, ...fn('get_objects', site) }),
        piece({ index: 1, id: 7, ...fn('get_objects', rack) }),
      ],
    ],
  ])('%s: they get ids of their own', async (_, pieces) => {
    const outcome = await run(await anAgent([...pieces, end()].join('')), withTools());
    expect(outcome.calls.map((call) => call.arguments)).toEqual([SITE, RACK]);
    expect(new Set(outcome.calls.map(({ id }) => id)).size).toBe(2);
  });

  it('reads a call of the format before, and the text in front of it', async () => {
    const wire = [
      chunk({ content: 'Let me look.' }),
      chunk({ function_call: { name: 'get_objects', arguments: head } }),
      chunk({ function_call: { arguments: tail } }),
      end('function_call'),
    ].join('');
    const outcome = await run(await anAgent(wire), withTools());
    expect(outcome).toMatchObject({ text: 'Let me look.', stop: 'tool_use' });
    expect(outcome.calls).toMatchObject([{ name: 'get_objects', arguments: SITE }]);
  });

  it.each([
    ['stop', 'tool_use'],
    ['tool_calls', 'tool_use'],
    ['length', 'max_tokens'],
    ['content_filter', 'refused'],
  ])('reads the finish reason %s after a call as %s', async (reason, stop) => {
    const wire = piece({ index: 0, id: 'a', ...fn('get_objects', site) }) + end(reason);
    expect((await run(await anAgent(wire), withTools())).stop).toBe(stop);
  });

  it('takes an answer without calls for an end, whatever the finish reason says', async () => {
    expect((await run(await anAgent(chunk({ content: 'x' }) + end()), withTools())).stop).toBe('end_turn');
  });

  it('reads the last piece of a call that comes with the finish reason', async () => {
    const last = chunk({ tool_calls: [{ index: 0, ...fn(undefined, tail) }] }, 'tool_calls');
    const wire = piece({ index: 0, id: 'a', ...fn('get_objects', head) }) + last;
    expect((await run(await anAgent(wire), withTools())).calls).toEqual([aCall('a', SITE)]);
  });

  it.each([head, '[1]', 'null', 'site'])('tells a call with the arguments %j', async (raw) => {
    const wire = piece({ index: 0, id: 'a', ...fn('get_objects', raw) }) + end('length');
    expect((await run(await anAgent(wire), withTools())).calls).toEqual([
      { id: 'a', name: 'get_objects', arguments: null, raw },
    ]);
  });

  it('takes no arguments for none', async () => {
    const wire = piece({ index: 0, id: 'a', function: { name: 'get_objects' } }) + end();
    expect((await run(await anAgent(wire), withTools())).calls).toMatchObject([{ arguments: {} }]);
  });

  it('does not report a call of a connection that was lost inside it', async () => {
    const wire = piece({ index: 0, id: 'a', ...fn('get_objects', head) });
    expect(await run(await anAgent(wire), withTools())).toMatchObject({
      calls: [],
      error: { kind: 'transient' },
    });
  });

  it.each([[null], ['x'], [3], [{}], [{ function: 'x' }]])(
    'bears the piece %j between others',
    async (odd) => {
      const odds = chunk({ tool_calls: [odd] });
      const wire = odds + piece({ index: 0, id: 'a', ...fn('get_objects', site) }) + end();
      const { calls, error } = await run(await anAgent(wire), withTools());
      expect(error).toBeNull();
      expect(calls).toEqual([aCall('a', SITE)]);
    },
  );

  it('reads the same calls however the bytes and the arguments are cut', async () => {
    const args = { object_type: 'dcim.site', filters: { name: 'Zürich {"a":{}} 🛰️' } };
    const whole = JSON.stringify(args);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(whole.length), { maxLength: 12 }),
        fc.array(fc.nat(3000), { maxLength: 40 }),
        fc.record({ ids: fc.boolean(), names: fc.boolean(), index: fc.boolean() }),
        async (edges, points, keeps) => {
          const at = [0, ...edges.sort((a, b) => a - b), whole.length];
          const pieces = at.slice(1).map((edge, nth) =>
            piece({
              ...(keeps.index ? { index: 0 } : {}),
              ...(nth === 0 || keeps.ids ? { id: 'a' } : {}),
              ...fn(nth === 0 || keeps.names ? 'get_objects' : undefined, whole.slice(at[nth], edge)),
            }),
          );
          const second = piece({ ...(keeps.index ? { index: 1 } : {}), id: 'b', ...fn('get_objects', rack) });
          const bytes = new TextEncoder().encode([...pieces, second, end()].join(''));
          const agent = createLiteLlmAgent({
            apiKey: 'k',
            proxyUrl: 'http://upstream.invalid',
            headers: {},
            timeoutMs: 1000,
            maxRetries: 0,
            timers,
            fetch: fetchInPieces(
              bytes,
              points.filter((point) => point < bytes.length),
            ),
          });
          const outcome = await run(agent, withTools());
          expect(outcome.calls).toEqual([aCall('a', args), aCall('b', RACK)]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the LiteLLM agent: tools that it sends', () => {
  const ok = chunk({ content: 'Done.' }) + end('stop');

  it('offers them in the format of OpenAI, and nothing where nothing may be called', async () => {
    await run(await anAgent(ok), withTools());
    expect(sent().tools).toEqual([
      {
        type: 'function',
        function: {
          name: 'get_objects',
          description: 'Lists objects.',
          parameters: GET_OBJECTS.inputSchema,
        },
      },
    ]);
    await run(await anAgent(ok), withTools({ toolChoice: 'none' }));
    expect(sent()).not.toHaveProperty('tools');
    expect(sent()).not.toHaveProperty('tool_choice');
  });

  it('sends rounds as calls and tool messages, never thinking of another provider (R12)', async () => {
    const echo = {
      provider: 'anthropic',
      content: [{ type: 'thinking', thinking: 'secret', signature: 's' }],
    };
    const turns: AgentRequest['turns'] = [
      { role: 'user', text: 'a' },
      { role: 'assistant', text: 'b', rounds: [aRound([aCall('call_0', SITE)], { text: 'First.' })] },
      { role: 'user', text: 'c' },
    ];
    const bad = { id: 'x', name: 'get_objects', arguments: null, raw: '{"a' };
    const results = [
      { id: 'call_0', ok: true, content: '[]' },
      { id: 'x', ok: false, content: 'no JSON' },
    ];
    const rounds = [aRound([aCall('call_0'), bad], { results, echo })];
    await run(await anAgent(ok), withTools({ turns, rounds }));
    const use = (id: string, args: object) => ({
      id,
      type: 'function',
      function: { name: 'get_objects', arguments: JSON.stringify(args) },
    });
    const { messages } = sent();
    const again = messages[6].tool_calls[0].id;
    expect(again).not.toBe('call_0');
    expect(messages).toEqual([
      { role: 'system', content: 'You help network engineers.' },
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'First.', tool_calls: [use('call_0', SITE)] },
      { role: 'tool', tool_call_id: 'call_0', content: 'result of call_0' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
      { role: 'assistant', content: '', tool_calls: [use(again, {}), use('x', { INVALID_JSON: '{"a' })] },
      { role: 'tool', tool_call_id: again, content: '[]' },
      { role: 'tool', tool_call_id: 'x', content: 'Error: no JSON' },
    ]);
    expect(JSON.stringify(messages)).not.toContain('secret');
  });
});
