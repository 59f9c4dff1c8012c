import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from './harness/client.ts';
import { type Program, startProgram } from './harness/program.ts';
import { settingsFor, startUpstream, type Upstream } from './harness/upstream.ts';

let upstream: Upstream;
let program: Program;

beforeAll(async () => {
  upstream = await startUpstream();
  program = await startProgram({ env: settingsFor(upstream) });
});
afterAll(async () => {
  await program?.stop();
  await upstream?.close();
});

/** What the upstream was asked last. */
const lastAsked = () => upstream.asked.at(-1);

describe('another answer, another question', () => {
  test('C8: a redo with a tier goes to exactly that tier, beside the first answer', async () => {
    const { client, session } = await Client.connect(program.url);
    const first = await client.ask('What is a VLAN?');
    client.send({ type: 'redo', message_id: first.end.message_id, tier: 'opus', client_id: 'again' });
    const accepted = await client.next('message_accepted', (frame) => frame.client_id === 'again');
    expect(accepted.message).toMatchObject({ id: first.accepted.message.id, text: 'What is a VLAN?' });
    const second = await client.answerTo(accepted);
    expect(second.start).toMatchObject({ model: 'auto', actual_model: 'claude-opus-5-5' });
    expect(lastAsked()?.turns).toEqual([{ role: 'user', text: 'What is a VLAN?' }]);
    client.close();
    const again = await Client.connect(program.url, { session: session.session_id });
    const { conversation } = again.session;
    expect(conversation.message_count).toBe(3);
    expect(conversation.messages.map((one) => one.parent_id)).toEqual([
      null,
      accepted.message.id,
      accepted.message.id,
    ]);
    again.client.close();
  });

  test('C9: an edit asks in the place of a question, and the conversation goes on from there', async () => {
    const { client } = await Client.connect(program.url);
    const first = await client.ask('one');
    const second = await client.ask('two');
    client.send({
      type: 'edit',
      message_id: second.accepted.message.id,
      message: 'two, better',
      client_id: 'e',
    });
    const accepted = await client.next('message_accepted', (frame) => frame.client_id === 'e');
    expect(accepted.message.parent_id).toBe(first.end.message_id);
    await client.answerTo(accepted);
    await client.ask('three');
    expect(lastAsked()?.turns.map(({ text }) => text)).toEqual([
      'one',
      'You said: one',
      'two, better',
      'You said: two, better',
      'three',
    ]);
    client.close();
  });

  test('C8: a tier outside of Automatic is a bad frame, an unknown message is not found', async () => {
    const { client } = await Client.connect(program.url);
    client.send({ type: 'model_change', model: 'claude-sonnet-5-5' });
    await client.next('model_changed');
    const { end } = await client.ask('hello');
    const { message_id } = end;
    client.send({ type: 'redo', message_id, tier: 'haiku' });
    expect((await client.next('error')).code).toBe('bad_frame');
    client.send({ type: 'redo', message_id: 'nowhere.2' });
    expect((await client.next('error', ({ code }) => code !== 'bad_frame')).code).toBe('not_found');
    client.close();
  });

  test('R2: branches come back whole with the snapshot', async () => {
    const { client, session } = await Client.connect(program.url);
    const first = await client.ask('hello');
    client.send({ type: 'redo', message_id: first.end.message_id, client_id: 'r' });
    await client.answerTo(await client.next('message_accepted', (frame) => frame.client_id === 'r'));
    client.close();
    const again = await Client.connect(program.url, { session: session.session_id });
    expect(again.session.conversation.messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'assistant',
    ]);
    again.client.close();
  });
});
