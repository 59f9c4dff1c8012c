import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createClaudeAgent } from '../worker/agents/claude.ts';
import { createLiteLlmAgent } from '../worker/agents/litellm.ts';
import { aRequest, FakeTimers, run } from '../worker/agents/test-support.ts';
import { type Simulator, startSimulator } from './server.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ pace: 0 });
});
beforeEach(() => simulator.control.reset());
let timers = new FakeTimers();
beforeEach(() => {
  timers = new FakeTimers();
});
afterAll(() => simulator.close());

const TIMEOUT_MS = 60_000;
/** Lets the watchdog's time pass as soon as `ready`. */
async function inSilence<T>(running: Promise<T>, ready: () => boolean): Promise<T> {
  const poll = setInterval(() => ready() && timers.advance(TIMEOUT_MS), 10);
  return running.finally(() => clearInterval(poll));
}

const say = (text: string, upstreamModel: string) =>
  aRequest({ upstreamModel, turns: [{ role: 'user', text }] });
const claude = (text: string) => ({
  agent: createClaudeAgent({
    apiKey: 'sk-ant-x',
    baseUrl: simulator.anthropicUrl,
    headers: {},
    timeoutMs: TIMEOUT_MS,
    timers,
  }),
  request: say(text, 'claude-sonnet-5-5'),
});
const viaProxy = (text: string) => ({
  agent: createClaudeAgent({
    apiKey: 'sk-x',
    baseUrl: simulator.litellmUrl,
    headers: {},
    timeoutMs: TIMEOUT_MS,
    timers,
    side: 'claude_via_litellm',
  }),
  request: say(text, 'claude-sonnet-5-5'),
});
const home = (text: string) => ({
  agent: createLiteLlmAgent({
    apiKey: 'sk-x',
    proxyUrl: simulator.litellmUrl,
    headers: {},
    timeoutMs: TIMEOUT_MS,
    timers,
    maxRetries: 0,
  }),
  request: say(text, 'ollama-qwen2.5'),
});
const PATHS = { 'Claude direct': claude, 'Claude through LiteLLM': viaProxy, 'home through LiteLLM': home };

describe.each(Object.entries(PATHS))('%s', (_, path) => {
  const go = (text: string, signal?: AbortSignal, onEvent?: Parameters<typeof run>[3]) => {
    const { agent, request } = path(text);
    return run(agent, request, signal, onEvent);
  };

  it('answers', async () => {
    expect(await go('[[echo]] Größe 🛰️ 日本\n\n- a')).toMatchObject({
      text: 'Größe 🛰️ 日本\n\n- a',
      stop: 'end_turn',
      error: null,
    });
    expect((await go('hello')).usage).toMatchObject({
      input_tokens: expect.any(Number),
      output_tokens: expect.any(Number),
    });
  });

  it.each([
    ['[[max-tokens]] hello', 'max_tokens'],
    ['[[refuse]]', 'refused'],
    ['[[empty]]', 'end_turn'],
  ])('%s ends with %s', async (text, stop) => {
    expect(await go(text)).toMatchObject({ stop, error: null });
  });

  it.each([
    ['[[status 529]]', 'transient', false],
    ['[[status 429]]', 'transient', false],
    ['[[status 401]]', 'auth', false],
    ['[[status 404]]', 'model_missing', false],
    ['[[status 422]]', 'bad_request', false],
    ['[[error-before]]', 'transient', false],
    ['[[error-after 3]]', 'transient', true],
    ['[[cut 3]]', 'transient', true],
    ['[[html]]', 'transient', false],
  ])('%s is %s', async (text, kind, withText) => {
    const outcome = await go(`${text} hello`);
    expect(outcome.error?.kind).toBe(kind);
    expect(outcome.text !== '').toBe(withText);
  });

  it.each([
    ['[[silent]]', ''],
    ['[[stall 2]] [[echo]] one two three', 'one two'],
  ])('%s is silence', async (text, received) => {
    let soFar = '';
    const running = go(text, undefined, (event) => {
      if (event.type === 'text') soFar += event.text;
    });
    const outcome = await inSilence(
      running,
      () => simulator.control.requests.length > 0 && soFar === received,
    );
    expect(outcome).toMatchObject({ error: { timedOut: true }, text: received });
  });

  it('[[think]] shows thinking where it was asked for', async () => {
    const { agent, request } = path('[[think]] hello');
    const outcome = await run(agent, { ...request, thinking: 'adaptive' });
    expect(outcome.thinking).toContain('simulation');
    expect(outcome.usage.thinking_tokens).toBeGreaterThan(0);
  });

  it('notes that an answer was abandoned, and that another one was not', async () => {
    const stopper = new AbortController();
    await go('hello');
    await go('[[stall 1]] hello', stopper.signal, (event) => event.type === 'text' && stopper.abort());
    await expect.poll(() => simulator.control.requests.map(({ aborted }) => aborted)).toEqual([false, true]);
    expect(simulator.control.requests[0]).toMatchObject({
      messages: expect.any(Array),
      stream: true,
      status: 200,
      headers: { authorization: '(present)' },
      ended_at: expect.any(String),
    });
  });
});

describe('the simulated LiteLLM', () => {
  const get = (path: string, key?: string) =>
    fetch(`${simulator.litellmUrl}${path}`, {
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    });

  it('is alive without a key, and tells its version only with one', async () => {
    expect(await (await get('/health/liveliness')).json()).toBe("I'm alive!");
    expect(await (await get('/health/readiness')).json()).toEqual({ status: 'healthy', db: 'Not connected' });
    expect((await get('/health/readiness/details')).status).toBe(401);
    expect(await (await get('/health/readiness/details', 'sk-x')).json()).toMatchObject({
      litellm_version: '1.104.2',
    });
    expect((await get('/v1/models', 'sk-invalid')).status).toBe(400);
    const models = await get('/v1/models', 'sk-x');
    expect(models.headers.get('x-litellm-version')).toBe('1.104.2');
    expect(await models.json()).toMatchObject({
      data: expect.arrayContaining([
        { id: 'ollama-qwen2.5', object: 'model', created: expect.any(Number), owned_by: 'openai' },
      ]),
    });
  });

  it('answers whole when no stream was asked for', async () => {
    const client = new OpenAI({ apiKey: 'sk-x', baseURL: `${simulator.litellmUrl}/v1` });
    const completion = await client.chat.completions.create({
      model: 'ollama-qwen2.5',
      messages: [{ role: 'user', content: '[[echo]] hi' }],
    });
    expect(completion.choices[0]).toMatchObject({ message: { content: 'hi' }, finish_reason: 'stop' });
  });

  it("makes Ollama's troubles its own", async () => {
    const { agent, request } = home('hello');
    simulator.control.states.ollama = 'down';
    expect((await run(agent, request)).error?.kind).toBe('transient');
    simulator.control.reset();
    simulator.control.ollamaTags = [];
    expect((await run(agent, request)).error?.kind).toBe('model_missing');
  });
});

describe('the simulated Ollama', () => {
  const get = async (path: string) => (await fetch(`${simulator.ollamaUrl}${path}`)).json();

  it('has its tag, and holds the model only after its first answer', async () => {
    expect(await get('/api/version')).toHaveProperty('version');
    expect(await get('/api/tags')).toMatchObject({ models: [{ name: 'qwen2.5:14b-instruct-8k' }] });
    expect(await get('/api/ps')).toEqual({ models: [] });
    const { agent, request } = home('hello');
    await run(agent, request);
    expect(await get('/api/ps')).toMatchObject({ models: [{ name: 'qwen2.5:14b-instruct-8k' }] });
  });
});

describe('/control', () => {
  const control = (body: unknown, path = '/control', method = 'POST') =>
    fetch(`${simulator.url}${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });

  it.each([
    ['down', 'transient', false],
    ['hanging', 'transient', true],
    ['html', 'transient', false],
    ['bad_key', 'auth', false],
    [503, 'transient', false],
  ])('sets a service to %s and back', async (state, kind, timedOut) => {
    expect((await control({ service: 'anthropic', state })).status).toBe(200);
    const { agent, request } = claude('hello');
    const running = run(agent, request);
    const outcome = timedOut
      ? await inSilence(running, () => simulator.control.requests.length > 0)
      : await running;
    expect(outcome.error).toMatchObject({ kind, timedOut });
    const other = home('hello');
    expect((await run(other.agent, other.request)).error).toBeNull();
    await control({ service: 'anthropic', state: 'up' });
    expect((await run(agent, request)).error).toBeNull();
  });

  it('changes the version of LiteLLM and the tags of Ollama, and resets everything', async () => {
    const changed = await control({ litellm_version: '1.82.7', ollama_tags: [] });
    expect(await changed.json()).toMatchObject({ litellm_version: '1.82.7', ollama_tags: [] });
    const reset = await control({ reset: true });
    expect(await reset.json()).toMatchObject({ litellm_version: '1.104.2', services: { anthropic: 'up' } });
  });

  it.each([{ service: 'nobody', state: 'up' }, { service: 'ollama', state: 'odd' }, 'text'])(
    'refuses %o',
    async (order) => {
      expect((await control(order)).status).toBe(400);
    },
  );

  it('lists the requests and forgets them', async () => {
    const { agent, request } = claude('[[echo]] hi');
    await run(agent, request);
    const seen = await (await control(undefined, '/control/requests', 'GET')).json();
    expect(seen).toMatchObject({
      requests: [{ service: 'anthropic', path: '/anthropic/v1/messages', model: 'claude-sonnet-5-5' }],
    });
    expect(JSON.stringify(seen)).not.toContain('sk-ant-x');
    const left = await (await control(undefined, '/control/requests', 'DELETE')).json();
    expect(left).toEqual({ requests: [] });
  });

  it('is not for pages in a browser that were made to point here', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const options = { headers: { host: 'evil.example' } };
      request(`${simulator.url}/control`, options, (response) => resolve(response.statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });
});
