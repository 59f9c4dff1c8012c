import { describe, expect, it } from 'vitest';
import { allMessages } from '../archive/messages.ts';
import { aConfig, aSnapshot } from '../models/test-world.ts';
import { type RecordingSocket, settle, World } from '../testing/world.ts';
import { ANSWER_CHARS } from './answer-stream.ts';
import { SEQ_GAP, STORE_CHARS, STORE_MS } from './stream-buffer.ts';

const seqsOf = (frames: object[]) =>
  frames.flatMap((frame) => ('seq' in frame && typeof frame.seq === 'number' ? [frame.seq] : []));
const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => from + i);

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

it('S6: the home model costs nothing, also where it does not count', async () => {
  const world = new World({ DEFAULT_MODEL: 'ollama-qwen2.5' });
  const socket = world.connect();
  await world.say(socket, { message: 'q' });
  await world.call.text('a');
  await world.call.push({ type: 'end', stop: 'end_turn' });
  expect(socket.last('message_end')).toMatchObject({ usage: null, cost_usd: 0 });
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
    [{ type: 'redo', message_id: 'conv-1.2' }, 'bad_frame'],
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
