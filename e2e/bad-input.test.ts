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

describe('R8 bad input', () => {
  test.each([
    ['not JSON', 'hello'],
    ['half of JSON', '{"type":"chat","message":'],
    ['an array', '[{"type":"stop"}]'],
    ['a number', '7'],
    ['null', 'null'],
    ['no type', '{}'],
    ['an unknown type', '{"type":"destroy"}'],
    ['a type of a wrong type', '{"type":5}'],
    ['a chat without a message', '{"type":"chat"}'],
    ['a message that is no text', '{"type":"chat","message":{"a":1}}'],
    ['an empty message', '{"type":"chat","message":""}'],
    ['a message of blanks', '{"type":"chat","message":" \\n\\t "}'],
    ['a client_id that is no text', '{"type":"chat","message":"x","client_id":5}'],
    [
      'a client_id of 65 characters',
      JSON.stringify({ type: 'chat', message: 'x', client_id: 'c'.repeat(65) }),
    ],
    ['a trim that is no boolean', '{"type":"chat","message":"x","trim":"yes"}'],
    ['a switch without a model', '{"type":"model_change"}'],
    ['a switch to a number', '{"type":"model_change","model":1}'],
    ['an open without an id', '{"type":"open"}'],
    ['a frame of binary', new TextEncoder().encode('{"type":"chat","message":"x"}')],
  ])('%s is bad_frame, costs nothing, and the session lives on', async (_, data) => {
    const { client } = await Client.connect(program.url);
    const before = upstream.asked.length;
    client.sendRaw(data);
    const error = await client.next('error');
    expect(error).toMatchObject({ code: 'bad_frame', retryable: false });
    expect(error.seq).toBeUndefined();
    expect(upstream.asked.length).toBe(before);
    expect((await client.ask('and on')).end.stop_reason).toBe('end_turn');
    client.close();
  });

  test('unknown extra fields are ignored', async () => {
    const { client } = await Client.connect(program.url);
    client.send({ type: 'chat', message: 'extra', client_id: 'e', colour: 'green' });
    await client.next('message_accepted');
    client.close();
  });

  test('32,000 characters are fine, one more is too long, and may be sent again shorter under the same id', async () => {
    const { client } = await Client.connect(program.url);
    client.send({ type: 'chat', message: 'x'.repeat(32_001), client_id: 'long' });
    expect(await client.next('error')).toMatchObject({ code: 'message_too_long', client_id: 'long' });
    const answer = await client.ask('x'.repeat(32_000), { client_id: 'long' });
    expect(answer.end.stop_reason).toBe('end_turn');
    expect(upstream.asked.at(-1)?.question).toHaveLength(32_000);
    client.close();
  });

  test('characters are UTF-16 units: 16,000 emoji fill the limit', async () => {
    const { client } = await Client.connect(program.url);
    expect((await client.ask('😀'.repeat(16_000))).end.stop_reason).toBe('end_turn');
    client.send({ type: 'chat', message: `${'😀'.repeat(16_000)}!` });
    expect((await client.next('error')).code).toBe('message_too_long');
    client.close();
  });

  test('a frame over 1 MiB closes with 1009', async () => {
    const { client, session } = await Client.connect(program.url);
    client.sendRaw(JSON.stringify({ type: 'chat', message: 'x'.repeat(1_048_576) }));
    expect((await client.closed).code).toBe(1009);
    const back = await Client.connect(program.url, { session: session.session_id });
    expect(back.session.conversation.messages).toEqual([]);
    back.client.close();
  });

  test('what was refused is not logged in full', async () => {
    const { client } = await Client.connect(program.url);
    client.sendRaw('{"type":"chat","message":7,"note":"do not write this down"}');
    await client.next('error');
    await client.ask('something to wait for');
    expect(program.output()).not.toContain('do not write this down');
    client.close();
  });
});
