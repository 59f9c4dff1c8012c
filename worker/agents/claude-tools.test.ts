import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentRequest } from './agent.ts';
import { createClaudeAgent } from './claude.ts';
import { fetchInPieces, type ScriptedUpstream, sse, startUpstream } from './scripted-upstream.ts';
import {
  aCall,
  aRequest,
  aRound,
  FakeTimers,
  GET_OBJECTS,
  messageDelta,
  run,
  START,
  stream,
} from './test-support.ts';

let upstream: ScriptedUpstream | undefined;
afterEach(() => upstream?.close());

const timers = new FakeTimers();
const withTools = (more: Partial<AgentRequest> = {}) => aRequest({ tools: [GET_OBJECTS], ...more });

async function anAgent(wire: string) {
  await upstream?.close();
  upstream = await startUpstream(stream(wire));
  return createClaudeAgent({ apiKey: 'k', baseUrl: upstream.url, headers: {}, timeoutMs: 60_000, timers });
}

const start = (index: number, content_block: object) =>
  sse('content_block_start', { type: 'content_block_start', index, content_block });
const delta = (index: number, of: object) =>
  sse('content_block_delta', { type: 'content_block_delta', index, delta: of });
const json = (index: number, partial_json: string) =>
  delta(index, { type: 'input_json_delta', partial_json });
const stop = (index: number) => sse('content_block_stop', { type: 'content_block_stop', index });
const end = (reason = 'tool_use') =>
  sse('message_delta', messageDelta(reason)) + sse('message_stop', { type: 'message_stop' });
const toolUse = (index: number, id: unknown, pieces: string[], name = 'get_objects') =>
  start(index, { type: 'tool_use', id, name, input: {} }) +
  pieces.map((piece) => json(index, piece)).join('') +
  stop(index);
const text = (index: number, words: string) =>
  start(index, { type: 'text', text: '' }) + delta(index, { type: 'text_delta', text: words }) + stop(index);
const thought = (index: number, signature = 'c2ln') =>
  start(index, { type: 'thinking', thinking: '', signature: '' }) +
  delta(index, { type: 'thinking_delta', thinking: 'Hm.' }) +
  delta(index, { type: 'signature_delta', signature }) +
  stop(index);
const wire = (...parts: string[]) => sse('message_start', START) + parts.join('');
const sent = () => JSON.parse(upstream?.requests.at(-1)?.body ?? '');

describe('the Claude agent: calls that it reads', () => {
  it('reads thinking, text and several calls, and keeps all blocks for the next request', async () => {
    const secret = { type: 'redacted_thinking', data: 'ZW5j' };
    const outcome = await run(
      await anAgent(
        wire(
          thought(0),
          start(1, secret) + stop(1),
          text(2, 'Let me look.'),
          toolUse(3, 'toolu_a', ['', '{"object_', 'type": "dcim.si', 'te"}']),
          toolUse(4, 'toolu_b', ['{"object_type":"dcim.rack"}']),
          end(),
        ),
      ),
      withTools(),
    );
    expect(outcome).toMatchObject({ text: 'Let me look.', thinking: 'Hm.', stop: 'tool_use', error: null });
    expect(outcome.calls).toEqual([
      {
        id: 'toolu_a',
        name: 'get_objects',
        arguments: { object_type: 'dcim.site' },
        raw: '{"object_type": "dcim.site"}',
      },
      aCall('toolu_b', { object_type: 'dcim.rack' }),
    ]);
    expect(outcome.echo).toEqual({
      provider: 'anthropic',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
        secret,
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', id: 'toolu_a', name: 'get_objects', input: { object_type: 'dcim.site' } },
        { type: 'tool_use', id: 'toolu_b', name: 'get_objects', input: { object_type: 'dcim.rack' } },
      ],
    });
  });

  it('reads the same calls however the bytes and the arguments are cut', async () => {
    const args = { object_type: 'dcim.site', filters: { name: 'Zürich 🛰️' }, limit: 5 };
    const whole = JSON.stringify(args);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(whole.length), { maxLength: 12 }),
        fc.array(fc.nat(3000), { maxLength: 40 }),
        async (edges, points) => {
          const at = [0, ...edges.sort((a, b) => a - b), whole.length];
          const pieces = at.slice(1).map((edge, index) => whole.slice(at[index], edge));
          const bytes = new TextEncoder().encode(
            wire(text(0, 'So.'), toolUse(1, 'toolu_a', pieces), toolUse(2, 'toolu_b', []), end()),
          );
          const agent = createClaudeAgent({
            apiKey: 'k',
            baseUrl: 'http://upstream.invalid',
            headers: {},
            timeoutMs: 60_000,
            timers,
            fetch: fetchInPieces(
              bytes,
              points.filter((point) => point < bytes.length),
            ),
          });
          const outcome = await run(agent, withTools());
          expect(outcome.calls).toEqual([aCall('toolu_a', args), aCall('toolu_b')]);
          expect(outcome).toMatchObject({ text: 'So.', stop: 'tool_use' });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('hands a call on while the next one is still being written', async () => {
    let release = () => {};
    const seen = new Promise<void>((resolve) => {
      release = resolve;
    });
    upstream = await startUpstream(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(wire(toolUse(0, 'toolu_a', ['{}'])));
      await seen;
      response.end(toolUse(1, 'toolu_b', ['{}']) + end());
    });
    const agent = createClaudeAgent({
      apiKey: 'k',
      baseUrl: upstream.url,
      headers: {},
      timeoutMs: 60_000,
      timers,
    });
    const outcome = await run(agent, withTools(), undefined, (event) => {
      if (event.type === 'tool_use') release();
    });
    expect(outcome.calls.map(({ id }) => id)).toEqual(['toolu_a', 'toolu_b']);
  });

  it.each([
    [
      'cut by the token limit',
      toolUse(0, 'toolu_a', ['{"object_ty']) + end('max_tokens'),
      '{"object_ty',
      'max_tokens',
    ],
    [
      'never closed',
      start(0, { type: 'tool_use', id: 'toolu_a', name: 'get_objects' }) + json(0, '{"a"') + end(),
      '{"a"',
      'tool_use',
    ],
    ['no object', toolUse(0, 'toolu_a', ['[1]']) + end(), '[1]', 'tool_use'],
  ])('tells a call that is %s, and can send it back', async (_, body, raw, reason) => {
    const outcome = await run(await anAgent(wire(body)), withTools());
    expect(outcome).toMatchObject({ stop: reason, error: null });
    expect(outcome.calls).toEqual([{ id: 'toolu_a', name: 'get_objects', arguments: null, raw }]);
    expect(outcome.echo).toMatchObject({ content: [{ type: 'tool_use', input: { INVALID_JSON: raw } }] });
  });

  it('does not report a call of a connection that was lost inside it', async () => {
    const cut = wire(start(0, { type: 'tool_use', id: 'toolu_a', name: 'get_objects' }), json(0, '{"a"'));
    expect(await run(await anAgent(cut), withTools())).toMatchObject({
      calls: [],
      error: { kind: 'transient' },
    });
  });

  it('takes whole arguments from the start of a block', async () => {
    const block = { type: 'tool_use', id: 'toolu_a', name: 'get_objects', input: { limit: 3 } };
    const outcome = await run(await anAgent(wire(start(0, block), stop(0), end())), withTools());
    expect(outcome.calls).toEqual([aCall('toolu_a', { limit: 3 })]);
  });

  it('gives calls without an id, or with one that stands in the request, ids of their own', async () => {
    const parts = [toolUse(0, 'toolu_a', []), toolUse(1, null, []), toolUse(2, 'toolu_a', []), end()];
    const rounds = [aRound([aCall('toolu_a')])];
    const outcome = await run(await anAgent(wire(...parts)), withTools({ rounds }));
    const ids = outcome.calls.map(({ id }) => id);
    expect(new Set(['toolu_a', ...ids]).size).toBe(4);
    expect(outcome.echo).toMatchObject({ content: ids.map((id) => ({ id })) });
  });

  it.each([
    ['end_turn', toolUse(0, 'toolu_a', []), 'tool_use'],
    ['tool_use', text(0, 'Hi'), 'end_turn'],
    ['pause_turn', text(0, 'Hi'), 'tool_use'],
    ['refusal', toolUse(0, 'toolu_a', []), 'refused'],
  ])('reads the stop reason %s by what came', async (reason, body, expected) => {
    expect((await run(await anAgent(wire(body, end(reason))), withTools())).stop).toBe(expected);
  });

  it('keeps blocks that it does not know, and leaves out what the API would refuse', async () => {
    const odd = { type: 'block_of_tomorrow', data: { a: [1] } };
    const server = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} };
    const outcome = await run(
      await anAgent(
        wire(
          thought(0, ''),
          text(1, ' \n'),
          start(2, odd) + stop(2),
          start(3, server) + json(3, '{"query":"x"}') + stop(3),
          end('pause_turn'),
        ),
      ),
      withTools(),
    );
    expect(outcome).toMatchObject({ stop: 'tool_use', calls: [] });
    expect(outcome.echo).toEqual({
      provider: 'anthropic',
      content: [odd, { ...server, input: { query: 'x' } }],
    });
  });
});

describe('the Claude agent: tools that it sends', () => {
  const ok = wire(text(0, 'Done.'), end('end_turn'));
  const use = (id: string, input: object = {}) => ({ type: 'tool_use', id, name: 'get_objects', input });
  const result = (id: string, more: object = {}) => ({
    type: 'tool_result',
    tool_use_id: id,
    content: `result of ${id}`,
    ...more,
  });
  const MARK = { cache_control: { type: 'ephemeral' } };

  it('offers them, with the end of what all conversations share as a cache breakpoint', async () => {
    const union = {
      ...GET_OBJECTS,
      name: 'odd',
      description: '',
      inputSchema: { anyOf: [{}], properties: { a: {} } },
    };
    await run(await anAgent(ok), withTools({ tools: [GET_OBJECTS, union] }));
    expect(sent()).toMatchObject({
      cache_control: { type: 'ephemeral' },
      system: [{ type: 'text', text: 'You help network engineers.', ...MARK }],
    });
    expect(sent().tools).toEqual([
      { name: 'get_objects', description: 'Lists objects.', input_schema: GET_OBJECTS.inputSchema },
      { name: 'odd', input_schema: { type: 'object', properties: { a: {} } } },
    ]);
    expect(sent()).not.toHaveProperty('tool_choice');
  });

  it('sends the blocks of this run back unchanged, and all results of a round in one turn (R12)', async () => {
    const first = await run(
      await anAgent(wire(thought(0), toolUse(1, 'toolu_a', []), toolUse(2, 'toolu_b', []), end())),
      withTools(),
    );
    const results = [
      { id: 'toolu_b', ok: false, content: 'No such type.' },
      { id: 'toolu_a', ok: true, content: '' },
    ];
    const rounds = [aRound(first.calls, { results, echo: JSON.parse(JSON.stringify(first.echo)) })];
    await run(await anAgent(ok), withTools({ rounds, thinking: 'adaptive', toolChoice: 'none' }));
    expect(sent().tool_choice).toEqual({ type: 'none' });
    expect(sent().messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Which prefixes are free?', ...MARK }] },
      {
        role: 'assistant',
        content: [{ type: 'thinking', thinking: 'Hm.', signature: 'c2ln' }, use('toolu_a'), use('toolu_b')],
      },
      {
        role: 'user',
        content: [
          result('toolu_a', { content: '(no output)' }),
          result('toolu_b', { content: 'No such type.', is_error: true }),
        ],
      },
    ]);
  });

  it('builds rounds of earlier runs and of other providers anew, without thinking and with ids that are unique (R12)', async () => {
    const echo = { provider: 'anthropic', content: [{ type: 'thinking', thinking: 'x', signature: 's' }] };
    const turns: AgentRequest['turns'] = [
      { role: 'user', text: 'a' },
      {
        role: 'assistant',
        text: 'b',
        rounds: [aRound([aCall('call_0', { limit: 1 })], { text: 'First.', echo })],
      },
      { role: 'user', text: 'c' },
      { role: 'assistant', text: '', rounds: [aRound([aCall('call_0')])] },
      { role: 'user', text: 'd' },
    ];
    const rounds = [
      aRound([{ ...aCall('call 1'), name: 'no such tool' }], { echo: { provider: 'other' }, results: [] }),
    ];
    await run(await anAgent(ok), withTools({ turns, rounds }));
    const { messages } = sent();
    expect(messages.map(({ role }: { role: string }) => role)).toEqual([
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
      'assistant',
      'user',
    ]);
    expect(messages.slice(0, 5)).toEqual([
      { role: 'user', content: 'a' },
      { role: 'assistant', content: [{ type: 'text', text: 'First.' }, use('call_0', { limit: 1 })] },
      { role: 'user', content: [result('call_0')] },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
    ]);
    const again = messages[5].content[0].id;
    expect(again).toMatch(/^call_[1-9]$/);
    // The person's words stand behind the results that nobody answered.
    expect(messages[6].content).toEqual([
      { ...result(again), content: 'result of call_0' },
      { type: 'text', text: 'd', ...MARK },
    ]);
    const made = messages[7].content[0];
    expect(made).toMatchObject({ type: 'tool_use', name: 'no_such_tool' });
    expect(messages[8].content).toEqual([
      { type: 'tool_result', tool_use_id: made.id, content: 'This call was not run.', is_error: true },
    ]);
  });

  it('answers every call of an echo, also one that the caller left out', async () => {
    const echo = { provider: 'anthropic', content: [use('toolu_a'), use('toolu_b')] };
    await run(await anAgent(ok), withTools({ rounds: [aRound([aCall('toolu_b')], { echo })] }));
    expect(sent().messages.at(-1).content).toEqual([
      { type: 'tool_result', tool_use_id: 'toolu_a', content: 'This call was not run.', is_error: true },
      result('toolu_b'),
    ]);
  });

  it('goes on after a pause with the blocks as they are', async () => {
    const echo = { provider: 'anthropic', content: [{ type: 'text', text: 'So far.' }] };
    await run(await anAgent(ok), withTools({ rounds: [aRound([], { echo })] }));
    expect(sent().messages.at(-1)).toEqual({ role: 'assistant', content: echo.content });
  });

  it('names tools that are not offered any more where the conversation used them, and forbids calls', async () => {
    const turns: AgentRequest['turns'] = [
      { role: 'user', text: 'a' },
      { role: 'assistant', text: 'b', rounds: [aRound([aCall('toolu_a')])] },
      { role: 'user', text: 'c' },
    ];
    await run(await anAgent(ok), aRequest({ turns }));
    expect(sent()).toMatchObject({
      tools: [{ name: 'get_objects', input_schema: { type: 'object' } }],
      tool_choice: { type: 'none' },
    });
  });

  it('marks where an earlier request ended, so that its cache is found behind any number of calls', async () => {
    const turns: AgentRequest['turns'] = [
      { role: 'user', text: 'a' },
      { role: 'assistant', text: 'b', rounds: [aRound([aCall('toolu_a')]), aRound([aCall('toolu_b')])] },
      { role: 'user', text: 'c' },
    ];
    const marks = () =>
      sent().messages.flatMap(({ content }: { content: unknown }, index: number) =>
        JSON.stringify(content).includes('cache_control') ? [index] : [],
      );
    await run(await anAgent(ok), withTools({ turns }));
    expect(marks()).toEqual([0]);
    const rounds = [aRound([aCall('toolu_c')]), aRound([aCall('toolu_d')])];
    await run(await anAgent(ok), withTools({ turns, rounds: rounds.slice(0, 1) }));
    expect(marks()).toEqual([6]);
    await run(await anAgent(ok), withTools({ turns, rounds }));
    expect(marks()).toEqual([8]);
  });
});
