import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import * as z from 'zod/mini';
import { type Answer, Client } from '../e2e/harness/client.ts';
import { http } from '../e2e/harness/http.ts';
import { type Program, startProgram } from '../e2e/harness/program.ts';
import { newMasterKey } from './stack/litellm.ts';
import { startWorld, TAG, type World } from './stack/world.ts';

let world: World;
let program: Program;
/** In one conversation with the home model, which goes on whatever happened to its last question. */
let client: Client;

beforeAll(async () => {
  world = await startWorld(inject('modelUrl'));
  program = await startProgram({ env: { ...world.settings, LITELLM_TIMEOUT_S: '20' } });
  ({ client } = await Client.connect(program.url));
  client.send({ type: 'model_change', model: 'ollama-qwen2.5' });
  await client.next('model_changed');
});
afterAll(async () => {
  client?.close();
  await program?.stop();
  await world?.close();
});

/** Secrets and addresses of the home side must not be in what a browser gets. */
function expectNoSecrets(): void {
  const wire = client.raw.join('\n');
  for (const secret of [
    ...[world.litellm.masterKey, world.settings.CF_ACCESS_CLIENT_SECRET, world.tunnel.url],
    ...[world.ollama.url, world.litellm.url, 'llm.example.com'],
  ])
    expect(wire).not.toContain(secret);
}

function expectFallback(answer: Answer): void {
  expect(answer.fallback).toMatchObject({ requested_model: 'ollama-qwen2.5' });
  expect(answer.fallback?.actual_model).toMatch(/^claude-/);
  expect(answer.end).toMatchObject({ stop_reason: 'end_turn' });
}

describe('the proxy is killed', () => {
  test('R9 the next question falls back as announced, and the one after its return is answered at home', async () => {
    expect((await client.ask('Hello. One word.')).start?.actual_model).toBe('ollama-qwen2.5');
    await world.killProxy();
    const answer = await client.ask('Are you there?');
    expectFallback(answer);
    expect(answer.fallback?.reason).toContain('LiteLLM');
    await world.restartProxy();
    await expect
      .poll(async () => (await client.ask('And now? One word.')).end.actual_model, {
        timeout: 90_000,
        interval: 3_000,
      })
      .toBe('ollama-qwen2.5');
    expectNoSecrets();
  });

  test('R9 in the middle of an answer nothing is switched: what came is kept, and the end says error', async () => {
    const from = world.claude.asked.length;
    client.send({
      type: 'chat',
      message: 'Write a very long story about a router. Do not stop.',
      client_id: 'cut',
    });
    const accepted = await client.next('message_accepted');
    await client.next('text_delta');
    await world.killProxy();
    const answer = await client.answerTo(accepted);
    expect(answer).toMatchObject({
      fallback: null,
      end: { stop_reason: 'error', error_code: 'upstream_error' },
    });
    expect(answer.text).not.toBe('');
    expect(world.claude.asked.length).toBe(from);
    await world.restartProxy();
  });
});

describe('the runner of Ollama breaks down', () => {
  afterEach(() => {
    world.ollama.manner = () => 'real';
  });

  test('R9 before a word was said, the fallback answers', async () => {
    world.ollama.manner = () => ({ text: '', breaks: true });
    expectFallback(await client.ask('Hello? One word.'));
    expectNoSecrets();
  });

  test('R9 in the middle of an answer, what came is kept, and nothing is switched', async () => {
    const from = world.claude.asked.length;
    world.ollama.manner = () => ({ text: 'Half an answer', breaks: true });
    const answer = await client.ask('Hello! One word.');
    expect(answer).toMatchObject({
      text: 'Half an answer',
      fallback: null,
      end: { stop_reason: 'error', error_code: 'upstream_error' },
    });
    expect(world.claude.asked.length).toBe(from);
    expectNoSecrets();
  });
});

const listed = z.array(z.object({ id: z.string(), status: z.string(), reason: z.nullish(z.string()) }));

async function homeEntry(of: Program) {
  const models = z.parse(listed, (await http(of, '/models?all=1')).json);
  return models.find(({ id }) => id === 'ollama-qwen2.5');
}

/** What a fresh Worker, which has not looked before, says about the home model, and does with a question for it. */
async function seenFresh(settings: Record<string, string> = {}) {
  const fresh = await startProgram({ env: { ...world.settings, ...settings } });
  try {
    const entry = await homeEntry(fresh);
    return { entry, health: fresh.output() };
  } finally {
    await fresh.stop();
  }
}

describe('a wrong key and a missing model are told apart', () => {
  afterEach(async () => {
    world.ollama.tags.add(TAG);
  });

  test('H2 a wrong key is told as such', async () => {
    const { entry, health } = await seenFresh({ LITELLM_MASTER_KEY: newMasterKey() });
    expect(entry).toMatchObject({
      status: 'unavailable',
      reason: expect.stringContaining('LITELLM_MASTER_KEY'),
    });
    expect(health).not.toContain(world.litellm.masterKey);
  });

  test('H2 a model that Ollama does not have is named', async () => {
    world.ollama.tags.delete(TAG);
    const { entry } = await seenFresh();
    expect(entry).toMatchObject({ status: 'unavailable', reason: expect.stringContaining(TAG) });
    expect(entry?.reason).not.toContain('LITELLM_MASTER_KEY');
  });

  test('R9 the key changes while the Worker runs: the fallback says that the key is the trouble', async () => {
    await world.restartProxy(newMasterKey());
    const answer = await client.ask('Hello?');
    await world.restartProxy();
    expectFallback(answer);
    expect(answer.fallback?.reason).toContain('LITELLM_MASTER_KEY');
    expectNoSecrets();
  });

  test('R9 the model goes away while the Worker runs: the fallback says that the model is the trouble', async () => {
    world.ollama.tags.delete(TAG);
    const answer = await client.ask('Hello?');
    expectFallback(answer);
    expect(answer.fallback?.reason).toContain('has no model');
    expectNoSecrets();
  });
});
