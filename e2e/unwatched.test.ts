import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from './harness/client.ts';
import { type Program, startProgram } from './harness/program.ts';
import { settingsFor, startUpstream, type Upstream } from './harness/upstream.ts';

let upstream: Upstream;
let program: Program;

beforeAll(async () => {
  upstream = await startUpstream();
  program = await startProgram({
    env: { ...settingsFor(upstream), UNWATCHED_LIMIT_S: '1', UNWATCHED_LIMIT_TOKENS: '100' },
  });
});
afterAll(async () => {
  await program?.stop();
  await upstream?.close();
});

/** What a session's last answer has come to, seen by somebody who comes by. */
async function answerOf(session: string) {
  const { client, session: seen } = await Client.connect(program.url, { session });
  client.close();
  return seen.conversation.messages.at(-1);
}

describe('R3 with nobody there', () => {
  test('an answer that says nothing more ends with its limit after the time, and the upstream is let go', async () => {
    const gone = new Promise<void>((resolve) =>
      upstream.on('quiet', (stream, asked) => {
        stream.start();
        stream.text('a beginning');
        void asked.closed.then(resolve);
      }),
    );
    const { client, session } = await Client.connect(program.url);
    client.send({ type: 'chat', message: 'quiet' });
    await client.next('text_delta');
    client.close();
    await gone;
    expect(await answerOf(session.session_id)).toMatchObject({ text: 'a beginning', stop_reason: 'limit' });
  });

  test('an answer that says much ends with its limit after the tokens', async () => {
    upstream.on('endless', async (stream, asked) => {
      let isGone = false;
      void asked.closed.then(() => {
        isGone = true;
      });
      stream.start();
      while (!isGone) {
        stream.text('word '.repeat(20));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
    const { client, session } = await Client.connect(program.url);
    client.send({ type: 'chat', message: 'endless' });
    await client.next('text_delta');
    client.close();
    await expect
      .poll(async () => (await answerOf(session.session_id))?.status, { interval: 300, timeout: 10_000 })
      .toBe('limit');
  });
});
