import { describe, expect, it } from 'vitest';
import { allMessages } from '../archive/messages.ts';
import { seqsOf, upTo, World } from '../testing/world.ts';
import { ANSWER_CHARS } from './answer-stream.ts';
import { STORE_CHARS } from './stream-buffer.ts';

describe('a turn', () => {
  it('R1: S2, S3, deltas, S6, numbered from 1 without a gap; the archive holds the joined deltas', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'hello', client_id: 'a' });
    await world.call.push({ type: 'thinking', text: 'hm' });
    await world.call.text('Grüße ');
    world.clock.advance(20);
    await world.call.text('😀', ' end');
    await world.call.finish();
    const frames = socket.frames.slice(1);
    expect(seqsOf(frames)).toEqual(upTo(frames.length));
    expect(frames.map((one) => one.type)).toEqual([
      'message_accepted',
      'message_start',
      'thinking_delta',
      'text_delta',
      'text_delta',
      'text_delta',
      'message_end',
    ]);
    const [, stored] = allMessages(world.sql, 'conv-1');
    expect(stored?.text).toBe(
      socket
        .all('text_delta')
        .map((one) => one.text)
        .join(''),
    );
    expect(stored).toMatchObject({
      text: 'Grüße 😀 end',
      thinking: 'hm',
      status: 'complete',
      actual_model: 'claude-haiku-5-5',
    });
    expect(socket.last('message_end')).toMatchObject({
      stop_reason: 'end_turn',
      usage: { input_tokens: 10, output_tokens: 5 },
      cost_usd: (10 * 0.1 + 5 * 0.5) / 1e6,
    });
  });

  it('C1: an accepted client_id never runs twice, a refused one may be sent again', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'one', client_id: 'a' });
    await world.say(socket, { message: 'two', client_id: 'b' });
    expect(socket.last('error')).toMatchObject({ code: 'busy', client_id: 'b' });
    await world.call.finish();
    await world.say(socket, { message: 'one', client_id: 'a' });
    expect(world.calls).toHaveLength(1);
    const [first, again] = socket.all('message_accepted');
    expect(again).toEqual(first);
    await world.say(socket, { message: 'two', client_id: 'b' });
    expect(world.calls).toHaveLength(2);
  });

  it('C1: remembers the client_id in another conversation and after a restart', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'one', client_id: 'a' });
    await world.call.finish();
    await world.say(socket, { type: 'reset' });
    world.restart();
    await world.say(socket, { message: 'one', client_id: 'a' });
    expect(world.calls).toHaveLength(1);
    expect(socket.last('message_accepted').message.id).toBe('conv-1.1');
  });

  it('no timer outlives a run: nothing keeps the object from hibernating', async () => {
    const world = new World();
    const socket = world.connect();
    await world.turn(socket, 'q', 'a');
    expect(world.clock.pending).toBe(0);
  });

  it('an upstream that sends without end is cut at the limit, in frames and rows that stay small', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'q' });
    await world.call.text('x'.repeat(ANSWER_CHARS + 1));
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'limit' });
    expect(world.call.signal.aborted).toBe(true);
    expect(allMessages(world.sql, 'conv-1')[1]?.text).toHaveLength(ANSWER_CHARS);
    expect(Math.max(...socket.all('text_delta').map((one) => one.text.length))).toBeLessThanOrEqual(
      2 * STORE_CHARS,
    );
  });

  it('a run over its time ends with limit and aborts the upstream', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'q' });
    await world.call.text('part');
    world.clock.advance(15 * 60_000);
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'limit' });
    expect(world.call.signal.aborted).toBe(true);
    await world.turn(socket, 'next', 'ok');
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'end_turn' });
  });
});

describe('C4 stop', () => {
  it('keeps what was received, aborts the upstream, hears nothing more', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'q' });
    await world.call.text('some text ');
    await world.say(socket, { type: 'stop' });
    expect(world.call.signal.aborted).toBe(true);
    await world.call.text('too late');
    expect(socket.all('message_end')).toMatchObject([
      { stop_reason: 'stopped', actual_model: 'claude-haiku-5-5' },
    ]);
    expect(allMessages(world.sql, 'conv-1')[1]).toMatchObject({ text: 'some text ', status: 'stopped' });
    await world.say(socket, { type: 'stop' });
    expect(socket.all('message_end')).toHaveLength(1);
  });

  it('before the first output: the receipt says what never came to be', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'q' });
    await world.say(socket, { type: 'stop' });
    expect(socket.last('message_end')).toMatchObject({
      stop_reason: 'stopped',
      actual_model: null,
      usage: null,
      cost_usd: null,
      ttft_ms: null,
    });
  });

  it('text that was held back to be joined is not lost', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'q' });
    await world.call.text('a');
    await world.call.text('b');
    await world.say(socket, { type: 'stop' });
    expect(
      socket
        .all('text_delta')
        .map((one) => one.text)
        .join(''),
    ).toBe('ab');
    expect(allMessages(world.sql, 'conv-1')[1]?.text).toBe('ab');
  });
});

describe('R5 a switch resets', () => {
  it('no message of the old conversation reaches an upstream again', async () => {
    const world = new World();
    const socket = world.connect();
    await world.turn(socket, 'OLD SECRET', 'old answer');
    await world.say(socket, { type: 'model_change', model: 'claude-sonnet-5-5' });
    await world.say(socket, { message: 'new question' });
    expect(world.call.request.turns).toEqual([{ role: 'user', text: 'new question' }]);
    expect(world.call.entry.id).toBe('claude-sonnet-5-5');
  });

  it('in the middle of an answer: stopped first, archived with what was there', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'q' });
    await world.call.text('half');
    await world.say(socket, { type: 'model_change', model: 'ollama-qwen2.5' });
    const types = socket.frames.map((one) => one.type);
    expect(types.slice(-2)).toEqual(['message_end', 'model_changed']);
    expect(socket.last('message_end').stop_reason).toBe('stopped');
    expect(socket.last('model_changed')).toMatchObject({
      old_model: 'auto',
      new_model: 'ollama-qwen2.5',
      archived_message_count: 2,
      context_reset: true,
      conversation_id: 'conv-2',
      replaced: null,
    });
    expect(world.call.signal.aborted).toBe(true);
    expect(allMessages(world.sql, 'conv-1')[1]).toMatchObject({ text: 'half', status: 'stopped' });
  });

  it('an empty conversation is not archived', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { type: 'model_change', model: 'claude-sonnet-5-5' });
    expect(socket.last('model_changed')).toMatchObject({ archived_message_count: 0, archived: null });
    expect(world.connect().last('session').archives).toEqual([]);
  });

  it('C5: an archived conversation comes back with its own model and goes on counting', async () => {
    const world = new World();
    const socket = world.connect();
    await world.turn(socket, 'first', 'answer one');
    const before = socket.last('message_end').seq;
    await world.say(socket, { type: 'model_change', model: 'claude-opus-5-5' });
    await world.turn(socket, 'elsewhere', 'x');
    await world.say(socket, { type: 'open', conversation_id: 'conv-1' });
    expect(socket.last('conversation_opened')).toMatchObject({
      conversation: { id: 'conv-1', model: 'auto', status: 'current', message_count: 2 },
      last_seq: before,
    });
    await world.say(socket, { message: 'again' });
    expect(socket.last('message_accepted').seq).toBe(before + 1);
    expect(world.call.request.turns.map((turn) => turn.text)).toEqual(['first', 'answer one', 'again']);
    expect(
      world
        .connect()
        .last('session')
        .archives.map((one) => one.id),
    ).toEqual(['conv-2']);
  });

  it('100 switches on one socket, with the archive paged', async () => {
    const world = new World();
    const socket = world.connect();
    for (let i = 0; i < 100; i++) {
      await world.turn(socket, `q${i}`, `a${i}`);
      await world.say(socket, { type: 'model_change', model: i % 2 ? 'auto' : 'ollama-qwen2.5' });
    }
    expect(socket.all('model_changed')).toHaveLength(100);
    const { archives, archives_next } = world.connect().last('session');
    expect(archives.map((one) => one.title)).toEqual(
      upTo(100, 51)
        .map((n) => `q${n - 1}`)
        .reverse(),
    );
    expect(archives_next).not.toBeNull();
  });
});

it('a receipt holds counts, whatever an upstream calls its usage', async () => {
  const world = new World();
  const socket = world.connect();
  await world.say(socket, { message: 'q' });
  await world.call.text('a');
  await world.call.push({
    type: 'usage',
    usage: { input_tokens: 'many', output_tokens: Number.NaN } as never,
  });
  await world.call.push({ type: 'end', stop: 'end_turn' });
  expect(socket.last('message_end').usage).toBeNull();
  expect(world.connect().last('session').conversation.messages).toHaveLength(2);
});

it('S6: the home model costs nothing, also where it does not count', async () => {
  const world = new World({ DEFAULT_MODEL: 'ollama-qwen2.5' });
  const socket = world.connect();
  await world.say(socket, { message: 'q' });
  await world.call.text('a');
  await world.call.push({ type: 'end', stop: 'end_turn' });
  expect(socket.last('message_end')).toMatchObject({ usage: null, cost_usd: 0 });
});

describe('R8 bad input', () => {
  it.each([
    ['{"type":', 'bad_frame'],
    ['[]', 'bad_frame'],
    [{ type: 'dance' }, 'bad_frame'],
    [{ type: 'chat' }, 'bad_frame'],
    [{ type: 'chat', message: 3 }, 'bad_frame'],
    [{ message: '   ' }, 'bad_frame'],
    [{ message: 'x', attachments: [{}] }, 'bad_frame'],
    [{ type: 'model_change' }, 'bad_frame'],
    [{ type: 'redo', message_id: 'conv-1.2' }, 'not_found'],
    [{ type: 'redo', message_id: 'conv-1.2', tier: 'fable' }, 'bad_frame'],
    [{ type: 'edit', message_id: 'conv-1.1', message: ' ' }, 'bad_frame'],
    [{ type: 'tool_decision', call_id: 'x', allow: true }, 'not_found'],
    [{ message: 'x'.repeat(32_001) }, 'message_too_long'],
  ])('%j is %s, nothing is stored or asked, and the session lives on', async (frame, code) => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, frame);
    expect(socket.last('error').code).toBe(code);
    expect(allMessages(world.sql, 'conv-1')).toEqual([]);
    expect(world.calls).toEqual([]);
    expect(world.events).toEqual([]);
    await world.turn(socket, 'x'.repeat(32_000), 'fine');
    expect(socket.last('message_end').stop_reason).toBe('end_turn');
  });
});
