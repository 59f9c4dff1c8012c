import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import * as z from 'zod/mini';
import { Client } from '../e2e/harness/client.ts';
import { http } from '../e2e/harness/http.ts';
import { startProgram } from '../e2e/harness/program.ts';
import { newMasterKey } from './stack/litellm.ts';
import { startWorld, TAG, type World } from './stack/world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld(inject('modelUrl'));
});
afterEach(() => {
  world.tunnel.weather = 'fine';
  world.tunnel.access = 'strict';
  world.ollama.tags.add(TAG);
});
afterAll(async () => {
  await world?.close();
});

const listed = z.array(
  z.object({
    id: z.string(),
    status: z.string(),
    reason: z.nullish(z.string()),
    home_state: z.nullish(z.string()),
  }),
);

/** The home model as a Worker tells it that has never looked before: what one saw last it believes for a while. */
async function seenFresh(settings: Record<string, string> = {}) {
  const program = await startProgram({ env: { ...world.settings, ...settings } });
  try {
    const models = z.parse(listed, (await http(program, '/models?all=1')).json);
    return models.find(({ id }) => id === 'ollama-qwen2.5');
  } finally {
    await program.stop();
  }
}

describe('H2 the states of the home model, on the real way to it', () => {
  const STATES: { what: string; state: string; arrange: () => Record<string, string> | undefined }[] = [
    { what: 'a loaded model', state: 'ready', arrange: () => void world.ollama.loaded.add(TAG) },
    { what: 'one that is not loaded', state: 'cold', arrange: () => void world.ollama.loaded.clear() },
    {
      what: 'a tag that Ollama does not have',
      state: 'model_missing',
      arrange: () => void world.ollama.tags.clear(),
    },
    {
      what: 'a name that LiteLLM does not have',
      state: 'model_missing',
      arrange: () => ({ LITELLM_MODEL: 'another', MODELS: '' }),
    },
    { what: 'another key', state: 'not_allowed', arrange: () => ({ LITELLM_MASTER_KEY: newMasterKey() }) },
    {
      what: 'another service token',
      state: 'not_allowed',
      arrange: () => ({ CF_ACCESS_CLIENT_SECRET: 'cfast_another' }),
    },
    {
      what: 'another service token, at an organisation that shows its login page',
      state: 'not_allowed',
      arrange: () => {
        world.tunnel.access = 'login page';
        return { CF_ACCESS_CLIENT_SECRET: 'cfast_another' };
      },
    },
    {
      what: 'a tunnel without a connector',
      state: 'tunnel_down',
      arrange: () => {
        world.tunnel.weather = 530;
        return undefined;
      },
    },
    {
      what: 'a way that takes seconds',
      state: 'slow',
      arrange: () => {
        world.ollama.loaded.add(TAG);
        world.tunnel.weather = 'slow';
        return undefined;
      },
    },
    { what: 'no Ollama', state: 'ollama_down', arrange: () => ({ OLLAMA_BASE_URL: 'http://127.0.0.1:9' }) },
  ];
  for (const { what, state, arrange } of STATES) {
    test(`${what} is ${state}`, async () => {
      const entry = await seenFresh(arrange());
      expect(entry).toMatchObject({ home_state: state });
      // What can be waited for can be chosen; for the rest there is a sentence that says what to do.
      if (['ready', 'cold', 'slow'].includes(state)) expect(entry?.status).toBe('available');
      else
        expect(entry).toMatchObject({ status: 'unavailable', reason: expect.stringMatching(/\w+ \w+ \w+/) });
    });
  }

  test('C7 opening the selector loads a cold model, with one token and nothing of a conversation', async () => {
    world.ollama.loaded.clear();
    const program = await startProgram({ env: world.settings });
    const from = world.ollama.requests.length;
    const { client } = await Client.connect(program.url);
    client.send({ type: 'models' });
    await expect.poll(() => [...world.ollama.loaded], { timeout: 20_000 }).toEqual([TAG]);
    const chats = world.ollama.requests.slice(from).filter(({ path }) => path === '/api/chat');
    expect(chats).toHaveLength(1);
    expect(chats[0]?.body).toMatchObject({ options: { num_predict: 1 } });
    client.close();
    await program.stop();
  });

  test('a proxy that does not run is proxy_down', async () => {
    await world.killProxy();
    expect(await seenFresh()).toMatchObject({ home_state: 'proxy_down', status: 'unavailable' });
  });
});
