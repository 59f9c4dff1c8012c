import { describe, expect, it } from 'vitest';
import { settle, World } from '../testing/world.ts';
import { conversationView } from './snapshot.ts';
import { STORE_CHARS } from './stream-buffer.ts';

const writes = (world: World) =>
  world.sql.statements.filter((statement) => /^\s*(INSERT|UPDATE|DELETE)/.test(statement)).length;

describe('deleting a conversation', () => {
  it('of the archive: gone, and everybody is told once', async () => {
    const world = new World();
    const [here, there] = [world.connect(), world.connect()];
    await world.turn(here, 'forget this', 'done');
    const { id } = world.session.conversation;
    await world.say(here, { type: 'reset' });
    expect(world.session.deleteConversation(id)).toBe('deleted');
    for (const socket of [here, there]) {
      expect(socket.all('conversation_deleted')).toEqual([
        { type: 'conversation_deleted', conversation_id: id },
      ]);
    }
    expect(world.connect().last('session').archives).toEqual([]);
    await world.say(here, { type: 'open', conversation_id: id });
    expect(here.last('error')).toMatchObject({ code: 'not_found' });
  });

  it('the current one stays, also with an answer running in it', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { type: 'chat', message: 'hello' });
    const row = world.session.conversation;
    expect(world.session.deleteConversation(row.id)).toBe('current');
    await world.call.text('still here');
    await world.call.finish();
    expect(conversationView(world.sql, row, null)?.messages[1]?.text).toBe('still here');
    expect(socket.all('conversation_deleted')).toEqual([]);
  });

  it('twice, or what never was: unknown, and nobody is told', async () => {
    const world = new World();
    const socket = world.connect();
    await world.turn(socket, 'forget this', 'done');
    const { id } = world.session.conversation;
    await world.say(socket, { type: 'reset' });
    world.session.deleteConversation(id);
    expect(world.session.deleteConversation(id)).toBe('unknown');
    expect(world.session.deleteConversation('never')).toBe('unknown');
    expect(socket.all('conversation_deleted')).toHaveLength(1);
  });

  it('does not stop an answer that runs in another, and its frames go on from where they were', async () => {
    const world = new World();
    const socket = world.connect();
    await world.turn(socket, 'forget this', 'done');
    const { id } = world.session.conversation;
    await world.say(socket, { type: 'reset' });
    await world.say(socket, { type: 'chat', message: 'keep this' });
    await world.call.text('before, ');
    expect(world.session.deleteConversation(id)).toBe('deleted');
    await world.call.text('after');
    await world.call.finish();
    const back = world.connect({ conversation: world.session.conversation.id, after: 0 });
    expect(back.last('session').resumed_after).toBe(0);
    expect(
      back
        .all('text_delta')
        .map((one) => one.text)
        .join(''),
    ).toBe('before, after');
  });

  it('a disk that takes no writes: it is still there as a whole', async () => {
    const world = new World();
    const socket = world.connect();
    await world.turn(socket, 'forget this', 'done');
    const { id } = world.session.conversation;
    await world.say(socket, { type: 'reset' });
    world.sql.failOn = /^DELETE FROM frames/;
    expect(() => world.session.deleteConversation(id)).toThrow();
    world.sql.failOn = null;
    expect(socket.all('conversation_deleted')).toEqual([]);
    await world.say(socket, { type: 'open', conversation_id: id });
    expect(socket.last('conversation_opened').conversation.messages).toHaveLength(2);
  });
});

describe('the end of a session', () => {
  it('the running answer is stopped with its receipt, and nothing is written or said after', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { type: 'chat', message: 'hello' });
    await world.call.text('to be paid');
    world.session.end();
    expect(world.call.signal.aborted).toBe(true);
    expect(socket.last('message_end').stop_reason).toBe('stopped');
    expect(world.events.filter((one) => one.event === 'model_response')).toHaveLength(1);
    const [said, written] = [socket.wire.length, world.sql.statements.length];
    await world.call.text('too late');
    await world.call.finish();
    for (const type of ['reset', 'stop', 'models']) await world.say(socket, { type });
    await world.say(socket, { type: 'chat', message: 'hello?' });
    world.clock.advance(3_600_000);
    await settle();
    expect([socket.wire.length, world.sql.statements.length]).toEqual([said, written]);
    expect(world.calls).toHaveLength(1);
    expect(world.clock.pending).toBe(0);
  });

  const WAITING = [
    { type: 'chat', message: 'hello' },
    { type: 'model_change', model: 'claude-opus-5-5' },
    { type: 'reset' },
    { type: 'open', conversation_id: 'archived' },
  ];
  it.each(WAITING)('a frame that was waiting for a probe does nothing any more: %j', async (frame) => {
    for (const isEmptied of [false, true]) {
      const world = new World();
      const socket = world.connect();
      await world.turn(socket, 'put away', 'done');
      const { id } = world.session.conversation;
      await world.say(socket, { type: 'reset' });
      const text = JSON.stringify(frame).replace('archived', id);
      const handled = world.session.receive(text, socket);
      world.session.end();
      if (isEmptied) world.sql.failOn = /./;
      const before = { said: socket.wire.length, written: writes(world), calls: world.calls.length };
      await handled;
      await settle();
      expect({ said: socket.wire.length, written: writes(world), calls: world.calls.length }).toEqual(before);
      expect(world.events.filter((one) => one.event === 'internal_error')).toEqual([]);
    }
  });

  it('on a disk that takes no writes it ends all the same', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { type: 'chat', message: 'hello' });
    // The last piece is held back to be joined, and makes a chunk full.
    await world.call.text('x', 'y'.repeat(STORE_CHARS - 1));
    world.sql.failOn = /^INSERT INTO frames/;
    world.session.end();
    expect(world.call.signal.aborted).toBe(true);
    expect(world.clock.pending).toBe(0);
  });
});

it('a session says that it is in use when a connection comes, at each frame, and at the end of a run', async () => {
  const world = new World();
  const socket = world.connect();
  expect(world.touches).toBe(1);
  await world.say(socket, { type: 'chat', message: 'hello' });
  expect(world.touches).toBe(2);
  await world.call.text('text alone is no use of it');
  expect(world.touches).toBe(2);
  await world.call.finish();
  expect(world.touches).toBe(3);
  await world.say(socket, 'not a frame');
  expect(world.touches).toBe(4);
});

it('S1 says after how many days a session deletes itself, or that it never does', () => {
  expect(new World().connect().last('session').retention_days).toBe(90);
  expect(new World({ RETENTION_DAYS: '7' }).connect().last('session').retention_days).toBe(7);
  expect(new World({ RETENTION_DAYS: '0' }).connect().last('session').retention_days).toBeNull();
});
