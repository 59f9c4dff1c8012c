import { describe, expect, it } from 'vitest';
import { NETBOX_PROMPT } from '../agents/system-prompt.ts';
import { findParked, listAudit } from '../archive/tools.ts';
import { aTool, settle, World } from '../testing/world.ts';
import { PARKED_CHARS } from './parked-run.ts';

const HOME = { DEFAULT_MODEL: 'ollama-qwen2.5' };
const SONNET = { DEFAULT_MODEL: 'claude-sonnet-5-5' };

async function asking(vars: Record<string, string>, description = 'What it does.') {
  const world = new World(vars);
  world.tools = [aTool('get_objects', { description })];
  const socket = world.connect();
  await world.say(socket, { message: 'which devices are in DC14?' });
  return { world, socket };
}

describe('where no tools are offered any more', () => {
  it('R12: an earlier answer goes up with all of its words, and never empty', async () => {
    const { world, socket } = await asking(SONNET);
    await world.call.text('Let me look.');
    await world.call.tools({ name: 'get_objects' });
    await world.toolCall.answer('core-1');
    await world.call.fail('transient');
    expect(socket.last('message_end').stop_reason).toBe('error');
    await world.say(socket, { message: 'again' });
    await world.call.text('Let me look.');
    await world.call.tools({ name: 'get_objects' });
    await world.say(socket, { type: 'stop' });
    world.tools = [];
    await world.say(socket, { message: 'and now?' });
    expect(world.call.request.turns).toEqual([
      { role: 'user', text: 'which devices are in DC14?\n\nagain' },
      { role: 'assistant', text: 'Let me look.' },
      { role: 'user', text: 'and now?' },
    ]);
  });

  it('a model is not told that it has them', async () => {
    const { world, socket } = await asking({ ...HOME, NETBOX_MCP_URL: 'http://127.0.0.1:1/mcp' });
    expect(world.call.request.system).toContain(NETBOX_PROMPT);
    await world.call.finish();
    world.tools = [];
    await world.say(socket, { message: 'and now?' });
    expect(world.call.request.tools).toBeUndefined();
    expect(world.call.request.system).not.toContain(NETBOX_PROMPT);
  });
});

describe('R13: tools take room too', () => {
  it('a question that does not fit beside them is not sent to be cut, and says so; after that it is refused at once', async () => {
    const { world, socket } = await asking(HOME, 'd'.repeat(30_000));
    expect(world.calls).toEqual([]);
    expect(socket.last('message_end')).toMatchObject({
      stop_reason: 'error',
      error_code: 'context_too_long',
    });
    expect(socket.last('error').message).toMatch(/about [\d,]+ tokens, and the model takes [\d,]+/);
    await world.say(socket, { message: 'which devices are in DC15?' });
    expect(socket.all('message_accepted')).toHaveLength(1);
  });

  it('what was found counts together with them', async () => {
    const { world, socket } = await asking(HOME, 'd'.repeat(12_000));
    await world.call.tools({ name: 'get_objects' });
    await world.toolCall.answer('x'.repeat(6_000));
    expect(world.calls).toHaveLength(2);
    await world.call.tools({ name: 'get_objects', args: { page: 2 } });
    await world.toolCall.answer('x'.repeat(6_000));
    expect(world.calls).toHaveLength(2);
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'limit' });
  });
});

describe('a model that asks for too much', () => {
  it('at once: nothing is called, and the answer ends', async () => {
    const { world, socket } = await asking(SONNET);
    const uses = Array.from({ length: 65 }, (_, i) => ({ name: 'get_objects', id: `c${i}`, args: { i } }));
    await world.call.tools(...uses);
    for (let i = 0; i < uses.length; i++) await settle();
    expect(world.toolCalls).toEqual([]);
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'limit' });
  });

  it('with arguments longer than a message may be: they are cut, and the model is told', async () => {
    const { world, socket } = await asking(SONNET);
    await world.call.tools({ name: 'get_objects', args: { q: 'x'.repeat(32_000) } });
    expect(world.toolCalls).toEqual([]);
    expect(socket.last('tool_result')).toMatchObject({
      ok: false,
      content: expect.stringContaining('too long'),
    });
    expect(socket.wire.every((wire) => wire.length < 10_000)).toBe(true);
    expect(listAudit(world.sql, 9)).toMatchObject([{ decided_by: 'malformed' }]);
  });

  it('with arguments nested deeper than the disk can read: the conversation goes on', async () => {
    const { world, socket } = await asking(SONNET);
    const deep = JSON.parse(`${'['.repeat(1_100)}${']'.repeat(1_100)}`);
    await world.call.tools({ name: 'get_objects', args: { deep } });
    expect(world.toolCalls).toEqual([]);
    expect(socket.last('tool_result').ok).toBe(false);
    await world.call.text('I cannot.');
    await world.call.finish();
    await world.turn(socket, 'next', 'ok');
    expect(socket.last('message_end').stop_reason).toBe('end_turn');
  });

  it('by a name without end: it is cut', async () => {
    const { world, socket } = await asking(SONNET);
    await world.call.tools({ name: 'x'.repeat(100_000) });
    expect(socket.wire.every((wire) => wire.length < 10_000)).toBe(true);
    expect(socket.last('tool_result').ok).toBe(false);
  });

  it('again and again with long arguments: they count for the length of the answer', async () => {
    const { world, socket } = await asking({ ...SONNET, TOOL_ROUNDS: '50' });
    for (let i = 0; i < 20 && socket.all('message_end').length === 0; i++) {
      await world.call.tools({ name: 'get_objects', id: `c${i}`, args: { i, q: 'x'.repeat(31_000) } });
      await world.toolCall.answer('nothing');
    }
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'limit' });
    expect(world.toolCalls.length).toBeLessThan(18);
  });
});

it('what is too much to wait in a row of storage ends at a limit, and nothing waits', async () => {
  const world = new World(SONNET);
  world.tools = [aTool('update_object', { readOnly: false })];
  const socket = world.connect();
  await world.say(socket, { message: 'change it' });
  const call = { id: 'w', name: 'update_object', arguments: {}, raw: '{}' };
  await world.call.push(
    { type: 'tool_use', call },
    { type: 'end', stop: 'tool_use', echo: [{ type: 'thinking', thinking: 'x'.repeat(PARKED_CHARS) }] },
  );
  expect(socket.last('message_end')).toMatchObject({ stop_reason: 'limit' });
  expect(findParked(world.sql, 'conv-1')).toBeNull();
  await world.turn(socket, 'next', 'ok');
  expect(socket.last('message_end')).toMatchObject({ stop_reason: 'end_turn' });
});

describe('the room that a small model has for results', () => {
  /** As NetBox answers: short words, numbers and signs. */
  const json = (chars: number) =>
    JSON.stringify({ id: 1, name: 'dc14-leaf-07', site: 'dc14' }).repeat(200).slice(0, chars);

  it('is shared by the calls of a round and shrinks with each, so that the model can always answer', async () => {
    const { world, socket } = await asking({ ...HOME, TOOL_ROUNDS: '50' });
    const given: number[] = [];
    for (let i = 0; i < 6 && socket.all('message_end').length === 0; i++) {
      await world.call.tools(
        { name: 'get_objects', id: `a${i}`, args: { i } },
        { name: 'get_objects', id: `b${i}`, args: { i, b: 1 } },
      );
      for (const call of world.toolCalls.slice(-2)) {
        given.push(call.chars);
        await call.answer(json(call.chars));
      }
    }
    expect(given[0]).toBeLessThanOrEqual(6_144);
    expect(given[2]).toBeLessThan(given[0] ?? 0);
    expect(given.length).toBeGreaterThanOrEqual(6);
    expect(Math.min(...given)).toBeGreaterThanOrEqual(600);
  });

  it('is none for a large one: the setting decides', async () => {
    const { world } = await asking(SONNET);
    await world.call.tools({ name: 'get_objects' });
    expect(world.toolCall.chars).toBe(24_000);
  });
});

describe('the receipt of an answer that used tools', () => {
  it('S6: a call that came to nothing is none of its calls: what each tier would have cost is still known', async () => {
    const { world, socket } = await asking({ DEFAULT_MODEL: 'auto' });
    await world.call.text('Let me look.');
    await world.call.tools({ name: 'get_objects' });
    await world.toolCall.answer('core-1');
    await world.call.fail('transient', { status: 529 });
    const end = socket.last('message_end');
    expect(end).toMatchObject({ stop_reason: 'error', usage: { input_tokens: 10, output_tokens: 5 } });
    expect(end.always_usd).toMatchObject({ haiku: expect.any(Number), opus: expect.any(Number) });
  });
});
