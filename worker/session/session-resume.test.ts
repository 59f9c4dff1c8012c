import { describe, expect, it } from 'vitest';
import { allMessages } from '../archive/messages.ts';
import { aConfig, aSnapshot } from '../models/test-world.ts';
import { type RecordingSocket, seqsOf, upTo, World } from '../testing/world.ts';
import { SEQ_GAP, STORE_MS } from './stream-buffer.ts';

describe('R2 resume, R4 several sockets', () => {
  it('the frames after the cursor come once each, then the live ones', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'q' });
    await world.call.text('one ');
    world.clock.advance(STORE_MS);
    await world.call.text('two ');
    const late = world.connect({ conversation: 'conv-1', after: 1 });
    expect(late.last('session')).toMatchObject({
      resumed_after: 1,
      last_seq: 4,
      conversation: { messages: [] },
      run: { message_id: 'conv-1.2', seq: 1 },
    });
    world.clock.advance(20);
    await world.call.text('three');
    await world.call.finish();
    expect(seqsOf(late.frames)).toEqual(upTo(6, 2));
    expect(late.wire.slice(1)).toEqual(socket.wire.slice(2));
  });

  it('every cursor of a finished conversation resumes to the same text', async () => {
    const world = new World();
    const socket = world.connect();
    await world.turn(socket, 'q1', 'answer 1');
    await world.turn(socket, 'q2', 'answer 2');
    const frames = socket.wire.slice(1);
    for (let after = 0; after <= frames.length; after++) {
      expect(world.connect({ conversation: 'conv-1', after }).wire.slice(1)).toEqual(frames.slice(after));
    }
  });

  it.each([
    ['another conversation', { conversation: 'conv-9', after: 0 }],
    ['a number that was never given out', { conversation: 'conv-1', after: 99 }],
    ['no cursor', null],
  ])('%s: the snapshot is the whole truth, partial text included', async (_, cursor) => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'q' });
    await world.call.text('partial');
    const { resumed_after, conversation, last_seq } = world.connect(cursor).last('session');
    expect(resumed_after).toBeNull();
    expect(last_seq).toBe(3);
    expect(conversation.messages).toMatchObject([{ text: 'q' }, { text: 'partial', status: 'streaming' }]);
  });

  it('"accepted but nothing yet" is a state that a reload shows', async () => {
    const world = new World();
    await world.say(world.connect(), { message: 'q' });
    expect(world.connect().last('session')).toMatchObject({
      run: { message_id: 'conv-1.2', seq: 1 },
      conversation: { messages: [{ role: 'user' }, { role: 'assistant', text: '', status: 'streaming' }] },
    });
  });

  it('all sockets hear the same; a reply to one is heard by one; a dead one hurts nobody', async () => {
    const world = new World();
    const [a, b, dead] = [world.connect(), world.connect(), world.connect()];
    dead.send = () => {
      throw new Error('closed');
    };
    await world.turn(a, 'q', 'answer');
    await world.say(b, { type: 'model_change', model: 'claude-opus-5-5' });
    await world.say(b, { type: 'models' });
    expect(a.wire.slice(1)).toEqual(b.wire.slice(1));
    await world.say(a, 'nonsense');
    expect(a.wire.length).toBe(b.wire.length + 1);
  });

  it('R3: without any socket the answer goes on and is stored', async () => {
    const world = new World();
    await world.say(world.connect(), { message: 'q' });
    world.sockets.clear();
    await world.call.text('all of it');
    await world.call.finish();
    expect(allMessages(world.sql, 'conv-1')[1]).toMatchObject({ text: 'all of it', status: 'complete' });
  });
});

describe('R11 the loss of the process', () => {
  it('what was stored is kept, the run is interrupted, seq jumps, nothing is asked again', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'q' });
    await world.call.push({ type: 'thinking', text: 'hm' });
    world.clock.advance(20);
    await world.call.text('stored ');
    world.clock.advance(STORE_MS);
    await world.call.text('lost');
    const sent = socket.all('text_delta').at(-1)?.seq ?? 0;
    world.restart();
    const back = world.connect({ conversation: 'conv-1', after: sent });
    const { resumed_after, conversation, last_seq, run } = back.last('session');
    expect(resumed_after).toBeNull();
    expect(run).toBeNull();
    expect(last_seq).toBeGreaterThan(sent);
    expect(conversation.messages[1]).toMatchObject({
      text: 'stored ',
      thinking: 'hm',
      status: 'interrupted',
      actual_model: 'claude-haiku-5-5',
    });
    expect(world.calls).toHaveLength(1);
    await world.say(back, { message: 'go on' });
    expect(back.last('message_accepted').seq).toBe(last_seq + 1);
    expect(world.call.request.turns.map((turn) => turn.text)).toEqual(['q', 'stored ', 'go on']);
  });

  it('a client that saw only stored frames is given the snapshot too: there is a gap before the end', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: 'q' });
    world.restart();
    const { resumed_after, last_seq } = world.connect({ conversation: 'conv-1', after: 1 }).last('session');
    expect(resumed_after).toBeNull();
    expect(last_seq).toBe(1 + SEQ_GAP + 1);
  });

  it('a very long answer survives although the ring of frames has been overwritten', async () => {
    const world = new World();
    await world.say(world.connect(), { message: 'q' });
    let text = '';
    for (let i = 0; i < 300; i++) {
      await world.call.text(`piece ${i} `);
      text += `piece ${i} `;
      world.clock.advance(STORE_MS);
    }
    world.restart();
    expect(world.connect().last('session').conversation.messages[1]?.text).toBe(text);
  });

  it('waking twice does not end the run twice', async () => {
    const world = new World();
    await world.say(world.connect(), { message: 'q' });
    world.restart();
    const first = world.connect().last('session').last_seq;
    world.restart();
    expect(world.connect().last('session').last_seq).toBe(first);
  });
});

describe('a disk that takes no writes', () => {
  it.each([
    [
      'the question cannot be stored',
      /^INSERT INTO messages/,
      async (world: World, socket: RecordingSocket) => {
        await world.say(socket, { message: 'q', client_id: 'x' });
        expect(socket.last('error')).toMatchObject({ code: 'internal', client_id: 'x' });
        expect(world.calls).toEqual([]);
      },
    ],
    [
      'the end cannot be stored',
      /^UPDATE messages/,
      async (world: World, socket: RecordingSocket) => {
        await world.say(socket, { message: 'q' });
        await world.call.text('some text');
        await world.call.finish();
      },
    ],
    [
      'frames cannot be stored while it streams',
      /^INSERT INTO frames/,
      async (world: World, socket: RecordingSocket) => {
        world.sql.failOn = null;
        await world.say(socket, { message: 'q' });
        await world.call.text('some text');
        world.sql.failOn = /^INSERT INTO frames/;
        world.clock.advance(STORE_MS);
        expect(world.call.signal.aborted).toBe(true);
      },
    ],
  ] as const)(
    '%s: clients are sent away to come back, and the session goes on',
    async (_, statement, act) => {
      const world = new World();
      const socket = world.connect();
      world.sql.failOn = statement;
      await act(world, socket);
      expect(socket.closed).toBe(1011);
      expect(world.clock.pending).toBe(0);
      world.sql.failOn = null;
      world.restart();
      world.sockets.clear();
      const back = world.connect();
      expect(back.last('session').run).toBeNull();
      await world.turn(back, 'again', 'fine');
      expect(back.last('message_end').stop_reason).toBe('end_turn');
      const messages = allMessages(world.sql, 'conv-1');
      expect(messages.map((one) => one.id)).toEqual(messages.map((_, i) => `conv-1.${i + 1}`));
      expect(messages.every((one) => one.status !== 'streaming')).toBe(true);
    },
  );
});

it('R1: what a finished run still says is not heard in the next one', async () => {
  const world = new World();
  const socket = world.connect();
  await world.say(socket, { message: 'one' });
  const first = world.call;
  await first.text('a');
  await first.push({ type: 'end', stop: 'end_turn' });
  await world.say(socket, { message: 'two' });
  await first.push({ type: 'text', text: 'LATE' }, { type: 'end', stop: 'end_turn' });
  await world.call.text('b');
  await world.call.finish();
  expect(socket.all('text_delta').map((one) => one.text)).toEqual(['a', 'b']);
  expect(socket.all('message_end').map((one) => one.message_id)).toEqual(['conv-1.2', 'conv-1.4']);
});

it('R3: coming back does not end an answer whose model has just gone', async () => {
  const world = new World();
  const socket = world.connect();
  await world.say(socket, { type: 'model_change', model: 'claude-haiku-4-5' });
  await world.say(socket, { message: 'q' });
  await world.call.text('half ');
  const live_models = [{ id: 'claude-haiku-4-5-20251001', lifecycle: 'retired', retires_at: null } as const];
  world.health = aSnapshot(aConfig(), { live_models: [...live_models] });
  expect(world.connect().last('session').run).not.toBeNull();
  expect(world.call.signal.aborted).toBe(false);
  await world.call.finish();
  expect(socket.last('message_end').stop_reason).toBe('end_turn');
  expect(world.connect().last('model_changed')).toMatchObject({ old_model: 'claude-haiku-4-5' });
});
