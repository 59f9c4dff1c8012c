import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { ErrorBody, Health, Model } from '../shared/index.ts';

const HERE = 'http://localhost:8787';
const ask = (path: string, init: RequestInit = {}) => exports.default.fetch(`${HERE}${path}`, init);
const errorOf = async (response: Response) => ((await response.json()) as ErrorBody).error;

describe('H1, H2 /models', () => {
  it('Automatic first and recommended, only what can be chosen, no key in it', async () => {
    const response = await ask('/models');
    expect(response.status).toBe(200);
    const text = await response.clone().text();
    expect(text).not.toMatch(/sk-ant|api\.anthropic/);
    const models = (await response.json()) as Model[];
    expect(models[0]).toMatchObject({ id: 'auto', recommended: true, is_default: true, is_automatic: true });
    expect(models.map((model) => model.id)).not.toContain('claude-opus-4');
    expect(models.map((model) => model.id)).not.toContain('ollama-qwen2.5');
  });

  it('with all=1 the others too, each with a reason', async () => {
    const models = (await (await ask('/models?all=1')).json()) as Model[];
    expect(models.find((model) => model.id === 'claude-opus-4')).toMatchObject({
      status: 'retired',
      replaced_by: 'claude-opus-5-5',
    });
    const rest = models.filter((model) => ['unavailable', 'retired', 'disabled'].includes(model.status));
    expect(rest.length).toBeGreaterThan(0);
    for (const model of rest) expect(model.reason).toMatch(/\w+ .*\w+/);
  });
});

describe('H3 /health', () => {
  it('ok with every service named', async () => {
    const health = (await (await ask('/health')).json()) as Health;
    expect(health).toMatchObject({
      status: 'ok',
      services: {
        anthropic: { status: 'up' },
        litellm: { status: 'disabled' },
        ollama: { status: 'unconfigured' },
      },
    });
  });
});

describe('H4 /ws', () => {
  const upgrade = (headers: Record<string, string>) => ask('/ws', { headers });

  const REFUSED: Record<string, string>[] = [
    {},
    { Upgrade: 'websocket' },
    { Upgrade: 'websocket', Origin: 'https://evil.example' },
    { Origin: 'null' },
  ];
  it.each(REFUSED)('%j is refused with 403', async (headers) => {
    const response = await upgrade(headers);
    expect(response.status).toBe(403);
    expect(await errorOf(response)).toMatchObject({ code: 'origin_refused' });
  });

  it('a plain GET from the own page is 426', async () => {
    expect((await upgrade({ Origin: HERE })).status).toBe(426);
  });
});

describe('H5 /conversations', () => {
  it.each([undefined, 'Bearer', `Bearer ${'0'.repeat(64)}`, 'Bearer zz', 'Basic x'])(
    'with %j is 404',
    async (authorization) => {
      const headers: Record<string, string> =
        authorization === undefined ? {} : { Authorization: authorization };
      for (const path of ['/conversations', '/conversations/x', '/conversations/x?format=json']) {
        const response = await ask(path, { headers });
        expect(response.status).toBe(404);
        expect(await errorOf(response)).toMatchObject({ code: 'not_found' });
      }
    },
  );
});

describe('H6 and H8', () => {
  it('an unknown address is 404 in the one form of an error', async () => {
    const response = await ask('/nothing/here');
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toEqual({
      code: 'not_found',
      message: expect.any(String),
      request_id: expect.stringMatching(/^[\w-]{8,}$/),
    });
  });

  it('a missing file of the page is 404 and not cached', async () => {
    const response = await ask('/_app/immutable/chunks/gone.js', { headers: { Accept: 'text/html' } });
    expect(response.status).toBe(404);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
  });

  it.each([
    ['POST', '/models'],
    ['DELETE', '/health'],
    ['PUT', '/ws'],
    ['PATCH', '/conversations'],
    ['POST', '/conversations/x', 'GET, DELETE'],
    ['GET', '/sessions', 'POST, DELETE'],
    ['GET', '/frames', 'POST'],
    ['POST', '/stream'],
    ['GET', '/links', 'POST'],
    ['DELETE', '/links/redeem', 'POST'],
  ])('%s %s is 405', async (method, path, allow = 'GET') => {
    const response = await ask(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('Allow')).toBe(allow);
    expect(await errorOf(response)).toMatchObject({ code: 'method_not_allowed' });
  });

  it('answers of the API cannot be framed or sniffed', async () => {
    const { headers } = await ask('/models');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(headers.get('Referrer-Policy')).toBe('no-referrer');
    expect(headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'");
  });
});

it('CMD6: a local Worker answers to the names of this machine only', async () => {
  for (const path of ['/models', '/health', '/', '/ws']) {
    const response = await exports.default.fetch(`http://rebound.example:8787${path}`);
    expect(response.status).toBe(403);
    expect(await errorOf(response)).toMatchObject({ code: 'origin_refused' });
  }
});
