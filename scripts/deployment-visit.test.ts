import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { observe, readKeys, signIn, visitAsStranger } from './deployment-visit.ts';
import { judgeSafety } from './safety.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

type Reply = { status: number; json?: unknown; headers?: Record<string, string> };

/** A deployment that answers so; what it was asked is in `asked`. */
async function aDeployment(answer: (request: IncomingMessage) => Reply) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const { status, json, headers } = answer(request);
    response.writeHead(status, headers).end(json === undefined ? '' : JSON.stringify(json));
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { url: new URL(`http://127.0.0.1:${port}`), asked };
}

const { signal } = new AbortController();
const access = { mode: 'cloudflare-access', signed_in: false, name: null, turnstile_site_key: null };
const closed: Reply = { status: 200, json: { ...access, message: null, budget: null } };
const token = { 'CF-Access-Client-Id': 'id', 'CF-Access-Client-Secret': 'secret' };
const page = { status: 200, headers: {}, json: null };

/** Only requests of the own page come in, as at the Worker. */
function aWorker(request: IncomingMessage, session: Reply): Reply {
  if (request.url === '/access') return closed;
  if (request.headers.origin !== `http://${request.headers.host}`) return { status: 403 };
  return request.url === '/sessions' ? session : { status: 404 };
}

describe('a stranger', () => {
  test('behind Cloudflare Access: the doctor passes with its token, a stranger does not', async () => {
    const { url } = await aDeployment((request) =>
      request.headers['cf-access-client-id'] === 'id' &&
      request.headers['cf-access-client-secret'] === 'secret'
        ? aWorker(request, { status: 201 })
        : { status: 302, headers: { Location: 'https://team.cloudflareaccess.com/' } },
    );
    const seen = await visitAsStranger(url, page, token, signal);
    expect(seen.session?.status).toBe(302);
    expect(judgeSafety(seen)).toEqual({ unsafe: [], wrong: [], advice: [] });
  });

  test('who gets a session takes it away again, and that is unsafe', async () => {
    const { url, asked } = await aDeployment((request) =>
      aWorker(request, { status: request.method === 'POST' ? 201 : 204, json: { session_id: 'abc' } }),
    );
    const seen = await visitAsStranger(url, page, {}, signal);
    expect(judgeSafety(seen).unsafe).toEqual([expect.stringContaining('not signed in gets a session')]);
    expect(asked.at(-1)).toBe('DELETE /sessions');
  });
});

describe('signing in', () => {
  test('a cookie without its rules is unsafe', async () => {
    const { url } = await aDeployment(() => ({
      status: 204,
      headers: { 'Set-Cookie': 'chatbox=a.b; Path=/' },
    }));
    const { cookie, unsafe } = await signIn(url, 'correct horse battery', {}, signal);
    expect(cookie).toEqual({ Cookie: 'chatbox=a.b' });
    expect(unsafe).toHaveLength(2);
  });

  test('too many attempts are told in the words of the deployment', async () => {
    const error = { code: 'rate_limited', message: 'Too many attempts.', request_id: '1' };
    const { url } = await aDeployment(() => ({ status: 429, json: { error } }));
    const { cookie, wrong } = await signIn(url, 'correct horse battery', {}, signal);
    expect(cookie).toEqual({});
    expect(wrong).toEqual(['Signing in with CHATBOX_PASSPHRASE failed: Too many attempts.']);
  });
});

test('a redirect is looked at, not followed', async () => {
  const { url, asked } = await aDeployment(() => ({ status: 302, headers: { Location: '/elsewhere' } }));
  expect((await observe(url, '/health', signal)).status).toBe(302);
  expect(asked).toEqual(['GET /health']);
});

test.each([
  [{}, null],
  [{ CF_ACCESS_CLIENT_ID: 'id' }, null],
  [{ CF_ACCESS_CLIENT_ID: 'id', CF_ACCESS_CLIENT_SECRET: 'secret' }, token],
])('a service token is both its parts: %j', (environment, expected) => {
  expect(readKeys(environment).serviceToken).toEqual(expected);
});
