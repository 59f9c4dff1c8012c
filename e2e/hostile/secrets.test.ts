import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/paths.ts';
import { Client } from '../harness/client.ts';
import { http, type Reply, UPGRADE } from '../harness/http.ts';
import { type Lab, startLab } from '../harness/mcp-lab.ts';
import { askedBy, calling, inRounds, saying, servers } from '../harness/mcp-world.ts';
import { type Program, startProgram } from '../harness/program.ts';
import { settingsFor, startUpstream, type Upstream } from '../harness/upstream.ts';
import { type Canaries, Outlet, sung } from './canaries.ts';
import { type Gate, startGate } from './gate.ts';
import { passphraseEntry } from './passphrase.ts';
import { makeTelltale, STATUSES, TRICKS } from './telltale.ts';
import { makeToolTelltale } from './tool-telltale.ts';

const PASSPHRASE = 'canary-passphrase-pelican-quartz';
const SECRETS = {
  ANTHROPIC_API_KEY: 'sk-ant-canary-albatross-1f7c',
  LITELLM_MASTER_KEY: 'sk-canary-bittern-93ab',
  CF_ACCESS_CLIENT_ID: 'canary-cormorant-0d41.access',
  CF_ACCESS_CLIENT_SECRET: 'canary-dunlin-77e2c9',
  SIGN_IN_SECRET: 'canary-egret-5b5b5b5b-5b5b5b5b-5b5b5b5b',
  ACCESS_PASSPHRASES: passphraseEntry('pelican', PASSPHRASE),
};
const [, , , HASH = ''] = SECRETS.ACCESS_PASSPHRASES.split('$');

let upstream: Upstream;
let home: Gate;
let program: Program;
const outlet = new Outlet();
/** Found nowhere at all. */
let secrets: Canaries;
const SAID = 'confidential-question-osprey';
/** Theirs to see who said it or are signed in; but not in the log. */
const confidential = new Map([['a question', SAID]]);

async function call(path: string, options: Parameters<typeof http>[2] = {}): Promise<Reply> {
  const reply = await http(program, path, options);
  outlet.take(`${options.method ?? 'GET'} ${path}`, JSON.stringify(reply.headers) + reply.body);
  return reply;
}

beforeAll(async () => {
  upstream = await startUpstream();
  makeTelltale(upstream);
  home = await startGate(upstream.url, 'canary-home-fulmar');
  program = await startProgram({
    env: {
      ...settingsFor(upstream),
      ...SECRETS,
      ACCESS_MODE: 'password',
      ANTHROPIC_BASE_URL: `${home.url}/anthropic`,
      LITELLM_PROXY_URL: `${home.url}/litellm`,
      OLLAMA_BASE_URL: `${home.url}/ollama`,
      LITELLM_MAX_RETRIES: '0',
      LOG_LEVEL: 'DEBUG',
    },
  });
  secrets = new Map([
    ...Object.entries(SECRETS),
    ['the hash of a passphrase', HASH],
    ['the passphrase', PASSPHRASE],
    ['the address of home', 'canary-home-fulmar'],
    ['the port of home', `:${home.port}`],
    ['the port of the upstream', `:${new URL(upstream.url).port}`],
  ]);
});
afterAll(async () => {
  await program?.stop();
  await home?.close();
  await upstream?.close();
});

describe('secrets stay in', () => {
  test('whatever is asked, and however the upstreams answer', async () => {
    const origin = { Origin: program.url };
    for (const passphrase of ['wrong', PASSPHRASE.slice(0, -1)]) {
      await call('/sign-in', { method: 'POST', headers: origin, body: JSON.stringify({ passphrase }) });
    }
    const body = JSON.stringify({ passphrase: PASSPHRASE });
    const signedIn = await http(program, '/sign-in', { method: 'POST', headers: origin, body });
    const [cookie = ''] = signedIn.headers['set-cookie']?.split(';') ?? [];
    outlet.take(
      'the cookie',
      decodeURIComponent(cookie) + Buffer.from(cookie.split(/[=.]/)[1] ?? '', 'base64url'),
    );
    confidential.set('the cookie', cookie.split('=')[1] ?? cookie);
    const headers = { Cookie: cookie };

    for (const model of ['claude-sonnet-5-5', 'ollama-qwen2.5']) {
      const { client, session } = await Client.connect(program.url, { headers });
      confidential.set(`the session on ${model}`, session.session_id);
      client.send({ type: 'model_change', model });
      await client.next('model_changed');
      const said = (what: string) => `${what} ${SAID}`;
      await client.ask(said('plain'));
      for (const fault of [
        ...STATUSES.map((status) => `status ${status}.`),
        ...TRICKS.map((name) => `trick ${name}.`),
      ]) {
        // Each in a conversation of its own, so that its own question is all that can be repeated.
        client.send({ type: 'reset' });
        await client.next('conversation_reset');
        await client.ask(said(fault));
      }
      client.send({ type: 'models' });
      await client.next('models');
      client.send({ type: 'model_change', model: 'no-such-model' });
      await client.next('error');
      client.sendRaw('no frame');
      await client.next('error');

      const bearer = { ...headers, ...origin, Authorization: `Bearer ${session.session_id}` };
      const archive = await call('/conversations', { headers: bearer });
      const [first] = (archive.json as { conversations: { id: string }[] }).conversations;
      for (const format of ['', '?format=json', '?format=markdown', '?format=x', '?before=x']) {
        await call(`/conversations/${first?.id}${format}`, { headers: bearer });
      }
      const link = await call('/links', { method: 'POST', headers: bearer });
      const { code } = link.json as { code: string };
      confidential.set(`the link on ${model}`, code);
      await call('/links/redeem', { method: 'POST', headers: bearer, body: JSON.stringify({ code }) });
      await call('/frames', { method: 'POST', headers: bearer, body: '{"type":"models"}' });
      client.close();
      outlet.take(`the socket on ${model}`, client.raw.join('\n'));
    }
    for (const [service, status] of [
      ['litellm', 500],
      ['ollama', 404],
      ['anthropic', 401],
    ] as const) {
      upstream.setService(service, status);
    }
    for (const path of [
      '/',
      '/models',
      '/models?all=1',
      '/health',
      '/access',
      '/nothing',
      '/_app/nothing.js',
      '/favicon.svg',
      '/wrangler.toml',
      '/.dev.vars',
    ]) {
      for (const one of [{}, headers, { ...headers, ...origin }]) await call(path, { headers: one });
      for (const method of ['POST', 'DELETE', 'OPTIONS', 'HEAD'])
        await call(path, { method, headers: origin });
    }
    await call('/ws', { headers: { ...UPGRADE, ...origin } });
    await call('/ws', { headers: { ...UPGRADE, ...origin, ...headers } });
    await call('/ws', { headers: { ...UPGRADE, Origin: 'https://evil.example' } });

    expect(outlet.search(secrets)).toEqual([]);
    // They were all in use, and the upstream did repeat them.
    const shown = upstream.asked
      .map(({ headers }) => `${headers.authorization} ${headers['x-api-key']}`)
      .join();
    expect(shown).toContain(SECRETS.ANTHROPIC_API_KEY);
    expect(shown).toContain(SECRETS.LITELLM_MASTER_KEY);
    const everything = outlet.pieces.map(({ text }) => text).join('\n');
    expect(everything.split('"type":"error"').length).toBeGreaterThan(20);
    // A question belongs to who asked it: what was said is in the archive, so the search can find something.
    expect(sung(new Map([['a question', SAID]]), everything)).toEqual(['a question']);
  });

  test('the log at its most talkative holds no secret, no session, no word that was said', async () => {
    expect(program.events('model_error').length).toBeGreaterThan(20);
    expect(program.events('internal_error')).toEqual([]);
    expect(sung(secrets, program.output())).toEqual([]);
    expect(sung(confidential, program.output())).toEqual([]);
  });

  test('nothing of it is in the page', () => {
    const files = readdirSync(join(ROOT, 'web', 'build'), { recursive: true, withFileTypes: true });
    const built = files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(built.length).toBeGreaterThan(3);
    expect(built.filter((file) => sung(secrets, readFileSync(file, 'latin1')).length > 0)).toEqual([]);
  });
});

describe('secrets of a page that is open to everybody, with a home that cannot be found', () => {
  const TURNSTILE = 'canary-gannet-0x4AAAAAAA-secret';
  const TOKEN = 'canary-token-heron';
  const NAMES = new Map([
    ['TURNSTILE_SECRET_KEY', TURNSTILE],
    ['the token', TOKEN],
    ['the proxy', 'canary-ibis.invalid'],
    ['Ollama', 'canary-jackdaw.invalid'],
    ['the verifier', 'canary-verify-kestrel'],
    ...Object.entries(SECRETS).filter(([name]) => name !== 'ACCESS_PASSPHRASES'),
  ]);

  test('neither a verifier that repeats them, nor a name that cannot be resolved, brings them out', async () => {
    let isGenerous = false;
    // As Cloudflare answers, and with all that it was told.
    const verify = await startGate(upstream.url, 'canary-verify-kestrel', (asked) =>
      JSON.stringify({
        success: isGenerous,
        hostname: 'localhost',
        action: 'chat',
        'error-codes': [asked],
        asked,
      }),
    );
    const { ACCESS_PASSPHRASES: _, ...settings } = SECRETS;
    const open = await startProgram({
      env: {
        ...settings,
        ANTHROPIC_BASE_URL: `${upstream.url}/anthropic`,
        ACCESS_MODE: 'open',
        DAILY_BUDGET_USD: '5',
        TURNSTILE_SITE_KEY: '0x4AAAAAAA-site',
        TURNSTILE_SECRET_KEY: TURNSTILE,
        TURNSTILE_VERIFY_URL: verify.url,
        LITELLM_ENABLED: 'true',
        LITELLM_PROXY_URL: 'http://canary-ibis.invalid:4000',
        OLLAMA_BASE_URL: 'http://canary-jackdaw.invalid:11434',
        LOG_LEVEL: 'DEBUG',
      },
    });
    const out = new Outlet();
    const origin = { Origin: open.url };
    const enter = async () => {
      const body = JSON.stringify({ turnstile_token: TOKEN });
      const reply = await http(open, '/sign-in', { method: 'POST', headers: origin, body });
      out.take('POST /sign-in', JSON.stringify(reply.headers) + reply.body);
      return reply;
    };
    try {
      expect((await enter()).status).toBe(401);
      isGenerous = true;
      const entered = await enter();
      expect(entered.status).toBe(204);
      const [cookie = ''] = entered.headers['set-cookie']?.split(';') ?? [];
      const headers = { Cookie: cookie };
      out.take('the cookie', String(Buffer.from(cookie.split(/[=.]/)[1] ?? '', 'base64url')));
      const { client } = await Client.connect(open.url, { headers });
      client.send({ type: 'model_change', model: 'ollama-qwen2.5' });
      await client.next('error');
      await client.ask(`plain ${SAID}`);
      client.send({ type: 'models' });
      await client.next('models');
      client.close();
      out.take('the socket', client.raw.join('\n'));
      for (const path of ['/', '/models?all=1', '/health', '/access']) {
        for (const one of [{}, headers]) {
          const reply = await http(open, path, { headers: one });
          out.take(path, JSON.stringify(reply.headers) + reply.body);
        }
      }
      expect(verify.count()).toBe(2);
      expect(out.search(NAMES)).toEqual([]);
      expect(sung(new Map([...NAMES, ['a question', SAID], ['the cookie', cookie]]), open.output())).toEqual(
        [],
      );
    } finally {
      await open.stop();
      await verify.close();
    }
  });
});

describe('secrets of tools', () => {
  const TOOL_SECRETS = {
    NETBOX_MCP_TOKEN: 'canary-lapwing-4e1b7d',
    INVENTORY_TOKEN: 'canary-merlin-90ffab',
    OPERATOR_TOKEN: 'canary-nightjar-operator-2b2b',
    ANTHROPIC_API_KEY: 'sk-ant-canary-osprey-77aa',
    LITELLM_MASTER_KEY: 'sk-canary-plover-18cd',
  };

  test('servers that repeat them wherever they can, to models that pass everything on, bring none out', async () => {
    for (const name of ['anthropic', 'litellm', 'ollama'] as const) upstream.setService(name, 200);
    const labs: Lab[] = [await startLab(), await startLab()];
    const [netbox, inventory] = labs;
    if (netbox === undefined || inventory === undefined) throw new Error('no lab');
    const ofNetbox = makeToolTelltale(netbox, TOOL_SECRETS.NETBOX_MCP_TOKEN);
    const ofInventory = makeToolTelltale(inventory, TOOL_SECRETS.INVENTORY_TOKEN);
    inventory.set(`get_${TOOL_SECRETS.INVENTORY_TOKEN}`, () => ({ content: [] }));
    const all = [
      ...ofNetbox.map((name) => `netbox__${name}`),
      ...ofInventory.map((name) => `inventory__${name}`),
    ];
    const open = await startProgram({
      env: {
        ...settingsFor(upstream),
        ...TOOL_SECRETS,
        NETBOX_MCP_URL: netbox.url,
        NETBOX_ALLOWED_TOOLS: ofNetbox.join(),
        MCP_SERVERS: servers({ name: 'inventory', url: inventory.url, token_secret: 'INVENTORY_TOKEN' }),
        LOG_LEVEL: 'DEBUG',
      },
    });
    // The servers' addresses are theirs to tell: a result may link to its object.
    const names = new Map(Object.entries(TOOL_SECRETS));
    const out = new Outlet();
    const read = async (path: string, headers: Record<string, string>) => {
      const reply = await http(open, path, { headers: { Origin: open.url, ...headers } });
      out.take(path, JSON.stringify(reply.headers) + reply.body);
      return reply;
    };
    try {
      for (const model of ['claude-sonnet-5-5', 'ollama-qwen2.5']) {
        const { client, session } = await Client.connect(open.url);
        client.send({ type: 'model_change', model });
        await client.next('model_changed');
        for (const name of all) {
          const word = `${name} of ${model}.`;
          inRounds(upstream, word, calling('', { name }), saying('ok'));
          client.send({ type: 'reset' });
          await client.next('conversation_reset');
          client.send({ type: 'chat', message: word });
          const accepted = await client.next('message_accepted');
          if (name.endsWith('tell_a_person')) {
            const { call_id } = await client.next('tool_request');
            client.send({ type: 'tool_decision', call_id, allow: true });
          }
          expect((await client.answerTo(accepted)).end.stop_reason).toBe('end_turn');
          const [first, second] = askedBy(upstream, word);
          // It was made: what is not offered would keep every secret.
          expect(first?.tools).toContain(name);
          out.take(`what ${model} is told of ${name}`, JSON.stringify([first?.body, second?.body]));
        }
        client.send({ type: 'models' });
        await client.next('models');
        client.close();
        out.take(`the socket on ${model}`, client.raw.join('\n'));
        const bearer = { Authorization: `Bearer ${session.session_id}` };
        const archive = await read('/conversations', bearer);
        for (const { id } of (archive.json as { conversations: { id: string }[] }).conversations) {
          for (const format of ['', '?format=json', '?format=markdown']) {
            await read(`/conversations/${id}${format}`, bearer);
          }
        }
        for (const path of ['/tool-calls', '/usage-report', '/usage-report?format=csv']) {
          expect((await read(path, bearer)).status).toBe(200);
        }
      }
      for (const token of [TOOL_SECRETS.OPERATOR_TOKEN, 'canary-nightjar-operator', 'wrong']) {
        for (const format of ['', '?format=csv']) {
          await read(`/operator/usage-report${format}`, { Authorization: `Bearer ${token}` });
        }
      }
      for (const path of ['/health', '/models?all=1']) await read(path, {});
      expect(out.search(names)).toEqual([]);
      expect(sung(names, open.output())).toEqual([]);
      // They were all in use, and the servers did repeat them.
      for (const [lab, token] of [
        [netbox, TOOL_SECRETS.NETBOX_MCP_TOKEN],
        [inventory, TOOL_SECRETS.INVENTORY_TOKEN],
      ] as const) {
        expect(new Set(lab.heard.map(({ headers }) => headers.authorization))).toEqual(
          new Set([`Bearer ${token}`]),
        );
        // Every tool of it once for each model, and no other address but its own.
        expect(lab.calls()).toHaveLength(2 * ofNetbox.length);
        expect(new Set(lab.heard.map(({ path }) => path))).toEqual(new Set(['/mcp']));
      }
      expect(out.pieces.map(({ text }) => text).join()).toContain('[secret]');
    } finally {
      await open.stop();
      for (const lab of labs) await lab.close();
    }
  });
});
