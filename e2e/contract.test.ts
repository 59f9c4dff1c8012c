import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorBodySchema, healthSchema, isChoosable, modelSchema } from '../shared/index.ts';
import { Client } from './harness/client.ts';
import { http, UPGRADE } from './harness/http.ts';
import { type Program, startProgram } from './harness/program.ts';
import { settingsFor, startUpstream, type Upstream } from './harness/upstream.ts';

let upstream: Upstream;
let program: Program;

beforeAll(async () => {
  upstream = await startUpstream();
  program = await startProgram({ env: settingsFor(upstream) });
});
afterAll(async () => {
  await program?.stop();
  await upstream?.close();
});

const origin = () => ({ Origin: program.url });

function models(json: unknown) {
  return modelSchema && Array.isArray(json) ? json.map((entry) => modelSchema.parse(entry)) : [];
}

describe('H1, H2 models', () => {
  test('H1 lists what can be chosen, Automatic first and recommended, one default', async () => {
    const { status, json, headers } = await http(program, '/models');
    expect(headers['x-content-type-options']).toBe('nosniff');
    const list = models(json);
    expect(status).toBe(200);
    expect(list[0]).toMatchObject({ id: 'auto', is_automatic: true, recommended: true });
    expect(list.every(isChoosable)).toBe(true);
    expect(list.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'claude-haiku-5-5',
        'claude-sonnet-5-5',
        'claude-opus-5-5',
        'claude-haiku-4-5',
        'ollama-qwen2.5',
      ]),
    );
    expect(list.filter(({ is_default }) => is_default)).toHaveLength(1);
  });

  test('H1 Claude goes direct, the home model through LiteLLM', async () => {
    const list = models((await http(program, '/models')).json);
    for (const { provider, routing_path } of list) {
      expect(routing_path).toBe(provider === 'ollama' ? 'litellm_proxy' : 'sdk_direct');
    }
  });

  test('H2 adds what cannot be chosen, each with a reason', async () => {
    const all = models((await http(program, '/models?all=1')).json);
    const opus4 = all.find(({ id }) => id === 'claude-opus-4');
    expect(opus4).toMatchObject({ status: 'retired', replaced_by: 'claude-opus-5-5' });
    for (const model of all.filter((entry) => !isChoosable(entry))) expect(model.reason).toMatch(/\w+ \w+/);
  });

  test.each(['/models', '/models?all=1', '/health'])(
    'H1 nothing secret and no address in %s',
    async (path) => {
      const { body } = await http(program, path);
      for (const secret of [
        'sk-ant-for-tests',
        'sk-proxy-for-tests',
        new URL(upstream.url).host,
        '127.0.0.1',
        'localhost',
      ]) {
        expect(body).not.toContain(secret);
      }
    },
  );
});

describe('H3 health', () => {
  test('all services up', async () => {
    const { status, json } = await http(program, '/health');
    expect(status).toBe(200);
    const health = healthSchema.parse(json);
    expect(health.status).toBe('ok');
    for (const service of Object.values(health.services)) {
      expect(service.status).toBe('up');
      expect(Date.parse(service.checked_at ?? '')).toBeGreaterThan(0);
    }
    expect(health.services.litellm.version).toBe('1.104.2');
  });
});

describe('H4 the socket', () => {
  test.each([
    ['of another site', { Origin: 'https://evil.example' }],
    ['that only begins like ours', { Origin: 'http://localhost.evil.example' }],
    ['that is missing', {}],
    ['null', { Origin: 'null' }],
  ])('an Origin %s is refused, with and without an upgrade', async (_, headers) => {
    for (const more of [{}, UPGRADE]) {
      const reply = await http(program, '/ws', { headers: { ...more, ...headers } });
      expect(reply.status).toBe(403);
      expect(errorBodySchema.parse(reply.json).error.code).toBe('origin_refused');
    }
  });

  test('a plain GET with the right Origin is 426', async () => {
    const reply = await http(program, '/ws', { headers: origin() });
    expect(reply.status).toBe(426);
    errorBodySchema.parse(reply.json);
  });

  test('an upgrade with the right Origin gets the subprotocol', async () => {
    const reply = await http(program, '/ws', { headers: { ...UPGRADE, ...origin() } });
    expect(reply.status).toBe(101);
    expect(reply.headers['sec-websocket-protocol']).toBe('chatbox.v1');
  });

  test.each(['0'.repeat(64), 'a1'.repeat(32), 'zz', 'x'.repeat(400)])(
    'a session id that was never minted (%s) closes with 4404',
    async (session) => {
      const client = new Client(program.url, { session });
      expect(await client.closed).toMatchObject({ code: 4404 });
    },
  );
});

describe('H5 conversations', () => {
  test('without a session, or with one that was never minted, there is nothing', async () => {
    for (const token of [null, 'zz', '0'.repeat(64)]) {
      const headers: Record<string, string> = token === null ? {} : { Authorization: `Bearer ${token}` };
      const { status, json } = await http(program, '/conversations', { headers });
      expect([401, 404]).toContain(status);
      errorBodySchema.parse(json);
    }
  });

  test('the archive is paged, and one conversation comes whole as a download', async () => {
    const { client, session } = await Client.connect(program.url);
    const headers = { Authorization: `Bearer ${session.session_id}` };
    await client.ask('First question');
    const first = (await client.when('a conversation', () => client.frames[0])) && session.conversation.id;
    client.send({ type: 'reset' });
    const reset = await client.next('conversation_reset');
    expect(reset.archived_message_count).toBe(2);

    const list = await http(program, '/conversations', { headers });
    expect(list.json).toMatchObject({ conversations: [{ id: first, message_count: 2 }], next: null });
    const one = await http(program, `/conversations/${first}`, { headers });
    expect(one.json).toMatchObject({
      conversation: { id: first, status: 'archived', messages: [{ text: 'First question' }, {}] },
    });
    const markdown = await http(program, `/conversations/${first}?format=markdown`, { headers });
    expect(markdown.body).toContain('First question');
    expect(markdown.headers['content-disposition']).toMatch(/attachment/);
    const gone = await http(program, '/conversations/nope', { headers });
    expect(gone.status).toBe(404);
    client.close();
  });
});

describe('H6 the page', () => {
  test('its headers', async () => {
    const { status, headers, body } = await http(program, '/');
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['x-content-type-options']).toBe('nosniff');
    const policy = `${headers['content-security-policy'] ?? ''} ${body}`;
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;"]*'unsafe-/);
  });

  test('every inline script is covered by a hash', async () => {
    const { headers, body } = await http(program, '/');
    const inline = [...body.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
      (match) => match[1] ?? '',
    );
    const policy = `${headers['content-security-policy'] ?? ''} ${body}`;
    for (const script of inline) {
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(script));
      expect(policy).toContain(`'sha256-${Buffer.from(digest).toString('base64')}'`);
    }
  });

  test('a missing file under /_app/ is 404, not the page, and is not kept', async () => {
    const reply = await http(program, '/_app/immutable/chunks/gone.js');
    expect(reply.status).toBe(404);
    expect(reply.headers['cache-control']).toMatch(/no-store/);
    expect(reply.headers['content-type']).not.toMatch(/html/);
  });

  test('a file with a hash in its name may be kept for ever', async () => {
    const page = (await http(program, '/')).body;
    const asset = /\/_app\/immutable\/[^"']+\.js/.exec(page)?.[0] ?? 'none';
    const reply = await http(program, asset);
    expect(reply.status).toBe(200);
    expect(reply.headers['cache-control']).toMatch(/immutable/);
    expect(reply.headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('H8 errors', () => {
  test('an unknown address of the API', async () => {
    const { status, json } = await http(program, '/models/none', {
      headers: { Accept: 'application/json' },
    });
    expect(status).toBe(404);
    expect(errorBodySchema.parse(json).error).toMatchObject({
      code: 'not_found',
      request_id: expect.stringMatching(/./),
    });
  });

  test.each([
    ['POST', '/models'],
    ['DELETE', '/health'],
    ['PUT', '/ws'],
    ['POST', '/conversations'],
  ])('%s %s is not allowed', async (method, path) => {
    const { status, json, headers } = await http(program, path, { method, headers: origin() });
    expect(status).toBe(405);
    expect(errorBodySchema.parse(json).error.code).toBe('method_not_allowed');
    expect(headers.allow).toMatch(/GET/);
  });
});
