import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import * as z from 'zod/mini';
import { Client } from '../e2e/harness/client.ts';
import { http } from '../e2e/harness/http.ts';
import { type Program, startProgram } from '../e2e/harness/program.ts';
import { startWorld, TAG, type World } from './stack/world.ts';

let world: World;
let program: Program;

beforeAll(async () => {
  world = await startWorld(inject('modelUrl'));
  program = await startProgram({ env: world.settings });
});
afterAll(async () => {
  await program?.stop();
  await world?.close();
});

const chatBody = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  options: z.record(z.string(), z.unknown()),
  stream: z.boolean(),
  keep_alive: z.string(),
});

/** What Ollama was asked, oldest first. */
function asked() {
  return world.ollama.requests
    .filter(({ path }) => path === '/api/chat')
    .map((request) => ({ ...request, body: z.parse(chatBody, request.body) }));
}

async function atHome() {
  const { client } = await Client.connect(program.url);
  client.send({ type: 'model_change', model: 'ollama-qwen2.5' });
  await client.next('model_changed');
  return client;
}

const LONG = 'Write a very long story about a router. Do not stop.';

describe('a chat with the home model, through the real LiteLLM', () => {
  test('H2 H4 the model is offered, and the version of the proxy is known', async () => {
    const models = z.parse(
      z.array(z.object({ id: z.string(), status: z.string() })),
      (await http(program, '/models')).json,
    );
    expect(models).toContainEqual({ id: 'ollama-qwen2.5', status: 'available' });
    const { body } = await http(program, '/health');
    expect(body).toContain('1.104.2');
  });

  test('S4 S6 text arrives in many pieces, with its usage, at no cost', async () => {
    const client = await atHome();
    const answer = await client.ask('What is a router? Answer in three sentences.');
    const pieces = client.frames.filter(({ type }) => type === 'text_delta');
    expect(pieces.length).toBeGreaterThan(5);
    expect(answer.start).toMatchObject({ actual_model: 'ollama-qwen2.5', routing_path: 'litellm_proxy' });
    expect(answer.end).toMatchObject({ error_code: null, cost_usd: 0 });
    expect(answer.end.usage?.input_tokens).toBeGreaterThan(10);
    expect(answer.end.usage?.output_tokens).toBeGreaterThan(5);
    client.close();
  });

  test('Ollama is asked as config.yaml says: a stream, kept loaded, with the context of the tag', async () => {
    const { body } = asked().at(-1)!;
    expect(body).toMatchObject({ stream: true, keep_alive: '24h' });
    // A second value for the context would make Ollama load the model anew.
    expect(body.options).not.toHaveProperty('num_ctx');
    expect(body.options).toHaveProperty('num_predict');
  });

  test('C4 R3 stop ends the work at Ollama too', async () => {
    const client = await atHome();
    client.send({ type: 'chat', message: LONG, client_id: 'stop-me' });
    const accepted = await client.next('message_accepted');
    await client.next('text_delta');
    client.send({ type: 'stop' });
    const answer = await client.answerTo(accepted);
    expect(answer.end.stop_reason).toBe('stopped');
    expect(await asked().at(-1)!.left).toBe(true);
    client.close();
  });

  test('R5 nothing of the old conversation reaches the model after a switch', async () => {
    const client = await atHome();
    await client.ask('My name is Ada Lovelace. Answer with one word.');
    await client.ask('Thank you. Answer with one word.');
    expect(
      asked()
        .at(-1)!
        .body.messages.map(({ content }) => content)
        .join(),
    ).toContain('Ada Lovelace');
    client.send({ type: 'model_change', model: 'ollama-qwen2.5' });
    await client.next('model_changed');
    await client.ask('Hello. Answer with one word.');
    const { messages } = asked().at(-1)!.body;
    expect(messages.filter(({ role }) => role !== 'system').map(({ content }) => content)).toEqual([
      'Hello. Answer with one word.',
    ]);
    client.close();
  });

  test('a cold model answers late, without a fallback', async () => {
    world.ollama.loaded.delete(TAG);
    world.ollama.loadMs = 3_000;
    const client = await atHome();
    const answer = await client.ask('Hello. Answer with one word.');
    expect(answer).toMatchObject({ fallback: null, end: { error_code: null } });
    expect(answer.end.ttft_ms).toBeGreaterThanOrEqual(3_000);
    client.close();
  });

  test('a question left while the model loads does not stop the loading: LiteLLM goes on waiting for it', async () => {
    world.ollama.loaded.delete(TAG);
    world.ollama.loadMs = 5_000;
    const client = await atHome();
    const from = asked().length;
    client.send({ type: 'chat', message: LONG, client_id: 'cold' });
    const accepted = await client.next('message_accepted');
    await expect.poll(() => asked().length, { timeout: 20_000 }).toBe(from + 1);
    client.send({ type: 'stop' });
    expect((await client.answerTo(accepted)).end.stop_reason).toBe('stopped');
    await expect.poll(() => [...world.ollama.loaded], { timeout: 20_000 }).toContain(TAG);
    // Once it is loaded the answer that nobody waits for is left, not written to its end.
    expect(await asked().at(-1)!.left).toBe(true);
    client.close();
  });

  test('R14 the proxy is asked for nothing but the allowed paths, and writes down no word of the talk', async () => {
    const paths = new Set(world.litellm.accesses().map((access) => access.replace(/ \d+$/, '')));
    // The readiness of our own start is not among them: it asks for liveliness, as the Worker does.
    expect([...paths].sort()).toEqual([
      'GET /health/liveliness',
      'GET /health/readiness/details',
      'GET /v1/models',
      'POST /v1/chat/completions',
    ]);
    expect(world.tunnel.requests.every(({ passed }) => passed)).toBe(true);
    expect(world.litellm.log()).not.toContain('Ada Lovelace');
    expect(world.litellm.log()).not.toContain(world.litellm.masterKey);
    expect(world.claude.asked).toEqual([]);
  });
});
