import { describe, expect, it } from 'vitest';
import { allMessages } from '../archive/messages.ts';
import { aConfig, aSnapshot } from '../models/test-world.ts';
import { settle, World } from '../testing/world.ts';

describe('R9 fallback', () => {
  it('Claude: announced before anything is sent to the other model', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { type: 'model_change', model: 'claude-sonnet-5-5' });
    await world.say(socket, { message: 'q' });
    await world.call.fail('transient', { status: 529 });
    expect(socket.last('fallback')).toMatchObject({
      requested_model: 'claude-sonnet-5-5',
      actual_model: 'claude-haiku-5-5',
    });
    expect(world.calls.map((call) => call.entry.id)).toEqual(['claude-sonnet-5-5', 'claude-haiku-5-5']);
    await world.call.text('ok');
    await world.call.finish();
    expect(socket.last('message_start')).toMatchObject({
      model: 'claude-sonnet-5-5',
      actual_model: 'claude-haiku-5-5',
    });
    expect(allMessages(world.sql, 'conv-2')[1]).toMatchObject({
      requested_model: 'claude-sonnet-5-5',
      actual_model: 'claude-haiku-5-5',
    });
    expect(world.events.filter((one) => one.event === 'model_error')).toMatchObject([
      { fallback_used: true, fallback_model: 'claude-haiku-5-5' },
    ]);
  });

  it('once: a fallback that fails too is the end', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'Write a plan for a migration' });
    await world.call.fail('transient');
    await world.call.fail('transient', { timedOut: true });
    expect(world.calls).toHaveLength(2);
    expect(socket.last('error')).toMatchObject({ code: 'upstream_timeout', message_id: 'conv-1.2' });
    expect(socket.last('message_end')).toMatchObject({
      stop_reason: 'error',
      error_code: 'upstream_timeout',
      usage: null,
      actual_model: null,
    });
  });

  it('after the first output nothing is switched, and the partial text is kept', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'q' });
    await world.call.text('half an ');
    await world.call.fail('transient');
    expect(world.calls).toHaveLength(1);
    expect(socket.all('fallback')).toEqual([]);
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'error', error_code: 'upstream_error' });
    expect(allMessages(world.sql, 'conv-1')[1]).toMatchObject({ text: 'half an ', status: 'error' });
  });

  it('home: to automatic Claude, with this conversation alone', async () => {
    const world = new World();
    const socket = world.connect();
    await world.turn(socket, 'cloud talk', 'x');
    await world.say(socket, { type: 'model_change', model: 'ollama-qwen2.5' });
    await world.say(socket, { message: 'hi' });
    await world.call.fail('auth', { status: 401 });
    expect(world.call.entry.id).toBe('claude-haiku-5-5');
    expect(world.call.request.turns).toEqual([{ role: 'user', text: 'hi' }]);
    expect(socket.last('fallback')).toMatchObject({
      requested_model: 'ollama-qwen2.5',
      actual_model: 'claude-haiku-5-5',
    });
  });

  it('R14: LOCAL_FALLBACK=off keeps a home conversation at home', async () => {
    const world = new World({ LOCAL_FALLBACK: 'off', DEFAULT_MODEL: 'ollama-qwen2.5' });
    const socket = world.connect();
    await world.say(socket, { message: 'private' });
    await world.call.fail('transient', { status: 502 });
    expect(world.calls.map((call) => call.entry.id)).toEqual(['ollama-qwen2.5']);
    expect(socket.last('error')).toMatchObject({ code: 'model_unavailable' });
    expect(socket.last('message_end')).toMatchObject({
      stop_reason: 'error',
      error_code: 'model_unavailable',
    });
  });

  it('a refusal is told as one and is not sent upstream again', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'bad' });
    await world.call.push({ type: 'end', stop: 'refused' });
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'refused', error_code: 'refused' });
    await world.turn(socket, 'good', 'fine');
    expect(world.call.request.turns.every((turn) => turn.role === 'user')).toBe(true);
  });

  it('every S2 has exactly one S6, whatever the upstream does', async () => {
    const world = new World();
    const socket = world.connect();
    const ends: ((call: World['call']) => Promise<void>)[] = [
      (call) => call.fail('bad_request'),
      (call) => call.fail('context_too_long'),
      (call) => call.fail('auth'),
      (call) => call.push(new Error('a fault of ours')),
      (call) => call.push({ type: 'end', stop: 'max_tokens' }),
    ];
    for (const end of ends) {
      await world.say(socket, { message: 'q' });
      await end(world.call);
      await settle();
    }
    expect(socket.all('message_end').map((one) => one.message_id)).toEqual(
      socket.all('message_accepted').map((one) => one.reply_id),
    );
    expect(socket.all('message_end').map((one) => one.error_code)).toEqual([
      'upstream_error',
      'context_too_long',
      'upstream_error',
      'internal',
      null,
    ]);
  });
});

it('R9: a faulty FALLBACK_MODEL means the default, a retired one its successor', async () => {
  const instead = async (setting: string) => {
    const world = new World({ FALLBACK_MODEL: setting, DEFAULT_MODEL: 'claude-sonnet-5-5' });
    await world.say(world.connect(), { message: 'q' });
    await world.call.fail('transient');
    return world.call.entry.id;
  };
  expect(await instead('nonsense')).toBe('claude-haiku-5-5');
  expect(await instead('claude-opus-4')).toBe('claude-opus-5-5');
});

it('R13: what the upstream itself finds too long is told with figures, and trim leaves out more each time', async () => {
  const world = new World();
  const socket = world.connect();
  await world.turn(socket, 'first '.repeat(50), 'a');
  await world.turn(socket, 'second '.repeat(50), 'b');
  await world.say(socket, { message: 'q' });
  await world.call.fail('context_too_long', { status: 400 });
  expect(socket.last('error').message).toMatch(/about \d+ tokens.*takes 1,000,000/);
  await world.say(socket, { message: 'q', trim: true });
  expect(socket.last('message_accepted').dropped_messages).toBeGreaterThan(0);
  expect(world.call.request.turns.at(-1)).toEqual({ role: 'user', text: 'q' });
});

describe('C7 models', () => {
  it('tells everybody the list, and makes a home model load that is not in memory', async () => {
    const world = new World();
    const [a, b] = [world.connect(), world.connect()];
    const config = aConfig();
    world.health = aSnapshot(config, {
      config_hash: config.hash,
      home_model: { state: 'cold', reason: null },
    });
    await world.say(a, { type: 'models' });
    expect(b.last('models').models.find((one) => one.id === 'ollama-qwen2.5')).toMatchObject({
      home_state: 'cold',
    });
    expect(world.warmed).toEqual(['ollama-qwen2.5']);
    world.health = aSnapshot(config);
    await world.say(a, { type: 'models' });
    expect(world.warmed).toHaveLength(1);
  });
});

describe('R6 models that are gone, R10', () => {
  it('a returning session whose model is disabled goes on with Automatic, and says so after S1', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { type: 'model_change', model: 'claude-haiku-4-5' });
    await world.turn(socket, 'q', 'a');
    world.sockets.clear();
    world.restart({ MODELS: '[{"id":"claude-haiku-4-5","enabled":false}]' });
    const back = world.connect();
    expect(back.frames.map((one) => one.type)).toEqual(['session', 'model_changed']);
    expect(back.last('session')).toMatchObject({
      model: 'auto',
      conversation: { messages: [] },
      archives: [{ model: 'claude-haiku-4-5' }],
    });
    expect(back.last('model_changed')).toMatchObject({
      old_model: 'claude-haiku-4-5',
      new_model: 'auto',
      archived_message_count: 2,
      replaced: { requested: 'claude-haiku-4-5' },
    });
  });

  it('a default that is retired starts on its successor', () => {
    const world = new World({ DEFAULT_MODEL: 'claude-opus-4' });
    const socket = world.connect();
    expect(socket.last('session').model).toBe('claude-opus-5-5');
    expect(socket.last('model_changed')).toMatchObject({
      new_model: 'claude-opus-5-5',
      replaced: { requested: 'claude-opus-4' },
    });
    expect(world.connect().all('model_changed')).toEqual([]);
  });

  it('a model that retires while the page is open: the message is refused, the next conversation is on the successor', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { type: 'model_change', model: 'claude-sonnet-4-5' });
    await world.turn(socket, 'before', 'a');
    world.clock.advance(9 * 24 * 3_600_000);
    await world.say(socket, { message: 'after', client_id: 'x' });
    expect(socket.last('model_changed')).toMatchObject({
      new_model: 'claude-sonnet-5-5',
      replaced: { requested: 'claude-sonnet-4-5' },
    });
    expect(socket.last('error')).toMatchObject({ code: 'model_unavailable', client_id: 'x' });
    expect(world.calls).toHaveLength(1);
    await world.say(socket, { message: 'after', client_id: 'x' });
    expect(world.call.entry.id).toBe('claude-sonnet-5-5');
  });

  it('R10: with selection switched off a session bound elsewhere goes on with the default', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { type: 'model_change', model: 'claude-opus-5-5' });
    world.sockets.clear();
    world.restart({ ENABLE_MODEL_SELECTION: 'false' });
    const back = world.connect();
    expect(back.last('session').model).toBe('auto');
    expect(back.last('model_changed')).toMatchObject({ replaced: { requested: 'claude-opus-5-5' } });
    await world.say(back, { type: 'model_change', model: 'claude-opus-5-5' });
    expect(back.last('error').code).toBe('model_selection_disabled');
  });
});

it('S10: after an upstream has failed everybody is told how the models are now', async () => {
  const world = new World({ DEFAULT_MODEL: 'ollama-qwen2.5' });
  const [a, b] = [world.connect(), world.connect()];
  await world.say(a, { message: 'q' });
  const home_model = { state: 'tunnel_down', reason: 'The tunnel to LiteLLM is not connected.' } as const;
  world.health = aSnapshot(aConfig(), { home_model });
  await world.call.fail('transient', { status: 530 });
  await world.call.text('from the cloud');
  await world.call.finish();
  await settle();
  for (const socket of [a, b]) {
    const home = socket.last('models').models.find((one) => one.id === 'ollama-qwen2.5');
    expect(home).toMatchObject({ status: 'unavailable', reason: home_model.reason });
  }
});

it('S10: an answer that went well asks nothing about health', async () => {
  const world = new World();
  const socket = world.connect();
  await world.turn(socket, 'q', 'a');
  expect(socket.all('models')).toEqual([]);
});
