import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { accessSchema, errorBodySchema } from '../shared/index.ts';
import { formatPassphrase, hashPassphrase } from '../worker/guard/passphrase.ts';
import { Client } from './harness/client.ts';
import { http, type Reply } from './harness/http.ts';
import { newStateDir, type Program, startProgram } from './harness/program.ts';
import { settingsFor, startUpstream } from './harness/upstream.ts';

const upstream = await startUpstream();
const settings = settingsFor(upstream);
const servers: Server[] = [];
let program: Program | undefined;

async function start(env: Record<string, string>, stateDir?: string): Promise<Program> {
  program = await startProgram({ env: { ...settings, ...env }, ...(stateDir && { stateDir }) });
  return program;
}

/** A server of this test that answers every request with JSON. */
async function serve(answer: (request: IncomingMessage, body: string) => unknown): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer(request, body)));
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

function post(at: Program, path: string, body: object, headers: Record<string, string> = {}): Promise<Reply> {
  const more = { Origin: at.url, 'Content-Type': 'application/json', ...headers };
  return http(at, path, { method: 'POST', body: JSON.stringify(body), headers: more });
}

const cookieOf = (reply: Reply) => ({ Cookie: reply.headers['set-cookie']?.split(';')[0] ?? '' });
const errorOf = (reply: Reply) => errorBodySchema.parse(reply.json).error;
const access = async (at: Program, headers: Record<string, string> = {}) =>
  accessSchema.parse((await http(at, '/access', { headers })).json);

async function talk(at: Program, headers: Record<string, string>, question: string): Promise<string> {
  const { client } = await Client.connect(at.url, { headers });
  const { text } = await client.ask(question);
  client.close();
  return text;
}

afterEach(async () => {
  await program?.stop();
  program = undefined;
});

afterAll(async () => {
  await upstream.close();
  for (const server of servers) server.close();
});

describe('who may come in', () => {
  test('local and nothing set: everybody, without signing in', async () => {
    const here = await start({});
    expect(await access(here)).toEqual({
      mode: 'local',
      signed_in: true,
      name: null,
      turnstile_site_key: null,
      message: null,
      budget: null,
    });
    expect(await talk(here, {}, 'Who am I?')).toBe('You said: Who am I?');
  });

  test('password: with a cookie; another passphrase in the settings ends it', async () => {
    const entry = async (text: string) =>
      formatPassphrase(await hashPassphrase('alice', text, crypto.getRandomValues(new Uint8Array(16))));
    const stateDir = newStateDir();
    const first = await entry('open sesame');
    const here = await start({ ACCESS_MODE: 'password', ACCESS_PASSPHRASES: first }, stateDir);
    expect(await access(here)).toMatchObject({ mode: 'password', signed_in: false, name: null });
    expect((await new Client(here.url).closed).code).toBe(4401);
    const stranger = await post(here, '/sessions', {});
    expect([stranger.status, errorOf(stranger).code]).toEqual([401, 'unauthorized']);
    for (const path of ['/', '/models', '/health']) expect((await http(here, path)).status).toBe(200);

    expect((await post(here, '/sign-in', { passphrase: 'sesame' })).status).toBe(401);
    const elsewhere = { Origin: 'https://evil.example' };
    const foreign = await post(here, '/sign-in', { passphrase: 'open sesame' }, elsewhere);
    expect([foreign.status, foreign.headers['set-cookie']]).toEqual([403, undefined]);
    const reply = await post(here, '/sign-in', { passphrase: 'open sesame' });
    expect(reply.status).toBe(204);
    // Plain http on this machine: no __Host-, no Secure.
    expect(reply.headers['set-cookie']).toMatch(
      /^chatbox=[\w-]+\.[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const cookie = cookieOf(reply);
    expect(await access(here, cookie)).toMatchObject({ signed_in: true, name: 'alice' });
    expect(await talk(here, cookie, 'Let me in')).toBe('You said: Let me in');
    const out = await post(here, '/sign-out', {}, cookie);
    expect([out.status, cookieOf(out).Cookie]).toEqual([204, 'chatbox=']);
    await here.stop();

    const changed = { ACCESS_MODE: 'password', ACCESS_PASSPHRASES: await entry('another sesame') };
    const later = await start(changed, stateDir);
    expect(await access(later, cookie)).toMatchObject({ signed_in: false });
    expect((await new Client(later.url, { headers: cookie }).closed).code).toBe(4401);
    rmSync(stateDir, { recursive: true, force: true });
    for (const secret of [first, 'sesame', 'pbkdf2']) expect(later.output()).not.toContain(secret);
  });

  test('cloudflare-access: a token of the team', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const key = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' };
    const here = await start({
      ACCESS_MODE: 'cloudflare-access',
      CF_ACCESS_TEAM_DOMAIN: 'team.cloudflareaccess.com',
      CF_ACCESS_AUD: 'our-tag',
      CF_ACCESS_CERTS_URL: await serve(() => ({ keys: [key] })),
    });
    const token = await new SignJWT({ email: 'alice@example.com' })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setIssuer('https://team.cloudflareaccess.com')
      .setAudience('our-tag')
      .setExpirationTime('5m')
      .sign(privateKey);
    const shown = { 'Cf-Access-Jwt-Assertion': token };
    expect(await access(here, shown)).toMatchObject({ signed_in: true, name: 'alice@example.com' });
    expect(await talk(here, shown, 'By token')).toBe('You said: By token');
    expect((await new Client(here.url).closed).code).toBe(4401);
    const cut = { 'Cf-Access-Jwt-Assertion': token.slice(0, -4) };
    expect((await new Client(here.url, { headers: cut }).closed).code).toBe(4401);
  });

  test('open: who is no robot; each token is good once', async () => {
    const good = new Set(['first', 'second']);
    const open = {
      ACCESS_MODE: 'open',
      TURNSTILE_SITE_KEY: '0x4AAAAAAAsite',
      TURNSTILE_SECRET_KEY: '0x4AAAAAAAsecret',
      TURNSTILE_VERIFY_URL: await serve((_, body) => {
        const form = new URLSearchParams(body);
        const known = form.get('secret') === '0x4AAAAAAAsecret' && good.delete(form.get('response') ?? '');
        return known ? { success: true, hostname: 'localhost', action: 'chat' } : { success: false };
      }),
    };
    const here = await start({ ...open, DAILY_BUDGET_USD: '5' });
    expect(await access(here)).toMatchObject({ mode: 'open', turnstile_site_key: '0x4AAAAAAAsite' });
    expect((await new Client(here.url).closed).code).toBe(4401);
    const reply = await post(here, '/sign-in', { turnstile_token: 'first' });
    expect(reply.status).toBe(204);
    expect((await post(here, '/sign-in', { turnstile_token: 'first' })).status).toBe(401);
    expect(await talk(here, cookieOf(reply), 'No robot')).toBe('You said: No robot');
    await here.stop();

    const uncapped = await start(open);
    expect(await access(uncapped)).toMatchObject({ mode: 'closed', signed_in: false });
    expect((await new Client(uncapped.url).closed).code).toBe(4503);
  });
});

test('how often: attempts, connections and sessions of one address, as set', async () => {
  const alice = await hashPassphrase('alice', 'open sesame', new Uint8Array(16));
  const here = await start({
    ACCESS_MODE: 'password',
    ACCESS_PASSPHRASES: formatPassphrase(alice),
    CONNECTS_PER_MINUTE: '4',
    SESSIONS_PER_HOUR: '2',
  });
  const cookie = cookieOf(await post(here, '/sign-in', { passphrase: 'open sesame' }));
  const connect = (headers: Record<string, string>, session?: string) =>
    new Client(here.url, { headers, ...(session && { session }) });
  for (let i = 0; i < 10; i++)
    expect((await post(here, '/sign-in', { passphrase: `guess ${i}` })).status).toBe(401);
  const eleventh = await post(here, '/sign-in', { passphrase: 'open sesame' });
  expect(eleventh.status).toBe(429);
  expect(Number(eleventh.headers['retry-after'])).toBeGreaterThan(800);
  expect(errorOf(eleventh).retry_after_ms).toBeGreaterThan(800_000);

  // Who is signed in already is not concerned. Two sessions, and no third.
  const one = await connect(cookie).next('session');
  expect((await post(here, '/sessions', {}, cookie)).status).toBe(201);
  const third = await post(here, '/sessions', {}, cookie);
  expect([third.status, errorOf(third).code]).toEqual([429, 'rate_limited']);
  expect(errorOf(third).message).toMatch(/sessions.* in \d+ minutes/);
  const closed = await connect(cookie).closed;
  expect(closed).toEqual({ code: 4429, reason: expect.stringMatching(/Try again in \d+ minutes/) });

  // Two connections are left in this minute, and no third.
  for (let i = 0; i < 2; i++) await connect(cookie, one.session_id).next('session');
  const fifth = await connect(cookie, one.session_id).closed;
  expect(fifth).toEqual({ code: 4429, reason: expect.stringMatching(/connections.* in \d+ seconds?/) });
});
