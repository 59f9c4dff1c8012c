import { describe, expect, it } from 'vitest';
import { aConfig } from '../models/test-world.ts';
import { probeAll } from './probes.ts';
import { allWell, html, json, redirect, type Script, scriptedFetch } from './test-upstreams.ts';

const never = new AbortController().signal;

async function probe(more: Script = {}, settings: Record<string, string> = {}, signal: AbortSignal = never) {
  const upstreams = scriptedFetch(allWell(more));
  let clock = 0;
  const round = await probeAll(aConfig(settings), { fetch: upstreams.fetch, now: () => ++clock, signal });
  return { ...round, calls: upstreams.calls };
}
const status = (code: number) => new Response(null, { status: code });

const ANTHROPIC = 'api.anthropic.com/v1/models';
const ALIVE = '127.0.0.1:4000/health/liveliness';
const LIST = '127.0.0.1:4000/v1/models';
const DETAILS = '127.0.0.1:4000/health/readiness/details';
const READINESS = '127.0.0.1:4000/health/readiness';
const TAGS = '127.0.0.1:11434/api/tags';

describe('Claude', () => {
  it('is asked as the SDK asks, with all lifecycles, following no redirect', async () => {
    const { anthropic, calls } = await probe();
    expect(anthropic).toMatchObject({ isUp: true, detail: 'Claude answers.' });
    const call = calls.find(({ url }) => url.includes('api.anthropic.com'));
    const query = new URL(call?.url ?? '').searchParams;
    expect(query.getAll('lifecycle[]')).toEqual(['active', 'deprecated', 'retired']);
    expect(call?.headers.get('authorization')).toBe('Bearer sk-ant-test');
    expect(call?.headers.get('anthropic-version')).toBe('2026-10-21');
    expect(call?.redirect).toBe('manual');
  });

  it('tells the lifecycle of its models, past entries that have none', async () => {
    const data = [
      { id: 'a', lifecycle: 'deprecated', retires_at: '2026-11-30T00:00:00Z' },
      { id: 'b', lifecycle: 'retired', retires_at: null },
      { id: 'c', lifecycle: 'active', retires_at: 'someday' },
      { id: 'd' },
      { id: 'e', lifecycle: 'legacy' },
      7,
    ];
    expect((await probe({ [ANTHROPIC]: json({ data }) })).anthropic?.live_models).toEqual([
      { id: 'a', lifecycle: 'deprecated', retires_at: '2026-11-30T00:00:00.000Z' },
      { id: 'b', lifecycle: 'retired', retires_at: null },
      { id: 'c', lifecycle: 'active', retires_at: null },
    ]);
  });

  it.each([401, 402, 403])('is down when it refuses the key (%i)', async (code) => {
    const { anthropic } = await probe({ [ANTHROPIC]: status(code) });
    expect(anthropic?.isUp).toBe(false);
    expect(anthropic?.detail).toContain('ANTHROPIC_API_KEY');
  });

  it.each([
    ['404', status(404)],
    ['405', status(405)],
    ['404 with a page', html(404)],
    ['501', status(501)],
    ['another shape', json({ hello: 1 })],
    ['no JSON', new Response('ok')],
  ])('is up with a note when only its list is missing: %s', async (_what, answer) => {
    const { anthropic } = await probe({ [ANTHROPIC]: answer });
    expect(anthropic).toMatchObject({ isUp: true, live_models: [] });
    expect(anthropic?.detail).toContain('list');
  });

  it('is up when its rate limit is reached', async () => {
    expect((await probe({ [ANTHROPIC]: status(429) })).anthropic?.isUp).toBe(true);
  });
});

describe('LiteLLM', () => {
  it('is asked whether it lives without the key, and for its list with it, never by /health', async () => {
    const { litellm, calls } = await probe();
    expect(litellm).toMatchObject({ isUp: true, models: ['ollama-qwen2.5'], version: '1.104.2' });
    const mine = calls.filter(({ url }) => url.includes(':4000'));
    expect(mine.map(({ url }) => new URL(url).pathname)).toEqual([
      '/health/liveliness',
      '/v1/models',
      '/health/readiness/details',
    ]);
    expect(mine.map(({ headers }) => headers.get('authorization'))).toEqual([
      null,
      'Bearer sk-home-test',
      'Bearer sk-home-test',
    ]);
  });

  it('gets the service token on every path', async () => {
    const { calls } = await probe({}, { CF_ACCESS_CLIENT_ID: 'i', CF_ACCESS_CLIENT_SECRET: 's' });
    const has = (url: string) =>
      calls.filter((call) => call.url.includes(url)).map(({ headers }) => headers.has('cf-access-client-id'));
    expect(has(':4000')).toEqual([true, true, true]);
    expect(has('anthropic')).toEqual([false]);
  });

  it.each([400, 401, 403])('is down when it refuses the key (%i)', async (code) => {
    const { litellm } = await probe({ [LIST]: status(code) });
    expect(litellm?.isUp).toBe(false);
    expect(litellm?.detail).toContain('LITELLM_MASTER_KEY');
  });

  it.each([401, 403])('is behind a gate when the open path is refused (%i)', async (code) => {
    expect((await probe({ [ALIVE]: status(code) })).litellm?.detail).toContain('CF_ACCESS_CLIENT_ID');
  });

  it('is up when the tunnel lets the health paths not through', async () => {
    const { litellm } = await probe({
      [ALIVE]: status(404),
      [DETAILS]: status(404),
      [READINESS]: status(404),
    });
    expect(litellm).toMatchObject({ isUp: true, models: ['ollama-qwen2.5'], version: null });
  });

  it('tells its version in a header where the details are closed', async () => {
    const listed = json({ data: [] }, { headers: { 'x-litellm-version': '1.90.3' } });
    expect((await probe({ [DETAILS]: status(404), [LIST]: listed })).litellm?.version).toBe('1.90.3');
  });

  it('told its version on the open path before 1.84', async () => {
    const readiness = json({ status: 'healthy', litellm_version: '1.82.8' });
    expect((await probe({ [DETAILS]: status(404), [READINESS]: readiness })).litellm?.version).toBe('1.82.8');
  });

  it('has no version where the text is none', async () => {
    const details = json({ litellm_version: '<script>' });
    expect((await probe({ [DETAILS]: details })).litellm?.version).toBeNull();
  });

  it('may keep its list to itself', async () => {
    expect((await probe({ [LIST]: json({ models: [] }) })).litellm).toMatchObject({
      isUp: true,
      models: null,
    });
  });
});

describe('Ollama', () => {
  it.each([
    ['qwen2.5:14b-instruct-8k', true],
    ['llama3', true],
    ['llama3:latest', true],
    ['llama3:8b', false],
    ['host/name', true],
    ['qwen2.5:14b-instruct', false],
  ])('has %s: %s', async (model, expected) => {
    const models = [
      { name: 'qwen2.5:14b-instruct-8k' },
      { name: 'llama3:latest' },
      { model: 'host/name:latest' },
      {},
    ];
    expect((await probe({ [TAGS]: json({ models }) }, { OLLAMA_MODEL: model })).ollama?.hasModel).toBe(
      expected,
    );
  });

  it('says which model it does not have (H2)', async () => {
    expect((await probe({ [TAGS]: json({ models: [] }) })).ollama).toMatchObject({
      isUp: true,
      detail:
        'Ollama is reachable but does not have the model qwen2.5:14b-instruct-8k. Make it with litellm/make-model.sh.',
    });
  });

  it('is down when its host check refuses, or something else answers', async () => {
    expect((await probe({ [TAGS]: status(403) })).ollama).toMatchObject({
      isUp: false,
      detail: expect.stringContaining('httpHostHeader'),
    });
    expect((await probe({ [TAGS]: json({ tags: [] }) })).ollama).toMatchObject({
      isUp: false,
      detail: expect.stringContaining('OLLAMA_BASE_URL'),
    });
  });

  it('is not asked without an address, nor without LiteLLM', async () => {
    expect((await probe({}, { OLLAMA_BASE_URL: '' })).ollama).toBeNull();
    expect((await probe({}, { LITELLM_ENABLED: '' })).ollama).toBeNull();
  });
});

describe('every service', () => {
  const services = [
    ['anthropic', ANTHROPIC],
    ['litellm', ALIVE],
    ['litellm', LIST],
    ['ollama', TAGS],
  ] as const;
  const faults: [string, Script[string], RegExp][] = [
    ['a redirect', redirect(), /redirect/],
    ['a page', html(), /web page/],
    ['nobody', 'unreachable', /cannot be reached/],
    ['status 500', status(500), /status 500/],
    ['status 529', status(529), /status 529/],
  ];
  for (const [service, path] of services) {
    it.each(faults)(
      `${path} is down, in one sentence without address, key or body: %s`,
      async (_what, answer, sentence) => {
        const found = (await probe({ [path]: answer }))[service];
        expect(found?.isUp).toBe(false);
        expect(found?.detail).toMatch(sentence);
        expect(found?.detail).toMatch(/^[A-Z][^.]*\.$/);
        expect(found?.detail).not.toMatch(/:\/\/|127\.0|\.com|sk-|ecret page|login\.example/);
      },
    );
  }

  it.each([ALIVE, TAGS])('%s has the faults of a tunnel apart', async (path) => {
    const name = path === ALIVE ? 'litellm' : 'ollama';
    const details = await Promise.all(
      [502, 530, 524].map(async (code) => (await probe({ [path]: status(code) }))[name]?.detail),
    );
    expect(details[1]).toContain('cloudflared');
    expect(new Set(details).size).toBe(3);
  });

  it('that hangs is down once the time is up, even in the middle of a body', async () => {
    const stuck = () =>
      new Response(new ReadableStream(), { headers: { 'content-type': 'application/json' } });
    const controller = new AbortController();
    const probing = probe({ [ANTHROPIC]: 'hang', [LIST]: stuck, [TAGS]: stuck }, {}, controller.signal);
    setTimeout(() => controller.abort(), 20);
    const { anthropic, litellm, ollama } = await probing;
    for (const found of [anthropic, litellm, ollama]) {
      expect(found).toMatchObject({
        isUp: false,
        latency_ms: null,
        detail: expect.stringContaining('5 seconds'),
      });
    }
  });

  it('scenario 3: Claude is not asked directly', async () => {
    const { anthropic, calls } = await probe({}, { ALLOW_ANTHROPIC_VIA_LITELLM: 'true' });
    expect(anthropic).toBeNull();
    expect(calls.some(({ url }) => url.includes('anthropic'))).toBe(false);
  });
});
