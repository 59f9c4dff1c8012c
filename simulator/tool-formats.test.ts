import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from './server.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ pace: 0 });
});
afterAll(() => simulator.close());

const TOOL = { name: 'get_objects', input_schema: { type: 'object', properties: {} } };
const use = (id: string) => ({ type: 'tool_use', id, name: 'get_objects', input: {} });
const result = (id: string, more: object = {}) => ({
  type: 'tool_result',
  tool_use_id: id,
  content: '[]',
  ...more,
});
const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: unknown) => ({ role: 'assistant', content });

async function post(
  body: object,
): Promise<{ status: number; body: Record<string, never> & { error?: { message: string } } }> {
  const response = await fetch(`${simulator.anthropicUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'claude-sonnet-5-5', max_tokens: 1000, tools: [TOOL], ...body }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

async function chat(body: object) {
  const response = await fetch(`${simulator.litellmUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-x' },
    body: JSON.stringify({ model: 'ollama-qwen2.5', ...body }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe('the simulated Messages API: what it refuses of tools', () => {
  it.each([
    [
      'a call without a result',
      [user('a'), assistant([use('t1')]), user('b')],
      /`tool_use` ids were found without/,
    ],
    ['a call at the end', [user('a'), assistant([use('t1')])], /prefill|without `tool_result`/],
    [
      'one result of two',
      [user('a'), assistant([use('t1'), use('t2')]), user([result('t1')])],
      /: t2\. Each/,
    ],
    [
      'a result behind words',
      [user('a'), assistant([use('t1')]), user([{ type: 'text', text: 'b' }, result('t1')])],
      /immediately after/,
    ],
    ['a result of no call', [user('a'), user([result('t9')])], /unexpected `tool_use_id`.*t9/],
    [
      'two results of a call',
      [user('a'), assistant([use('t1')]), user([result('t1'), result('t1')])],
      /must have a single result/,
    ],
    [
      'an id that comes again',
      [user('a'), assistant([use('t1')]), user([result('t1')]), assistant([use('t1')]), user([result('t1')])],
      /must be unique/,
    ],
    [
      'an id with other letters',
      [user('a'), assistant([use('t 1')]), user([result('t 1')])],
      /String should match pattern/,
    ],
    [
      'an error without words',
      [user('a'), assistant([use('t1')]), user([result('t1', { content: '', is_error: true })])],
      /cannot be empty/,
    ],
    ['a call by the user', [user([use('t1')])], /not permitted/],
    [
      'text of white space',
      [user('a'), assistant([{ type: 'text', text: ' ' }]), user('b')],
      /non-whitespace/,
    ],
    ['an empty message', [user([])], /non-empty content/],
    [
      'a signature of somebody else',
      [
        user('a'),
        assistant([{ type: 'thinking', thinking: 'x', signature: 'c2ln' }, use('t1')]),
        user([result('t1')]),
      ],
      /Invalid `signature`/,
    ],
  ])('%s', async (_, messages, expected) => {
    const { status, body } = await post({ messages });
    expect(status).toBe(400);
    expect(body).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    expect(body.error?.message).toMatch(expected);
  });

  it.each([
    [
      'tools that are missing',
      { tools: [], messages: [user('a'), assistant([use('t1')]), user([result('t1')])] },
      /must define tools/,
    ],
    ['a name with a dot', { tools: [{ ...TOOL, name: 'a.b' }] }, /tools\.0\.custom\.name/],
    ['a name twice', { tools: [TOOL, TOOL] }, /unique/],
    [
      'a schema of something else',
      { tools: [{ name: 'a', input_schema: { type: 'string' } }] },
      /input_schema\.type/,
    ],
    [
      'a union at the top',
      { tools: [{ name: 'a', input_schema: { type: 'object', anyOf: [] } }] },
      /top level/,
    ],
    ['a tool that must be used', { tool_choice: { type: 'any' } }, /not supported/],
    [
      'five breakpoints',
      {
        cache_control: { type: 'ephemeral' },
        messages: [
          user(
            Array.from({ length: 4 }, () => ({
              type: 'text',
              text: 'a',
              cache_control: { type: 'ephemeral' },
            })),
          ),
        ],
      },
      /maximum of 4/,
    ],
  ])('%s', async (_, more, expected) => {
    const { status, body } = await post({ messages: [user('a')], ...more });
    expect(status).toBe(400);
    expect(body.error?.message).toMatch(expected);
  });

  it('wants its thinking back as it was, in front of what was there', async () => {
    const thinking = { type: 'adaptive', display: 'summarized' };
    const messages = [user('[[think]] [[rounds 3]]')];
    const first = await post({ messages, thinking });
    expect(first.body).toMatchObject({
      content: [{ type: 'thinking' }, { type: 'text' }, { type: 'tool_use' }],
      stop_reason: 'tool_use',
    });
    const content: { type: string; id: string; thinking: string }[] = JSON.parse(
      JSON.stringify(first.body.content),
    );
    const answer = user([result(String(content[2]?.id))]);
    const again = (changed: object[], more: object = {}) =>
      post({ messages: [...messages, assistant(changed), answer], thinking, ...more });
    expect((await again(content)).status).toBe(200);
    const [thought, ...rest] = content;
    expect((await again([{ ...thought, thinking: 'Other.' }, ...rest])).body.error?.message).toMatch(
      /cannot be modified/,
    );
    expect((await again(rest)).body.error?.message).toMatch(/Expected `thinking`/);
    expect((await again(content, { system: 'new' })).body.error?.message).toMatch(/different conversation/);
    expect((await again(content, { tools: [TOOL, { ...TOOL, name: 'b' }] })).body.error?.message).toMatch(
      /different conversation/,
    );
    const marked = content.map((block) =>
      block.type === 'text' ? { ...block, cache_control: { type: 'ephemeral' } } : block,
    );
    expect((await again(marked, { max_tokens: 500, tool_choice: { type: 'none' } })).status).toBe(200);
    // Of an answered question it may be left out.
    const later = [...messages, assistant(rest), answer, assistant('b'), user('c')];
    expect((await post({ messages: later, thinking })).status).toBe(200);
  });
});

describe('the simulated chat completions: what they refuse of tools', () => {
  const call = (id: string, args = '{}') => ({
    id,
    type: 'function',
    function: { name: 'a', arguments: args },
  });
  const calls = (...all: object[]) => ({ role: 'assistant', content: '', tool_calls: all });
  const tool = (tool_call_id: string) => ({ role: 'tool', tool_call_id, content: '[]' });

  it.each([
    [
      'a call without a result',
      [user('a'), calls(call('1')), user('b')],
      /did not have response messages: 1/,
    ],
    ['one result of two', [user('a'), calls(call('1'), call('2')), tool('1')], /messages: 2/],
    ['a result of no call', [user('a'), tool('1')], /preceeding message/],
    ['the same id twice', [user('a'), calls(call('1'), call('1')), tool('1')], /Duplicate/],
    ['arguments that are no JSON', [user('a'), calls(call('1', '{')), tool('1')], /could not be read/],
    ['arguments that are no object', [user('a'), calls(call('1', '[]')), tool('1')], /could not be read/],
    [
      'nothing at all from the assistant',
      [user('a'), { role: 'assistant', content: null }, user('b')],
      /could not be read/,
    ],
    ['a result that names no call', [user('a'), { role: 'tool', content: 'x' }], /could not be read/],
  ])('%s', async (_, messages, expected) => {
    const { status, body } = await chat({ messages });
    expect(status).toBe(400);
    expect(body.error.message).toMatch(expected);
  });

  it('take calls with their results, also where the text is null', async () => {
    const messages = [
      user('a'),
      { ...calls(call('1')), content: null },
      tool('1'),
      { role: 'assistant', content: 'b' },
      user('[[echo]] c'),
    ];
    const { status, body } = await chat({ messages });
    expect(status).toBe(200);
    expect(body.choices[0].message.content).toBe('c');
  });

  it('answer with calls in one piece where nothing is streamed', async () => {
    const tools = [{ type: 'function', function: { name: 'netbox_get_objects', parameters: {} } }];
    const { body } = await chat({ messages: [user('Which sites do we have?')], tools });
    expect(body.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { tool_calls: [{ function: { name: 'netbox_get_objects' } }] },
    });
  });
});
