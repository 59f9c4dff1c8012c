import { describe, expect, it } from 'vitest';
import { allMessages } from '../archive/messages.ts';
import { findParked, listAudit, saveParked } from '../archive/tools.ts';
import { aTool, type RecordingSocket, seqsOf, upTo, World } from '../testing/world.ts';

const WRITE = aTool('update_object', { readOnly: false });
const write = { name: 'update_object', args: { id: 7 }, id: 'w' };

/** An answer on one model that has just asked for these calls. */
async function asked(uses: Parameters<World['call']['tools']>, vars: Record<string, string> = {}) {
  const world = new World({ DEFAULT_MODEL: 'claude-sonnet-5-5', ...vars });
  world.tools = [aTool('get_objects'), WRITE];
  const socket = world.connect();
  await world.say(socket, { message: 'rename it' });
  await world.call.tools(...uses);
  return { world, socket };
}

const kinds = (socket: RecordingSocket) => socket.frames.map((one) => one.type).slice(1);

const allow = { type: 'tool_decision', call_id: 'w', allow: true };
const deny = { type: 'tool_decision', call_id: 'w', allow: false };

describe('C6', () => {
  it('S5: what is not read-only asks, and waits without keeping the object awake', async () => {
    const { world, socket } = await asked([write]);
    expect(socket.last('tool_request')).toMatchObject({
      call_id: 'w',
      name: 'update_object',
      server: 'netbox',
      arguments: { id: 7 },
    });
    expect(world.toolCalls).toEqual([]);
    expect(world.clock.pending).toBe(0);
    expect(socket.all('message_end')).toEqual([]);
  });

  it('allowed: the call is made and the answer goes on', async () => {
    const { world, socket } = await asked([write]);
    await world.say(socket, allow);
    await world.toolCall.answer('changed');
    await world.call.text('Done.');
    await world.call.finish();
    expect(kinds(socket)).toEqual([
      'message_accepted',
      'message_start',
      'tool_request',
      'tool_call',
      'tool_result',
      'text_delta',
      'message_end',
    ]);
    expect(seqsOf(socket.frames)).toEqual(upTo(7));
    expect(findParked(world.sql, 'conv-1')).toBeNull();
    expect(listAudit(world.sql, 1)).toMatchObject([
      { tool: 'update_object', decided_by: 'person', ok: true },
    ]);
  });

  it('denied: nothing is called, the model is told so and goes on', async () => {
    const { world, socket } = await asked([write]);
    await world.say(socket, deny);
    expect(world.toolCalls).toEqual([]);
    expect(socket.last('tool_result')).toMatchObject({ call_id: 'w', ok: false });
    expect(world.call.request.rounds?.[0]?.results).toMatchObject([{ id: 'w', ok: false }]);
    expect(listAudit(world.sql, 1)).toMatchObject([{ decided_by: 'denied', ok: false }]);
  });

  it('can be given after the loss of the process, a day later, from another device; nothing is lost or sent twice', async () => {
    const { world, socket } = await asked([write]);
    const seen = socket.frames.length - 1;
    world.clock.advance(2_000);
    world.restart();
    world.clock.advance(86_400_000);
    const other = world.connect({ conversation: 'conv-1', after: seen });
    expect(other.last('session')).toMatchObject({ resumed_after: seen, run: { message_id: 'conv-1.2' } });
    const fresh = world.connect();
    expect(fresh.last('session').conversation.messages[1]).toMatchObject({
      status: 'streaming',
      tools: [{ call_id: 'w', state: 'waiting', arguments: { id: 7 } }],
    });
    expect(world.calls).toHaveLength(1);
    await world.say(other, allow);
    await world.toolCall.answer('changed');
    expect(world.call.request).toMatchObject({
      turns: [{ role: 'user', text: 'rename it' }],
      rounds: [{ echo: [{ signature: 'kept' }], results: [{ id: 'w', ok: true }] }],
    });
    await world.call.text('Done.');
    await world.call.finish();
    expect(seqsOf(other.frames)).toEqual(upTo(7, seen + 1));
    expect(other.last('message_end')).toMatchObject({ stop_reason: 'end_turn', usage: { input_tokens: 20 } });
  });

  it('two tabs answer the same request: the first counts, the second is told that nothing waits', async () => {
    const { world, socket } = await asked([write]);
    const other = world.connect();
    await world.say(socket, allow);
    await world.say(other, deny);
    expect(other.last('error').code).toBe('not_found');
    expect(world.toolCalls).toHaveLength(1);
  });

  it('a deny wins over an allow while other calls of the round wait', async () => {
    const { world, socket } = await asked([write, { ...write, id: 'v', args: { id: 8 } }]);
    await world.say(socket, allow);
    await world.say(socket, deny);
    await world.say(socket, allow);
    await world.say(socket, { type: 'tool_decision', call_id: 'v', allow: true });
    expect(world.toolCalls.map(({ args }) => args)).toEqual([{ id: 8 }]);
    expect(socket.all('tool_result')).toMatchObject([{ call_id: 'w', ok: false }]);
  });

  it('what only reads runs while the other call waits', async () => {
    const { world, socket } = await asked([{ name: 'get_objects', id: 'r' }, write]);
    expect(world.toolCalls.map(({ tool }) => tool.name)).toEqual(['get_objects']);
    await world.toolCall.answer('found');
    world.restart();
    await world.say(socket, allow);
    await world.toolCall.answer('changed');
    expect(world.toolCalls).toHaveLength(2);
    const results = world.call.request.rounds?.[0]?.results.map(({ id, ok }) => [id, ok]);
    expect(results).toEqual([
      ['r', true],
      ['w', true],
    ]);
  });

  it('remembered for the conversation: the tool asks no more, in another one it does', async () => {
    const { world, socket } = await asked([write]);
    await world.say(socket, { ...allow, remember: true });
    await world.toolCall.answer('changed');
    await world.call.tools({ ...write, id: 'w2', args: { id: 9 } });
    expect(world.toolCalls).toHaveLength(2);
    await world.toolCall.answer('changed');
    await world.call.finish();
    await world.say(socket, { type: 'reset' });
    await world.say(socket, { message: 'again' });
    await world.call.tools({ ...write, id: 'w3' });
    expect(world.toolCalls).toHaveLength(2);
    expect(socket.last('tool_request').call_id).toBe('w3');
  });

  it('a remembered deny stands', async () => {
    const { world, socket } = await asked([write]);
    await world.say(socket, { ...deny, remember: true });
    await world.call.tools({ ...write, id: 'w2', args: { id: 9 } });
    expect(world.toolCalls).toEqual([]);
    expect(socket.all('tool_request')).toHaveLength(1);
  });

  it('C4, C2: a stop or a switch ends what waits, for good', async () => {
    for (const frame of [{ type: 'stop' }, { type: 'model_change', model: 'claude-opus-5-5' }]) {
      const { world, socket } = await asked([write]);
      await world.say(socket, frame);
      expect(socket.last('message_end')).toMatchObject({ stop_reason: 'stopped' });
      expect(findParked(world.sql, 'conv-1')).toBeNull();
      await world.say(socket, allow);
      expect(socket.last('error').code).toBe('not_found');
      expect(world.toolCalls).toEqual([]);
    }
  });

  it('R7: a message meanwhile is busy', async () => {
    const { world, socket } = await asked([write]);
    world.restart();
    await world.say(socket, { message: 'hello?' });
    expect(socket.last('error').code).toBe('busy');
  });

  it('an upstream that fails when the answer goes on ends it with words', async () => {
    const { world, socket } = await asked([write]);
    await world.say(socket, allow);
    await world.toolCall.answer('changed');
    await world.call.fail('transient', { status: 529 });
    expect(socket.all('fallback')).toEqual([]);
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'error', error_code: 'upstream_error' });
    await world.turn(socket, 'next', 'ok');
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'end_turn' });
  });

  it('a model that was taken away meanwhile ends the answer with words', async () => {
    const { world, socket } = await asked([write], { DEFAULT_MODEL: 'auto' });
    const model = world.call.entry.id;
    world.restart({ MODELS: JSON.stringify([{ id: model, enabled: false }]) });
    await world.say(socket, allow);
    expect(socket.last('message_end')).toMatchObject({
      stop_reason: 'error',
      error_code: 'model_unavailable',
    });
    await world.turn(socket, 'next', 'ok');
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'end_turn' });
  });
});

describe('C6 while another call of the round is still running', () => {
  const both = [{ name: 'get_objects', id: 'r' }, write];

  it('an allow is heard, and its call is made without anything being stored away', async () => {
    const { world, socket } = await asked(both);
    await world.say(socket, allow);
    expect(socket.all('error')).toEqual([]);
    await world.toolCalls[0]?.answer('found');
    expect(world.toolCalls.map(({ tool }) => tool.name)).toEqual(['get_objects', 'update_object']);
    expect(findParked(world.sql, 'conv-1')).toBeNull();
    await world.toolCall.answer('changed');
    expect(world.call.request.rounds?.[0]?.results).toMatchObject([
      { id: 'r', ok: true },
      { id: 'w', ok: true },
    ]);
    await world.call.finish();
    expect(seqsOf(socket.frames)).toEqual(upTo(8));
  });

  it('a deny takes the place of the allow until the call is made, and not after that', async () => {
    const denied = await asked(both);
    await denied.world.say(denied.socket, allow);
    await denied.world.say(denied.socket, deny);
    await denied.world.toolCalls[0]?.answer('found');
    expect(denied.world.toolCalls).toHaveLength(1);
    expect(denied.socket.last('tool_result')).toMatchObject({ call_id: 'w', ok: false });

    const late = await asked(both);
    await late.world.say(late.socket, allow);
    await late.world.toolCalls[0]?.answer('found');
    await late.world.say(late.socket, deny);
    expect(late.socket.last('error').code).toBe('not_found');
    await late.world.toolCall.answer('changed');
    expect(late.socket.last('tool_result')).toMatchObject({ call_id: 'w', ok: true });
  });

  it('what runs cannot be decided about', async () => {
    const { world, socket } = await asked(both);
    await world.say(socket, { type: 'tool_decision', call_id: 'r', allow: false });
    expect(socket.last('error').code).toBe('not_found');
  });
});

describe('a decision that is remembered', () => {
  it('S5, R1: a call that it denies is announced like every other, and is in the archive and in the next prompt', async () => {
    const { world, socket } = await asked([write]);
    await world.say(socket, { ...deny, remember: true });
    await world.call.tools({ ...write, id: 'w2', args: { id: 9 } });
    expect(socket.last('tool_call')).toMatchObject({ call_id: 'w2', arguments: { id: 9 } });
    expect(socket.last('tool_result')).toMatchObject({ call_id: 'w2', ok: false });
    await world.call.text('I may not.');
    await world.call.finish();
    const [, answer] = allMessages(world.sql, 'conv-1');
    expect(answer).toMatchObject({
      tools: [
        { call_id: 'w', ok: false },
        { call_id: 'w2', ok: false, arguments: { id: 9 } },
      ],
    });
    await world.say(socket, { message: 'why?' });
    expect(world.call.request.turns[1]?.rounds).toHaveLength(2);
  });

  it('is of the tool of that server, not of another tool by the same name', async () => {
    const { world, socket } = await asked([write]);
    await world.say(socket, { ...allow, remember: true });
    await world.toolCall.answer('changed');
    await world.call.finish();
    world.toolServers.push(...world.toolServers.map((one) => ({ ...one, name: 'lab' })));
    world.tools = [aTool('update_object', { readOnly: false, server: 'lab' })];
    await world.say(socket, { message: 'once more' });
    await world.call.tools({ ...write, id: 'w2' });
    expect(world.toolCalls).toHaveLength(1);
    expect(socket.last('tool_request')).toMatchObject({ call_id: 'w2', server: 'lab' });
  });
});

describe('what goes on after a decision', () => {
  it('R13: sends the very same turns, however much the tools take of what this server sends', async () => {
    // The tools were not known yet when the question was accepted, and now they count.
    const world = new World({ DEFAULT_MODEL: 'claude-sonnet-5-5', MAX_HISTORY_TOKENS: '1000' });
    const socket = world.connect();
    await world.turn(socket, 'the first question', 'the first answer');
    world.restart();
    world.tools = [{ ...WRITE, description: 'a long description '.repeat(200) }];
    await world.say(socket, { message: 'rename it' });
    const { turns } = world.call.request;
    await world.call.tools(write);
    world.restart();
    await world.say(socket, allow);
    await world.toolCall.answer('changed');
    expect(world.call.request.turns).toEqual(turns);
    expect(turns).toHaveLength(3);
  });

  it('R13: leaves out what was left out before', async () => {
    const world = new World({ DEFAULT_MODEL: 'claude-sonnet-5-5', MAX_HISTORY_TOKENS: '1000' });
    const socket = world.connect();
    world.tools = [WRITE];
    for (const one of ['one', 'two']) await world.turn(socket, `${one} ${'x'.repeat(600)}`, 'x'.repeat(400));
    await world.say(socket, { message: `three ${'x'.repeat(800)}`, trim: true });
    await world.call.text('x'.repeat(1_200));
    await world.call.finish();
    await world.say(socket, { message: 'rename it', trim: true });
    expect(socket.last('message_accepted').dropped_messages).toBeGreaterThan(0);
    const { turns } = world.call.request;
    await world.call.tools(write);
    world.restart({ MAX_HISTORY_TOKENS: '100000' });
    await world.say(socket, allow);
    await world.toolCall.answer('changed');
    expect(world.call.request.turns).toEqual(turns);
  });

  it('a server whose tools were set to ask meanwhile is asked for', async () => {
    const { world, socket } = await asked([write]);
    const [netbox] = world.toolServers.splice(0);
    if (netbox !== undefined) world.toolServers.push({ ...netbox, mode: 'ask' });
    world.restart();
    await world.say(socket, allow);
    await world.toolCall.answer('changed');
    await world.call.tools({ name: 'get_objects', id: 'r' });
    expect(world.toolCalls).toHaveLength(1);
    expect(socket.last('tool_request')).toMatchObject({ call_id: 'r' });
  });

  it('a disk that takes no writes leaves it waiting, and the decision can be sent again', async () => {
    const { world, socket } = await asked([write]);
    world.sql.failOn = /^DELETE FROM parked_run/;
    await world.say(socket, allow);
    world.sql.failOn = null;
    expect(socket.last('error').code).toBe('internal');
    await world.say(socket, allow);
    await world.toolCall.answer('changed');
    await world.call.finish();
    expect(socket.last('message_end').stop_reason).toBe('end_turn');
  });

  it('what cannot be put on disk before it is made is not made', async () => {
    const { world, socket } = await asked([write]);
    world.clock.advance(2_000);
    world.sql.failOn = /^INSERT INTO frames/;
    await world.say(socket, allow);
    world.sql.failOn = null;
    expect(world.toolCalls).toEqual([]);
    expect(socket.closed).toBe(1011);
  });

  it('what another version has put aside and this one cannot read is interrupted, and the session lives', async () => {
    for (const state of ['{"not": "ours"}', 'no JSON']) {
      const { world } = await asked([write]);
      saveParked(world.sql, { conversation: 'conv-1', position: 2, state });
      world.restart();
      const socket = world.connect();
      expect(socket.last('session').conversation.messages[1]).toMatchObject({ status: 'interrupted' });
      await world.turn(socket, 'next', 'ok');
      expect(socket.last('message_end').stop_reason).toBe('end_turn');
    }
  });

  it('a conversation that is deleted takes with it what was put aside', async () => {
    const { world, socket } = await asked([write]);
    await world.say(socket, { type: 'reset' });
    saveParked(world.sql, { conversation: 'conv-1', position: 2, state: '{}' });
    world.session.deleteConversation('conv-1');
    expect(findParked(world.sql, 'conv-1')).toBeNull();
  });
});

describe('the audit', () => {
  it('has a call that was stopped in the middle: whether it took effect is not known', async () => {
    const { world, socket } = await asked([write]);
    await world.say(socket, allow);
    await world.say(socket, { type: 'stop' });
    await world.toolCall.answer('too late');
    expect(listAudit(world.sql, 9)).toMatchObject([
      { call_id: 'w', tool: 'update_object', decided_by: 'person', ok: null, result_chars: 0 },
    ]);
  });

  it('has a call that waited when its answer was stopped: it was not made', async () => {
    const { world, socket } = await asked([write]);
    world.restart();
    await world.say(socket, { type: 'stop' });
    expect(listAudit(world.sql, 9)).toMatchObject([
      { call_id: 'w', tool: 'update_object', server: 'netbox', decided_by: 'answer_ended', ok: false },
    ]);
  });

  it('R11: has a call that ran when the process was lost', async () => {
    const { world, socket } = await asked([write]);
    await world.say(socket, allow);
    world.restart();
    expect(listAudit(world.sql, 9)).toMatchObject([
      { call_id: 'w', tool: 'update_object', server: 'netbox', arguments: '{"id":7}', ok: null },
    ]);
  });
});

it('what is open at the servers of tools is let go of when an answer waits, is stopped, or ends', async () => {
  const { world, socket } = await asked([write]);
  expect(world.toolsClosed).toBe(1);
  await world.say(socket, allow);
  await world.say(socket, { type: 'stop' });
  expect(world.toolsClosed).toBe(2);
  await world.turn(socket, 'next', 'ok');
  expect(world.toolsClosed).toBe(3);
});
