import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from './server.ts';

let simulator: Simulator;
let client: Anthropic;
let today = new Date('2026-11-22T12:00:00Z');
beforeAll(async () => {
  simulator = await startSimulator({ pace: 0, now: () => today });
  client = new Anthropic({
    apiKey: 'sk-ant-any',
    baseURL: simulator.anthropicUrl,
    maxRetries: 0,
    logLevel: 'off',
  });
});
beforeEach(() => {
  today = new Date('2026-11-22T12:00:00Z');
  simulator.control.reset();
});
afterAll(() => simulator.close());

const ask = (content: string, more: object = {}) => ({
  model: 'claude-sonnet-5-5',
  max_tokens: 4000,
  messages: [{ role: 'user' as const, content }],
  ...more,
});

describe('the simulated Messages API', () => {
  it('streams what it answers whole, down to the counts', async () => {
    const streamed = await client.messages.stream(ask('Which prefixes are free?')).finalMessage();
    const whole = await client.messages.create(ask('Which prefixes are free?'));
    expect(streamed.content).toMatchObject(whole.content.map(({ type }) => ({ type })));
    expect(streamed.content.at(-1)).toMatchObject({ text: textOf(whole) });
    expect(streamed.stop_reason).toBe('end_turn');
    expect(streamed.usage).toMatchObject({ output_tokens: whole.usage.output_tokens });
  });

  it('shows its thinking only when asked to', async () => {
    const request = ask('[[think]] hello');
    const shown = await client.messages
      .stream({ ...request, thinking: { type: 'adaptive', display: 'summarized' } })
      .finalMessage();
    expect(shown.content[0]).toMatchObject({
      type: 'thinking',
      thinking: expect.stringContaining('simulation'),
    });
    expect(shown.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(0);
    const hidden = await client.messages.stream(request).finalMessage();
    expect(hidden.content[0]).toMatchObject({ type: 'thinking', thinking: '' });
  });

  it('reads on the second turn what the first one wrote to the cache', async () => {
    const first = { role: 'user' as const, content: `hello ${'word '.repeat(600)}` };
    const cache_control = { type: 'ephemeral' as const };
    const one = await client.messages.create({ ...ask(''), cache_control, messages: [first] });
    expect(one.usage.cache_creation_input_tokens).toBeGreaterThan(500);
    expect(one.usage.cache_read_input_tokens).toBe(0);
    const turns = [
      first,
      { role: 'assistant' as const, content: 'Hi.' },
      { role: 'user' as const, content: 'more' },
    ];
    const two = await client.messages.create({ ...ask(''), cache_control, messages: turns });
    expect(two.usage.cache_read_input_tokens).toBe(one.usage.cache_creation_input_tokens);
    const other = await client.messages.create({
      ...ask(''),
      model: 'claude-haiku-5-5',
      cache_control,
      messages: turns,
    });
    expect(other.usage.cache_read_input_tokens).toBe(0);
    today = new Date(today.getTime() + 6 * 60_000);
    const late = await client.messages.create({ ...ask(''), cache_control, messages: turns });
    expect(late.usage.cache_read_input_tokens).toBe(0);
  });

  it('caches nothing that is too short, or that nobody asked to cache', async () => {
    const short = await client.messages.create(ask('hello', { cache_control: { type: 'ephemeral' } }));
    expect(short.usage.cache_creation_input_tokens).toBe(0);
    const unasked = await client.messages.create(ask('word '.repeat(600)));
    expect(unasked.usage.cache_creation_input_tokens).toBe(0);
  });

  it.each([
    ['an unknown model', { model: 'claude-9' }, 404, 'not_found_error'],
    ['a retired model', { model: 'claude-opus-4-20250514' }, 404, 'not_found_error'],
    ['a sampling parameter', { temperature: 1 }, 400, 'invalid_request_error'],
    [
      'thinking: enabled on 5.5',
      { thinking: { type: 'enabled', budget_tokens: 1024 } },
      400,
      'invalid_request_error',
    ],
    [
      'thinking: adaptive on 4.5',
      { model: 'claude-haiku-4-5', thinking: { type: 'adaptive' } },
      400,
      'invalid_request_error',
    ],
    ['too many tokens', { max_tokens: 200_000 }, 400, 'invalid_request_error'],
    ['no messages', { messages: [] }, 400, 'invalid_request_error'],
    ['an empty turn', { messages: [{ role: 'user', content: '' }] }, 400, 'invalid_request_error'],
    [
      'a prefill',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
        ],
      },
      400,
      'invalid_request_error',
    ],
    [
      'a prompt beyond the model',
      { messages: [{ role: 'user', content: 'x'.repeat(3_600_000) }] },
      400,
      'invalid_request_error',
    ],
  ])('refuses %s as the real one does', async (_, more, status, type) => {
    await expect(client.messages.create({ ...ask('hello', more), stream: true })).rejects.toMatchObject({
      status,
      type,
    });
  });

  it('refuses a bad key, on every path', async () => {
    const stranger = client.withOptions({ apiKey: 'sk-ant-invalid' });
    await expect(stranger.messages.create(ask('hello'))).rejects.toMatchObject({ status: 401 });
    simulator.control.states.anthropic = 'bad_key';
    await expect(client.models.list()).rejects.toMatchObject({ status: 401, type: 'authentication_error' });
  });

  it('lists its models with their lifecycle, page by page', async () => {
    const ids: string[] = [];
    for await (const model of client.models.list({ limit: 2 })) ids.push(`${model.id} ${model.lifecycle}`);
    expect(ids).toEqual([
      'claude-haiku-5-5 active',
      'claude-sonnet-5-5 active',
      'claude-opus-5-5 active',
      'claude-haiku-4-5-20251001 active',
      'claude-sonnet-4-5-20250929 deprecated',
    ]);
    const retired = await client.models.list({ lifecycle: ['retired'] });
    expect(retired.data.map(({ id }) => id)).toEqual(['claude-opus-4-20250514']);
    expect(await client.models.retrieve('claude-sonnet-4-5')).toMatchObject({
      retires_at: '2026-11-30T00:00:00Z',
    });
  });

  it('retires a model on its day', async () => {
    today = new Date('2026-11-30T00:00:00Z');
    await expect(client.messages.create(ask('hello', { model: 'claude-sonnet-4-5' }))).rejects.toMatchObject({
      status: 404,
    });
  });

  it('counts tokens', async () => {
    const { input_tokens } = await client.messages.countTokens({
      model: 'claude-sonnet-5-5',
      messages: ask('hello there').messages,
    });
    expect(input_tokens).toBeGreaterThan(2);
  });
});

function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}
