import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import * as z from 'zod/mini';
import { Client } from '../e2e/harness/client.ts';
import { http } from '../e2e/harness/http.ts';
import { type Program, startProgram } from '../e2e/harness/program.ts';
import { startWorld, type World } from './stack/world.ts';

let world: World;
let program: Program;

beforeAll(async () => {
  world = await startWorld(inject('modelUrl'), {
    config: 'config.claude.yaml',
    // llama.cpp's server speaks the Messages API too, so that LiteLLM's own path to Anthropic is what runs.
    env: { ANTHROPIC_API_KEY: 'sk-ant-at-home', ANTHROPIC_API_BASE: inject('modelUrl') },
  });
  const { ANTHROPIC_API_KEY: _key, ANTHROPIC_BASE_URL: _url, ...rest } = world.settings;
  program = await startProgram({ env: { ...rest, ALLOW_ANTHROPIC_VIA_LITELLM: 'true' } });
});
afterAll(async () => {
  await program?.stop();
  await world?.close();
});

async function askOn(model: string, message: string) {
  const { client } = await Client.connect(program.url);
  client.send({ type: 'model_change', model });
  await client.next('model_changed');
  const answer = await client.ask(message);
  const pieces = client.frames.filter(({ type }) => type === 'text_delta').length;
  client.close();
  return { ...answer, pieces };
}

describe('scenario 3: Claude through the real LiteLLM', () => {
  test('H1 what the proxy lists can be chosen', async () => {
    const models = z.parse(z.array(z.object({ id: z.string() })), (await http(program, '/models')).json);
    const ids = models.map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining(['auto', 'claude-haiku-5-5', 'claude-opus-5-5', 'ollama-qwen2.5']),
    );
  });

  for (const model of ['claude-haiku-5-5', 'claude-haiku-4-5', 'auto']) {
    test(`S4 S6 ${model}: the Messages API streams through it in many pieces, with usage`, async () => {
      const answer = await askOn(model, 'What is a router? Answer in three sentences.');
      expect(answer.start).toMatchObject({ routing_path: 'litellm_proxy' });
      expect(answer.start?.actual_model).toMatch(/^claude-/);
      expect(answer).toMatchObject({ fallback: null, end: { error_code: null } });
      expect(answer.pieces).toBeGreaterThan(5);
      const { input_tokens = null, cache_read_tokens = null, output_tokens = null } = answer.end.usage ?? {};
      // The model server keeps the beginning of the prompt from one question to the next.
      expect((input_tokens ?? 0) + (cache_read_tokens ?? 0)).toBeGreaterThan(10);
      expect(output_tokens).toBeGreaterThan(5);
    });
  }

  test('S3 the home model goes on through the same proxy', async () => {
    const answer = await askOn('ollama-qwen2.5', 'Hello. One word.');
    expect(answer).toMatchObject({ fallback: null, start: { actual_model: 'ollama-qwen2.5' } });
    expect(world.ollama.requests.some(({ path }) => path === '/api/chat')).toBe(true);
  });

  test('the proxy is asked for nothing but the allowed paths', () => {
    const paths = new Set(
      world.litellm.accesses().map((access) => access.replace(/ \d+$/, '').replace(/\?\S*/, '')),
    );
    expect([...paths].sort()).toEqual([
      'GET /health/liveliness',
      'GET /health/readiness/details',
      'GET /v1/models',
      'POST /v1/chat/completions',
      'POST /v1/messages',
    ]);
  });
});
