import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { Client } from '../e2e/harness/client.ts';
import { type Program, startProgram } from '../e2e/harness/program.ts';
import type { Weather } from './stack/tunnel.ts';
import { startWorld, type World } from './stack/world.ts';

let world: World;
let program: Program;
/** In one conversation with the home model, which goes on whatever happened to its last question. */
let client: Client;

beforeAll(async () => {
  world = await startWorld(inject('modelUrl'));
  program = await startProgram({ env: world.settings });
  ({ client } = await Client.connect(program.url));
  client.send({ type: 'model_change', model: 'ollama-qwen2.5' });
  await client.next('model_changed');
});
afterEach(() => {
  world.tunnel.weather = 'fine';
  world.tunnel.access = 'strict';
});
afterAll(async () => {
  client?.close();
  await program?.stop();
  await world?.close();
});

describe('the way home', () => {
  test('a tunnel that holds the answer back until it is whole loses nothing of it', async () => {
    world.tunnel.weather = 'buffer';
    const answer = await client.ask('What is a router? Answer in one sentence.');
    expect(answer).toMatchObject({ fallback: null, end: { error_code: null, cost_usd: 0 } });
    expect(answer.text).not.toBe('');
  });

  const TROUBLES: { weather: Weather; words: RegExp }[] = [
    { weather: 502, words: /LiteLLM/ },
    { weather: 524, words: /home/ },
    { weather: 530, words: /cloudflared/ },
    { weather: 'drop', words: /connection/ },
  ];
  for (const { weather, words } of TROUBLES) {
    test(`R9 ${weather}: an announced fallback, in words that fit, without an address`, async () => {
      world.tunnel.weather = weather;
      const { fallback, end } = await client.ask('Hello?');
      expect(fallback).toMatchObject({ requested_model: 'ollama-qwen2.5' });
      expect(fallback?.reason).toMatch(words);
      expect(end.stop_reason).toBe('end_turn');
      expect(client.raw.join('\n')).not.toContain(world.tunnel.url);
    });
  }

  for (const access of ['login page', 'strict'] as const) {
    test(`R9 a service token that is no longer known (${access}) is told as such`, async () => {
      world.tunnel.access = access;
      const { token } = world.tunnel;
      const { secret } = token;
      token.secret = 'cfast_another';
      try {
        const { fallback } = await client.ask('Hello?');
        expect(fallback?.reason).toContain('CF_ACCESS_CLIENT_ID');
        expect(client.raw.join('\n')).not.toContain(secret);
      } finally {
        token.secret = secret;
      }
    });
  }

  test('in fine weather again the home model answers', async () => {
    const answer = await client.ask('Hello. One word.');
    expect(answer).toMatchObject({
      fallback: null,
      end: { actual_model: 'ollama-qwen2.5', error_code: null },
    });
  });

  test('nobody without the service token, and no path but the allowed ones, reaches the proxy', async () => {
    const through = (path: string, headers: Record<string, string>) =>
      fetch(world.tunnel.url + path, { headers, redirect: 'manual' }).then(({ status }) => status);
    const token = {
      'CF-Access-Client-Id': world.tunnel.token.id,
      'CF-Access-Client-Secret': world.tunnel.token.secret,
      authorization: `Bearer ${world.litellm.masterKey}`,
    };
    const before = world.litellm.accesses().length;
    expect(await through('/v1/models', {})).toBe(403);
    for (const path of [
      '/health',
      '/ui/',
      '/key/generate',
      '/model/new',
      '/v1/models/',
      '/v1/model/info',
      '//v1/models',
    ])
      expect([path, await through(path, token)]).toEqual([path, 404]);
    expect(world.litellm.accesses().length).toBe(before);
    expect(await through('/v1/models', token)).toBe(200);
    expect(await through('/v1/models?limit=5', token)).toBe(200);
  });
});
