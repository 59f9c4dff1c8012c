import { describe, expect, it } from 'vitest';
import { NANOS_PER_USD } from '../guard/ledger-book.ts';
import { costUsd } from '../models/prices.ts';
import { aTool, settle, World } from '../testing/world.ts';
import { estimateTokens } from './context.ts';

const SONNET = { DEFAULT_MODEL: 'claude-sonnet-5-5' };
const usd = (nanos: number) => nanos / NANOS_PER_USD;

function spentAndReserved(world: World) {
  const { spent, reserved } = world.book.totals('deployment', '', world.clock.now());
  return { spent: usd(spent), reserved: usd(reserved) };
}

describe('under a spending limit', () => {
  it('the worst case is reserved before the model is asked, and settled with what it has cost', async () => {
    const world = new World({ ...SONNET, DAILY_BUDGET_USD: '1' });
    const socket = world.connect();
    await world.say(socket, { message: 'hello' });
    expect(world.call.request.maxTokens).toBe(16_000);
    const { spent, reserved } = spentAndReserved(world);
    expect(spent).toBe(0);
    expect(reserved).toBeGreaterThan(0.16);
    expect(reserved).toBeLessThan(0.17);
    await world.call.text('Hi.');
    await world.call.finish();
    const end = socket.last('message_end');
    expect(end.stop_reason).toBe('end_turn');
    expect(end.cost_usd).toBeCloseTo(0.00007, 12);
    expect(spentAndReserved(world)).toEqual({ spent: end.cost_usd, reserved: 0 });
    expect(end.budget).toEqual({
      left_usd: 1 - (end.cost_usd ?? 0),
      limit_usd: 1,
      resets_at: '2026-11-23T00:00:00.000Z',
    });
  });

  it('without one nobody is asked, and nothing is said of it', async () => {
    const world = new World(SONNET);
    world.ledger = { ...world.ledger, reserve: () => Promise.reject(new Error('was asked')) };
    const socket = world.connect();
    await world.turn(socket, 'hello', 'Hi.');
    expect(socket.last('session').budget).toBeNull();
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'end_turn', budget: null });
  });

  it('with little left the answer may be shorter; with too little nothing is asked', async () => {
    const world = new World({ ...SONNET, DAILY_BUDGET_USD: '0.02' });
    const socket = world.connect();
    await world.say(socket, { message: 'hello' });
    expect(world.call.request.maxTokens).toBeLessThan(2_000);
    expect(world.call.request.maxTokens).toBeGreaterThanOrEqual(256);

    const other = world.connect();
    await world.say(socket, { type: 'stop' });
    expect(socket.last('message_end').stop_reason).toBe('stopped');
    world.restart({ DAILY_BUDGET_USD: '0.004' });
    const late = world.connect();
    await world.say(late, { message: 'and now?' });
    expect(world.calls).toHaveLength(1);
    expect(late.last('error')).toMatchObject({
      code: 'budget_exhausted',
      retryable: true,
      retry_after_ms: 12 * 3_600_000,
      message: expect.stringContaining('00:00 UTC on 2026-11-23'),
    });
    expect(late.last('message_end')).toMatchObject({
      stop_reason: 'error',
      error_code: 'budget_exhausted',
      cost_usd: null,
    });
    expect(other.last('message_end').error_code).toBe('budget_exhausted');
  });

  it('once it is certain that nothing is left a message is refused before it is accepted', async () => {
    const world = new World({ ...SONNET, DAILY_BUDGET_USD: '0' });
    const socket = world.connect();
    await world.say(socket, { message: 'first', client_id: 'a' });
    expect(socket.all('message_accepted')).toHaveLength(1);
    await world.say(socket, { message: 'second', client_id: 'b' });
    expect(socket.all('message_accepted')).toHaveLength(1);
    expect(socket.last('error')).toMatchObject({ code: 'budget_exhausted', client_id: 'b' });
    // The next day it may be sent again.
    world.clock.advance(12 * 3_600_000);
    await world.say(socket, { message: 'second', client_id: 'b' });
    expect(socket.all('message_accepted')).toHaveLength(2);
  });

  it('R9: what a refusing provider was to get is given back, and its fallback is paid for anew', async () => {
    const world = new World({ ...SONNET, DAILY_BUDGET_USD: '1' });
    const socket = world.connect();
    await world.say(socket, { message: 'hello' });
    const forSonnet = spentAndReserved(world).reserved;
    await world.call.fail('transient', { status: 529 });
    expect(world.call.entry.id).toBe('claude-haiku-5-5');
    const forHaiku = spentAndReserved(world);
    expect(forHaiku.spent).toBe(0);
    expect(forHaiku.reserved).toBeLessThan(forSonnet / 10);
    await world.call.text('Hi.');
    await world.call.finish();
    expect(spentAndReserved(world)).toEqual({ spent: socket.last('message_end').cost_usd, reserved: 0 });
  });

  it('R9: a fallback that cannot be paid for is not asked', async () => {
    // Haiku and its answer of 256 tokens fit, Opus does not.
    const world = new World({
      DEFAULT_MODEL: 'claude-haiku-5-5',
      FALLBACK_MODEL: 'claude-opus-5-5',
      DAILY_BUDGET_USD: '0.003',
    });
    const socket = world.connect();
    await world.say(socket, { message: 'hello' });
    await world.call.fail('transient', { status: 529 });
    expect(world.calls).toHaveLength(1);
    expect(socket.last('fallback').actual_model).toBe('claude-opus-5-5');
    expect(socket.last('message_end').error_code).toBe('budget_exhausted');
    expect(spentAndReserved(world)).toEqual({ spent: 0, reserved: 0 });
  });

  it('an answer that breaks off after its first words is paid for by our guess', async () => {
    const world = new World({ ...SONNET, DAILY_BUDGET_USD: '1' });
    const socket = world.connect();
    await world.say(socket, { message: 'hello' });
    await world.call.push({ type: 'usage', usage: { input_tokens: 1_000, output_tokens: 1 } });
    await world.call.text('four words of answer '.repeat(20));
    await world.call.fail('transient');
    const end = socket.last('message_end');
    expect(end).toMatchObject({ stop_reason: 'error', error_code: 'upstream_error' });
    expect(spentAndReserved(world)).toEqual({ spent: end.cost_usd, reserved: 0 });
    expect(end.cost_usd).toBeGreaterThan(0.002);
  });

  it('a call of a tool that was never complete is paid for like text, in the ledger and in the receipt', async () => {
    const world = new World({ ...SONNET, DAILY_BUDGET_USD: '1' });
    const socket = world.connect();
    await world.say(socket, { message: 'hello' });
    await world.call.push({ type: 'usage', usage: { input_tokens: 1_000, output_tokens: 1 } });
    await world.call.text('Hi.');
    for (let i = 0; i < 100; i++)
      await world.call.push({ type: 'alive', drafted: 'four words of argument ' });
    await world.say(socket, { type: 'stop' });
    const end = socket.last('message_end');
    expect(end.usage?.output_tokens).toBeGreaterThan(500);
    expect(spentAndReserved(world)).toEqual({ spent: end.cost_usd, reserved: 0 });
  });

  it('a complete call that came in pieces counts once', async () => {
    const world = new World({ ...SONNET, DAILY_BUDGET_USD: '1' });
    world.tools = [aTool('get_objects')];
    const socket = world.connect();
    await world.say(socket, { message: 'hello' });
    await world.call.push({ type: 'usage', usage: { input_tokens: 1_000, output_tokens: 1 } });
    const args = { q: 'four words of argument '.repeat(50) };
    const raw = JSON.stringify(args);
    await world.call.push(
      { type: 'alive', drafted: raw.slice(0, 300) },
      { type: 'alive', drafted: raw.slice(300) },
    );
    const whole = { id: 'a', name: 'get_objects', arguments: args, raw };
    await world.call.push({ type: 'tool_use', call: whole });
    await world.say(socket, { type: 'stop' });
    expect(socket.last('message_end').usage?.output_tokens).toBe(
      estimateTokens(raw.slice(0, 300)) + estimateTokens(raw.slice(300)),
    );
  });

  it('a stopped answer is paid for, also what it may have thought unseen', async () => {
    const world = new World({ ...SONNET, DAILY_BUDGET_USD: '1' });
    const socket = world.connect();
    await world.say(socket, { message: 'hello' });
    await world.call.push({ type: 'usage', usage: { input_tokens: 1_000, output_tokens: 1 } });
    world.clock.advance(4_000);
    await world.say(socket, { type: 'stop' });
    const { spent, reserved } = spentAndReserved(world);
    const usage = {
      input_tokens: 1_000,
      output_tokens: 1_000,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      thinking_tokens: 0,
    };
    expect(spent).toBeCloseTo(costUsd(world.call.entry, usage, world.clock.now()) ?? 0, 9);
    expect(reserved).toBe(0);
    expect(socket.last('message_end')).toMatchObject({
      stop_reason: 'stopped',
      budget: { left_usd: 1 - spent },
    });
  });

  it('an answer far longer than what was paid for ends with limit, and the upstream is let go', async () => {
    const world = new World({ ...SONNET, DAILY_BUDGET_USD: '0.006' });
    const socket = world.connect();
    await world.say(socket, { message: 'hello' });
    const paid = world.call.request.maxTokens;
    await world.call.text('word '.repeat(paid));
    expect(socket.all('message_end')).toHaveLength(0);
    await world.call.text('word '.repeat(paid));
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'limit', error_code: null });
    expect(spentAndReserved(world).reserved).toBe(0);
    expect(spentAndReserved(world).spent).toBeLessThanOrEqual(0.006);
    await world.turn(socket, 'again', 'x');
    expect(socket.last('message_end').error_code ?? 'budget_exhausted').toBe('budget_exhausted');
  });

  it('R11: lost in the middle: what was reserved stays, counts as spent in the end, and nothing is asked again', async () => {
    const world = new World({ ...SONNET, DAILY_BUDGET_USD: '1', RUN_LIMIT_S: '60' });
    const socket = world.connect();
    await world.say(socket, { message: 'hello' });
    await world.call.text('a beginning');
    const { reserved } = spentAndReserved(world);
    const { ledger } = world;
    // The lost process says nothing any more.
    world.ledger = {
      ...ledger,
      settle: async (id, nanos) => (id === 'r1' ? undefined : ledger.settle(id, nanos)),
    };
    world.restart();
    const back = world.connect();
    expect(back.last('session').conversation.messages[1]?.status).toBe('interrupted');
    expect(world.calls).toHaveLength(1);
    expect(spentAndReserved(world)).toEqual({ spent: 0, reserved });
    world.clock.advance(60_000 + 5 * 60_000);
    await world.turn(back, 'again', 'x');
    expect(spentAndReserved(world).spent).toBeGreaterThan(reserved);
    expect(spentAndReserved(world).reserved).toBe(0);
  });

  it('C4: while the ledger is waited for stop works at once, other frames are heard, and nothing is asked', async () => {
    const world = new World({ ...SONNET, DAILY_BUDGET_USD: '1' });
    const { reserve } = world.ledger;
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    world.ledger = { ...world.ledger, reserve: (...call) => gate.then(() => reserve(...call)) };
    const socket = world.connect();
    await world.say(socket, { message: 'hello' });
    await world.say(socket, { message: 'and this' });
    expect(socket.last('error').code).toBe('busy');
    await world.say(socket, { type: 'stop' });
    expect(socket.last('message_end').stop_reason).toBe('stopped');
    open();
    await settle();
    expect(world.calls).toEqual([]);
    expect(spentAndReserved(world)).toEqual({ spent: 0, reserved: 0 });
  });

  it('a ledger that does not answer: nothing is asked, and it may be tried again', async () => {
    const world = new World({ ...SONNET, DAILY_BUDGET_USD: '1' });
    const { ledger } = world;
    world.ledger = { ...ledger, reserve: () => Promise.reject(new Error('Network connection lost.')) };
    const socket = world.connect();
    await world.say(socket, { message: 'hello' });
    expect(world.calls).toEqual([]);
    expect(socket.last('error')).toMatchObject({ code: 'upstream_error', retryable: true });
    expect(socket.last('error').message).toContain('nothing was asked');
    world.ledger = ledger;
    await world.turn(socket, 'hello', 'Hi.');
    expect(socket.last('message_end').stop_reason).toBe('end_turn');
  });

  it('R14: the home model costs nothing and is answered with nothing left; its fallback to Claude is not', async () => {
    const world = new World({ DEFAULT_MODEL: 'ollama-qwen2.5', DAILY_BUDGET_USD: '0' });
    const socket = world.connect();
    await world.turn(socket, 'hello', 'Hi.');
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'end_turn', cost_usd: 0 });
    await world.say(socket, { message: 'again' });
    await world.call.fail('transient', { status: 502 });
    expect(world.calls).toHaveLength(2);
    expect(socket.last('message_end').error_code).toBe('budget_exhausted');
  });

  it('the person who sends pays, whatever socket others have', async () => {
    const world = new World({ ...SONNET, PERSON_DAILY_BUDGET_USD: '1' });
    const socket = world.connect();
    await world.turn(socket, 'hello', 'Hi.');
    expect(world.book.totals('person', 'session:session-id', world.clock.now()).spent).toBe(70_000);
    expect(world.book.totals('address', 'local', world.clock.now()).spent).toBe(0);
  });
});

describe('limits inside a session', () => {
  it('TURNS_PER_MINUTE: as many as set, one more is told when to try again, and then it may', async () => {
    const world = new World({ ...SONNET, TURNS_PER_MINUTE: '2' });
    const socket = world.connect();
    await world.turn(socket, 'one', 'x');
    world.clock.advance(20_000);
    await world.turn(socket, 'two', 'x');
    await world.say(socket, { message: 'three', client_id: 'c' });
    expect(socket.last('error')).toMatchObject({
      code: 'rate_limited',
      client_id: 'c',
      retryable: true,
      retry_after_ms: 40_000,
      message: expect.stringContaining('40 s'),
    });
    expect(world.calls).toHaveLength(2);
    world.clock.advance(39_999);
    await world.say(socket, { message: 'three', client_id: 'c' });
    expect(world.calls).toHaveLength(2);
    world.clock.advance(1);
    await world.say(socket, { message: 'three', client_id: 'c' });
    expect(world.calls).toHaveLength(3);
  });

  it('TURNS_PER_MINUTE: neither a new conversation nor the loss of the process makes room', async () => {
    const world = new World({ ...SONNET, TURNS_PER_MINUTE: '2' });
    const socket = world.connect();
    await world.turn(socket, 'one', 'x');
    await world.say(socket, { type: 'reset' });
    await world.turn(socket, 'two', 'x');
    await world.say(socket, { type: 'model_change', model: 'auto' });
    world.restart();
    const back = world.connect();
    await world.say(back, { message: 'three' });
    expect(back.last('error').code).toBe('rate_limited');
    expect(world.calls).toHaveLength(2);
  });

  it('TURNS_PER_MINUTE: a repeated client_id is answered, not counted', async () => {
    const world = new World({ ...SONNET, TURNS_PER_MINUTE: '1' });
    const socket = world.connect();
    await world.say(socket, { message: 'one', client_id: 'a' });
    await world.call.finish();
    await world.say(socket, { message: 'one', client_id: 'a' });
    expect(socket.all('message_accepted')).toHaveLength(2);
    expect(socket.all('error')).toEqual([]);
  });

  it.each(['', '1000'])(
    'TURNS_PER_MINUTE=%j: thirty in a minute are answered locally',
    async (TURNS_PER_MINUTE) => {
      const world = new World({ ...SONNET, TURNS_PER_MINUTE });
      const socket = world.connect();
      for (let i = 0; i < 30; i++) await world.turn(socket, `question ${i}`, 'x');
      expect(world.calls).toHaveLength(30);
    },
  );

  it('MAX_MESSAGE_CHARS: exactly as many are fine, one more is message_too_long', async () => {
    const world = new World({ ...SONNET, MAX_MESSAGE_CHARS: '5' });
    const socket = world.connect();
    await world.say(socket, { message: '12345' });
    expect(world.calls).toHaveLength(1);
    await world.call.finish();
    await world.say(socket, { message: '123456' });
    expect(socket.last('error')).toMatchObject({ code: 'message_too_long' });
    expect(socket.last('error').message).toContain('5 are allowed');
  });

  it('R13: MAX_HISTORY_TOKENS: above it the conversation is refused with the figures; trim leaves out the oldest', async () => {
    const world = new World({ ...SONNET, MAX_HISTORY_TOKENS: '1000' });
    const socket = world.connect();
    await world.turn(socket, 'one word '.repeat(200), 'an answer');
    await world.turn(socket, 'a question', 'an answer');
    expect(world.calls).toHaveLength(2);
    await world.say(socket, { message: 'two words '.repeat(200) });
    expect(socket.last('error')).toMatchObject({ code: 'context_too_long' });
    expect(socket.last('error').message).toMatch(/at most 1,000 .*leave out the oldest/);
    await world.say(socket, { message: 'two words '.repeat(200), trim: true });
    expect(socket.last('message_accepted').dropped_messages).toBeGreaterThan(0);
  });

  it('MAX_OUTPUT_TOKENS caps what each model is asked for', async () => {
    const world = new World({ DEFAULT_MODEL: 'ollama-qwen2.5', MAX_OUTPUT_TOKENS: '3000' });
    const socket = world.connect();
    await world.turn(socket, 'hello', 'x');
    expect(world.call.request.maxTokens).toBe(2_048);
    await world.say(socket, { type: 'model_change', model: 'claude-opus-5-5' });
    await world.say(socket, { message: 'hello' });
    expect(world.call.request.maxTokens).toBe(3_000);
  });

  it('RUN_LIMIT_S ends an answer with limit, keeping what there is', async () => {
    const world = new World({ ...SONNET, RUN_LIMIT_S: '10' });
    const socket = world.connect();
    await world.say(socket, { message: 'hello' });
    await world.call.text('a beginning');
    world.clock.advance(9_999);
    expect(socket.all('message_end')).toEqual([]);
    world.clock.advance(1);
    expect(socket.last('message_end').stop_reason).toBe('limit');
    expect(world.call.signal.aborted).toBe(true);
  });
});
