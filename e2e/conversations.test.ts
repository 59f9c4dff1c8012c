import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from './harness/client.ts';
import { workerdMegabytes } from './harness/memory.ts';
import { type Program, startProgram } from './harness/program.ts';
import { settingsFor, startUpstream, type Upstream } from './harness/upstream.ts';

let upstream: Upstream;
let program: Program;

beforeAll(async () => {
  upstream = await startUpstream();
  const MODELS = JSON.stringify([{ id: 'claude-haiku-4-5', enabled: false }]);
  program = await startProgram({ env: { ...settingsFor(upstream), MODELS } });
});
afterAll(async () => {
  await program?.stop();
  await upstream?.close();
});

describe('the archive', () => {
  test('C3 archives on the same model; C5 brings a conversation back with its own model and its context', async () => {
    const { client, session } = await Client.connect(program.url);
    client.send({ type: 'model_change', model: 'ollama-qwen2.5' });
    const { conversation_id } = await client.next('model_changed');
    await client.ask('My name is Ada.');
    client.send({ type: 'reset' });
    const reset = await client.next('conversation_reset');
    expect(reset).toMatchObject({ model: 'ollama-qwen2.5', archived_message_count: 2 });
    client.send({ type: 'model_change', model: 'claude-haiku-5-5' });
    await client.next('model_changed');
    await client.ask('Something else.');

    client.send({ type: 'open', conversation_id });
    const { conversation, last_seq } = await client.next('conversation_opened');
    expect(conversation).toMatchObject({
      id: conversation_id,
      model: 'ollama-qwen2.5',
      status: 'current',
      message_count: 2,
      messages: [{ text: 'My name is Ada.' }, { text: 'You said: My name is Ada.' }],
    });
    const answer = await client.ask('Who am I?');
    expect(answer.accepted.seq).toBe(last_seq + 1);
    expect(upstream.asked.at(-1)?.body.model).toBe('ollama-qwen2.5');
    expect(upstream.asked.at(-1)?.turns.map(({ text }) => text)).toEqual([
      'My name is Ada.',
      'You said: My name is Ada.',
      'Who am I?',
    ]);

    const back = await Client.connect(program.url, { session: session.session_id });
    expect(back.session).toMatchObject({ model: 'ollama-qwen2.5', conversation: { id: conversation_id } });
    expect(back.session.archives.map(({ model, message_count }) => ({ model, message_count }))).toEqual([
      { model: 'claude-haiku-5-5', message_count: 2 },
    ]);
    client.close();
    back.client.close();
  });

  test('C5 with an unknown id is not_found and changes nothing', async () => {
    const { client, session } = await Client.connect(program.url);
    client.send({ type: 'open', conversation_id: 'nope' });
    expect(await client.next('error')).toMatchObject({ code: 'not_found' });
    const back = await Client.connect(program.url, { session: session.session_id });
    expect(back.session.conversation.id).toBe(session.conversation.id);
    client.close();
    back.client.close();
  });
});

describe('R4 several sockets', () => {
  test('all see the run, the switch and the new conversation', async () => {
    const first = await Client.connect(program.url);
    const second = await Client.connect(program.url, { session: first.session.session_id });
    const answer = await first.client.ask('For both');
    const end = await second.client.next('message_end');
    expect(end).toEqual(answer.end);
    expect(second.client.seqs).toEqual(first.client.seqs);
    second.client.send({ type: 'model_change', model: 'claude-opus-5-5' });
    const seen = await first.client.next('model_changed');
    expect(await second.client.next('model_changed')).toEqual(seen);
    expect((await first.client.ask('On the new model')).start?.actual_model).toBe('claude-opus-5-5');
    await second.client.next('message_end');
    first.client.close();
    second.client.close();
  });
});

describe('R6 ids of models', () => {
  test('an unknown one: refused with the allowed ids, nothing changes', async () => {
    const { client } = await Client.connect(program.url);
    client.send({ type: 'model_change', model: 'gpt-99' });
    const error = await client.next('error');
    expect(error.code).toBe('unknown_model');
    for (const id of ['auto', 'claude-sonnet-5-5', 'ollama-qwen2.5']) expect(error.message).toContain(id);
    expect((await client.ask('Still here?')).start?.model).toBe('auto');
    client.close();
  });

  test('a disabled one: refused with the reason, nothing changes', async () => {
    const { client } = await Client.connect(program.url);
    client.send({ type: 'model_change', model: 'claude-haiku-4-5' });
    const error = await client.next('error');
    expect(error.code).toBe('model_unavailable');
    expect(error.message).toMatch(/MODELS|switched off|disabled/);
    expect((await client.ask('Still here?')).start?.model).toBe('auto');
    client.close();
  });

  test('a retired one: its successor, and it is said', async () => {
    const { client } = await Client.connect(program.url);
    client.send({ type: 'model_change', model: 'claude-opus-4' });
    const changed = await client.next('model_changed');
    expect(changed).toMatchObject({ new_model: 'claude-opus-5-5', replaced: { requested: 'claude-opus-4' } });
    expect(changed.replaced?.reason).toMatch(/\w+ \w+/);
    await client.ask('Who answers?');
    expect(upstream.asked.at(-1)?.body.model).toBe('claude-opus-5-5');
    client.close();
  });

  test('only ids of the registry ever reach an upstream', () => {
    const known = /^(claude-(haiku|sonnet|opus)-5-5|claude-sonnet-4-5-20250929|ollama-qwen2\.5)$/;
    for (const { body } of upstream.asked) expect(body.model).toMatch(known);
  });
});

describe('C1 client_id', () => {
  test('a message that is sent again is answered with the first acceptance and runs once', async () => {
    const { client } = await Client.connect(program.url);
    const before = upstream.asked.length;
    const answer = await client.ask('only once', { client_id: 'twice' });
    client.send({ type: 'chat', message: 'only once', client_id: 'twice' });
    expect(await client.next('message_accepted')).toEqual(answer.accepted);
    await client.ask('the next one');
    expect(upstream.asked.length).toBe(before + 2);
    client.close();
  });

  test('`type` may be left out when there is a message', async () => {
    const { client } = await Client.connect(program.url);
    client.send({ message: 'no type' });
    expect((await client.answerTo(await client.next('message_accepted'))).text).toBe('You said: no type');
    client.close();
  });
});

describe('R13 context', () => {
  test('a conversation that does not fit is not cut silently; trim says how many messages are left out', async () => {
    const { client } = await Client.connect(program.url);
    client.send({ type: 'model_change', model: 'ollama-qwen2.5' });
    await client.next('model_changed');
    const long = 'prefix 10.0.0.0/8 and VLAN names. '.repeat(300);
    await client.ask(`1 ${long}`);
    client.send({ type: 'chat', message: `2 ${long}`, client_id: 'too-much' });
    const error = await client.next('error');
    expect(error).toMatchObject({ code: 'context_too_long', client_id: 'too-much' });
    expect(error.message).toMatch(/\d/);
    const answer = await client.ask(`2 ${long}`, { client_id: 'too-much', trim: true });
    expect(answer.accepted.dropped_messages).toBeGreaterThan(0);
    expect(upstream.asked.at(-1)?.turns[0]?.text.startsWith('2 ')).toBe(true);
    client.close();
  });
});

describe('R5 many switches on one socket', () => {
  test('a hundred, each answered; the socket lives on and memory stays where it was', async () => {
    const { client } = await Client.connect(program.url);
    const ids = ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5', 'ollama-qwen2.5', 'auto'];
    const switchTimes = async (times: number) => {
      for (let nth = 0; nth < times; nth += 1) {
        const model = ids[nth % ids.length] ?? 'auto';
        client.send({ type: 'model_change', model });
        expect((await client.next('model_changed')).new_model).toBe(model);
        if (nth % 5 === 0) await client.ask(`after switch ${nth}`);
      }
    };
    await switchTimes(50);
    const before = workerdMegabytes(program.pid);
    await switchTimes(100);
    const after = workerdMegabytes(program.pid);
    // Garbage that is not yet collected is tens of megabytes; half a megabyte kept for each switch would show.
    if (before !== null && after !== null) {
      expect(before).toBeGreaterThan(10);
      expect(after - before).toBeLessThan(50);
    }
    expect(upstream.asked.at(-1)?.turns).toHaveLength(1);
    client.close();
  });
});
