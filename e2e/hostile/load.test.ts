import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../harness/client.ts';
import { http } from '../harness/http.ts';
import { settingsFor, startUpstream, type Upstream } from '../harness/upstream.ts';
import { type BareWorld, startBareWorld } from './bare-world.ts';
import { letLoose, ROGUES, type Rogue } from './rogues.ts';

const GOOD = 48;
const BAD = 12;
const ROUNDS = 3;
/** Deltas of one answer, and how far apart; it must be long enough for the others to get in between. */
const DELTAS = 40;
const APART_MS = 25;

let upstream: Upstream;
let world: BareWorld;

beforeAll(async () => {
  upstream = await startUpstream();
  upstream.on('slowly', async (stream, asked) => {
    stream.start();
    for (let n = 0; n < DELTAS; n += 1) {
      stream.text(`${asked.question} ${n};`);
      await pause(APART_MS);
    }
    stream.end();
  });
  world = await startBareWorld({ ...settingsFor(upstream), LOCAL: 'true', LOG_LEVEL: 'INFO' });
});
afterAll(async () => {
  await world?.stop();
  world?.remove();
  await upstream?.close();
});

const answerTo = (question: string) => Array.from({ length: DELTAS }, (_, n) => `${question} ${n};`).join('');

async function behave(name: string): Promise<void> {
  const { client, session } = await Client.connect(world.url);
  for (let round = 0; round < ROUNDS; round += 1) {
    const question = `${name} asks slowly ${round}`;
    const { text, end } = await client.ask(question);
    expect(text).toBe(answerTo(question));
    expect(end.stop_reason).toBe('end_turn');
  }
  expect(client.seqs).toEqual(client.seqs.map((_, n) => n + 1));
  client.close();
  const again = await Client.connect(world.url, { session: session.session_id });
  expect(again.session.conversation.messages.map(({ text }) => text)).toEqual(
    Array.from({ length: ROUNDS }, (_, round) => `${name} asks slowly ${round}`).flatMap((question) => [
      question,
      answerTo(question),
    ]),
  );
  again.client.close();
}

test(`R1 ${GOOD} that behave lose nothing while ${BAD} do not: ${Object.keys(ROGUES).join(', ')}`, async () => {
  let rogues: Rogue | null = null;
  try {
    rogues = letLoose(BAD, world);
    await Promise.all(Array.from({ length: GOOD }, (_, n) => behave(`person ${n}`)));
  } finally {
    rogues?.stop();
  }
  expect(upstream.asked.filter(({ path }) => path === '/v1/messages')).toHaveLength(GOOD * ROUNDS);
  expect(world.isAlive()).toBe(true);
  expect((await http(world, '/health')).status).toBe(200);
  await behave('a newcomer');
  expect(world.output()).not.toContain('internal_error');
});
