import { describe, expect, it } from 'vitest';
import { allMessages } from '../archive/messages.ts';
import { listAudit } from '../archive/tools.ts';
import { aTool, type RecordingSocket, seqsOf, upTo, World } from '../testing/world.ts';

/** A session with one tool that only reads and one that writes, in the middle of an answer. */
async function asking(question = 'which devices are in DC14?', vars: Record<string, string> = {}) {
  const world = new World(vars);
  world.tools = [aTool('get_objects'), aTool('update_object', { readOnly: false })];
  const socket = world.connect();
  await world.say(socket, { message: question });
  return { world, socket };
}

const kinds = (socket: RecordingSocket) => socket.frames.map((one) => one.type).slice(1);

describe('the loop', () => {
  it('offers the tools, makes the calls, and asks again with the results until the model answers', async () => {
    const { world, socket } = await asking();
    expect(world.call.request.tools?.map(({ name }) => name)).toEqual(['get_objects', 'update_object']);
    await world.call.text('Let me look.');
    await world.call.tools({ name: 'get_objects', args: { site: 'dc14' } });
    expect(world.toolCall).toMatchObject({ tool: { name: 'get_objects' }, args: { site: 'dc14' } });
    await world.toolCall.answer('[{"name":"core-1"}]');
    expect(world.calls).toHaveLength(2);
    const [round] = world.call.request.rounds ?? [];
    expect(round).toMatchObject({
      text: 'Let me look.',
      calls: [{ id: 'call-1', name: 'get_objects', arguments: { site: 'dc14' } }],
      results: [{ id: 'call-1', ok: true }],
      echo: [{ signature: 'kept' }],
    });
    expect(round?.results[0]?.content).toContain('core-1');
    await world.call.text('core-1.');
    await world.call.finish();
    expect(kinds(socket)).toEqual([
      'message_accepted',
      'message_start',
      'text_delta',
      'tool_call',
      'tool_result',
      'text_delta',
      'message_end',
    ]);
    expect(seqsOf(socket.frames)).toEqual(upTo(7));
    expect(socket.last('tool_result')).toMatchObject({
      ok: true,
      content: '[{"name":"core-1"}]',
      duration_ms: 7,
    });
    const [, answer] = allMessages(world.sql, 'conv-1');
    expect(answer).toMatchObject({
      text: 'Let me look.\n\ncore-1.',
      status: 'complete',
      tools: [{ call_id: 'call-1', name: 'get_objects', ok: true, state: 'done', round: 1, at: 12 }],
    });
  });

  it('adds up what all calls of the upstream took', async () => {
    const { world, socket } = await asking();
    await world.call.tools({ name: 'get_objects' });
    await world.toolCall.answer('[]');
    await world.call.text('none');
    await world.call.finish();
    const { usage, cost_usd } = socket.last('message_end');
    expect(usage).toMatchObject({ input_tokens: 20, output_tokens: 10 });
    const id = socket.last('message_end').actual_model;
    const rate = id === 'claude-haiku-5-5' ? [0.1, 0.5] : [2, 10];
    expect(cost_usd).toBeCloseTo((20 * (rate[0] ?? 0) + 10 * (rate[1] ?? 0)) / 1e6, 12);
  });

  it('makes several calls of a round at once, and an error is a result that the model can react to', async () => {
    const { world, socket } = await asking();
    await world.call.tools(
      { name: 'get_objects', args: { a: 1 }, id: 'x' },
      { name: 'get_objects', args: { a: 2 }, id: 'y' },
    );
    expect(world.toolCalls).toHaveLength(2);
    await world.toolCalls[1]?.answer('broken', false);
    expect(world.calls).toHaveLength(1);
    await world.toolCalls[0]?.answer('fine');
    expect(world.call.request.rounds?.[0]?.results).toMatchObject([
      { id: 'x', ok: true },
      { id: 'y', ok: false },
    ]);
    expect(socket.all('tool_result').map(({ call_id }) => call_id)).toEqual(['y', 'x']);
  });

  it('a tool that is not offered, or arguments that are no object, get an error and reach nobody', async () => {
    const { world, socket } = await asking();
    await world.call.tools(
      { name: 'delete_everything', id: 'a' },
      { name: 'get_objects', raw: '{"si', id: 'b' },
    );
    expect(world.toolCalls).toEqual([]);
    expect(socket.all('tool_result')).toMatchObject([{ ok: false }, { ok: false }]);
    expect(socket.all('tool_result')[0]?.content).toContain('get_objects');
    expect(world.calls).toHaveLength(2);
    expect(listAudit(world.sql, 9).map((row) => row.decided_by)).toEqual(['malformed', 'not_offered']);
  });

  it('the same call for ever is answered with an error, and then ends the answer', async () => {
    const { world, socket } = await asking();
    for (let i = 0; i < 5; i++) {
      await world.call.tools({ name: 'get_objects', args: { q: 1 }, id: `c${i}` });
      if (i < 2) await world.toolCall.answer('nothing');
    }
    expect(world.toolCalls).toHaveLength(2);
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'limit' });
  });

  it('after its rounds a model has to answer: no further call is made', async () => {
    const { world, socket } = await asking('devices?', { TOOL_ROUNDS: '2' });
    for (let i = 0; i < 2; i++) {
      expect(world.call.request.toolChoice).toBe('auto');
      await world.call.tools({ name: 'get_objects', args: { i } });
      await world.toolCall.answer('…');
    }
    expect(world.call.request.toolChoice).toBe('none');
    await world.call.tools({ name: 'get_objects', args: { i: 9 } });
    expect(world.toolCalls).toHaveLength(2);
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'limit' });
  });

  it('R9: after a call of a tool nothing is switched any more', async () => {
    const { world, socket } = await asking();
    await world.call.tools({ name: 'get_objects' });
    await world.toolCall.answer('…');
    await world.call.fail('transient', { status: 529 });
    expect(socket.all('fallback')).toEqual([]);
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'error', error_code: 'upstream_error' });
  });

  it('C4: a stop in the middle of a call aborts it, and nothing is heard of it any more', async () => {
    const { world, socket } = await asking();
    await world.call.tools({ name: 'get_objects' });
    await world.say(socket, { type: 'stop' });
    expect(world.toolCall.signal.aborted).toBe(true);
    await world.toolCall.answer('too late');
    expect(socket.all('tool_result')).toEqual([]);
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'stopped' });
    const [, answer] = allMessages(world.sql, 'conv-1');
    expect(answer).toMatchObject({ status: 'stopped', tools: [{ state: 'done', ok: false }] });
  });

  it('what was found goes up with the next question, without thinking', async () => {
    const { world, socket } = await asking();
    await world.call.text('Looking.');
    await world.call.tools({ name: 'get_objects', args: { site: 'dc14' } });
    await world.toolCall.answer('core-1');
    await world.call.text('It is core-1.');
    await world.call.finish();
    await world.say(socket, { message: 'and its role?' });
    const [, answer] = world.call.request.turns;
    expect(answer).toMatchObject({
      role: 'assistant',
      text: 'It is core-1.',
      rounds: [{ text: 'Looking.', calls: [{ name: 'get_objects' }], echo: null }],
    });
    expect(answer?.rounds?.[0]?.results[0]?.content).toContain('core-1');
  });

  it('is the same in the next prompt as it was in this one, so that it stays cached', async () => {
    const world = new World({ DEFAULT_MODEL: 'ollama-qwen2.5' });
    world.tools = [aTool('get_objects'), aTool('update_object', { readOnly: false })];
    const socket = world.connect();
    await world.say(socket, { message: 'rename core-1' });
    await world.call.text('Let me look.\n');
    await world.call.tools(
      { name: 'get_objects', args: { name: 'core-1' }, id: 'a' },
      { name: 'update_object', args: { id: 7 }, id: 'b' },
      { name: 'delete_everything', id: 'c' },
    );
    await world.toolCall.answer('found');
    await world.say(socket, { type: 'tool_decision', call_id: 'b', allow: true });
    await world.toolCall.answer('changed');
    await world.call.text('One more.');
    await world.call.tools({ name: 'get_objects', raw: '{"na', id: 'd' });
    const inThis = world.call.request.rounds?.map((round) => ({ ...round, echo: null }));
    await world.call.text('Done.');
    await world.call.finish();
    await world.say(socket, { message: 'thanks' });
    expect(world.call.request.turns[1]).toEqual({ role: 'assistant', text: 'Done.', rounds: inThis });
    expect(inThis?.map(({ calls }) => calls.map(({ id }) => id))).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('a home model that prints its call is understood, and the print is not shown', async () => {
    const world = new World({ DEFAULT_MODEL: 'ollama-qwen2.5' });
    world.tools = [aTool('get_objects')];
    const socket = world.connect();
    await world.say(socket, { message: 'devices?' });
    await world.call.text(
      '<tool_call>{"name": "get_obj',
      'ects", "arguments": {"site": "dc14"}}</tool_call>',
    );
    await world.call.finish();
    expect(world.toolCall.args).toEqual({ site: 'dc14' });
    await world.toolCall.answer('core-1');
    await world.call.text('core-1');
    await world.call.finish();
    expect(allMessages(world.sql, 'conv-1')[1]).toMatchObject({ text: 'core-1', status: 'complete' });
    expect(socket.all('text_delta').map(({ text }) => text)).toEqual(['core-1']);
  });

  it('R11: a call under way when the process is lost is not made again, and the answer is interrupted', async () => {
    const { world } = await asking();
    await world.call.tools({ name: 'get_objects' });
    world.clock.advance(2_000);
    world.restart();
    const socket = world.connect();
    expect(world.toolCalls).toHaveLength(1);
    const [, answer] = socket.last('session').conversation.messages;
    expect(answer).toMatchObject({ status: 'interrupted', tools: [{ state: 'done', ok: false }] });
  });
});

describe('a local model and tools', () => {
  async function atHome(passes: boolean | null) {
    const world = new World({ DEFAULT_MODEL: 'ollama-qwen2.5' });
    world.tools = [aTool('get_objects')];
    world.passesProbe = passes;
    const socket = world.connect();
    await world.turn(socket, 'hello', 'hi');
    return { world, socket };
  }

  it('is asked once whether it can use them, after its first answer, and everybody is told', async () => {
    const { world, socket } = await atHome(true);
    await world.turn(socket, 'again', 'hi');
    expect(world.probed).toEqual(['ollama-qwen2.5']);
    expect(socket.all('models')).toHaveLength(1);
    expect(world.call.request.tools).toHaveLength(1);
  });

  it('that cannot is offered none; one that did not say is offered them all the same', async () => {
    const failing = await atHome(false);
    await failing.world.say(failing.socket, { message: 'again' });
    expect(failing.world.call.request.tools).toBeUndefined();
    const silent = await atHome(null);
    await silent.world.say(silent.socket, { message: 'again' });
    expect(silent.world.call.request.tools).toHaveLength(1);
  });

  async function refusing(model: string) {
    const world = new World({ DEFAULT_MODEL: model });
    world.tools = [aTool('get_objects')];
    const socket = world.connect();
    await world.say(socket, { message: 'hello' });
    expect(world.call.request.tools).toHaveLength(1);
    await world.call.fail('bad_request', { status: 400 });
    return { world, socket };
  }

  it('whose server refuses a request with tools is asked once more without', async () => {
    const { world, socket } = await refusing('ollama-qwen2.5');
    expect(world.call.request.tools).toBeUndefined();
    await world.call.text('hi');
    await world.call.finish();
    expect(world.calls).toHaveLength(2);
    expect(kinds(socket)).toEqual([
      'message_accepted',
      'message_start',
      'text_delta',
      'message_end',
      'models',
    ]);
    expect(socket.last('message_end')).toMatchObject({ stop_reason: 'end_turn', error_code: null });
    expect(world.probed).toEqual(['ollama-qwen2.5']);
  });

  it('which refuses that as well has refused', async () => {
    const { world, socket } = await refusing('ollama-qwen2.5');
    await world.call.fail('bad_request', { status: 400 });
    expect(world.calls).toHaveLength(2);
    expect(socket.last('message_end')).toMatchObject({ error_code: 'upstream_error' });
  });

  it('a refusal of Claude has nothing to do with its tools', async () => {
    const { world } = await refusing('claude-haiku-5-5');
    expect(world.calls).toHaveLength(1);
  });
});

describe('what tools tell Automatic', () => {
  const question = 'Which port does SSH use?';

  it('what they have answered counts in what each tier would cost', async () => {
    const costAfter = async (result: string) => {
      const { world, socket } = await asking(question);
      await world.call.tools({ name: 'get_objects' });
      await world.toolCall.answer(result);
      await world.call.text('22');
      await world.call.finish();
      await world.turn(socket, 'Which port does DNS use?', '53');
      return socket.last('message_start').routing?.tiers.opus.cost_usd ?? 0;
    };
    expect(await costAfter('word '.repeat(4_000))).toBeGreaterThan(2 * (await costAfter('word')));
  });

  it('two failed calls at the end of an answer ask for a stronger model next time', async () => {
    const { world, socket } = await asking(question);
    const first = world.call.entry.id;
    await world.call.tools(
      { name: 'get_objects', args: { a: 1 } },
      { name: 'get_objects', args: { a: 2 }, id: 'y' },
    );
    await world.toolCalls[0]?.answer('broken', false);
    await world.toolCalls[1]?.answer('broken', false);
    await world.call.text('I could not find out.');
    await world.call.finish();
    await world.say(socket, { message: 'Which port does the mail server of our office use for relaying?' });
    expect(first).toBe('claude-haiku-5-5');
    expect(world.call.entry.id).toBe('claude-sonnet-5-5');
  });
});
