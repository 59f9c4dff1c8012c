import type { ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  aRawServer,
  aRunner,
  asText,
  aTool,
  aToolServer,
  type Handler,
  type Heard,
  sendJson,
  sendResult,
  speaks,
} from './test-support.ts';

const never = new AbortController().signal;

async function serve(handler: Handler) {
  const server = await aRawServer(handler);
  onTestFinished(server.close);
  return server;
}

/** Answers `initialize` with a session. @returns that it was answered */
function greet(response: ServerResponse, message: Heard['message'], session: string): true {
  const result = {
    protocolVersion: '2025-06-18',
    capabilities: { tools: {} },
    serverInfo: { name: 'x', version: '1' },
  };
  sendJson(response, { jsonrpc: '2.0', id: message.id, result }, { 'mcp-session-id': session });
  return true;
}

describe('the way to a server', () => {
  it('is one address: the old transport, which names another one in an event, is not spoken', async () => {
    const other = await serve((_, response) => response.end('stolen'));
    const old = await serve(({ method }, response) => {
      if (method !== 'GET') {
        response.writeHead(405);
        return response.end();
      }
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      return response.write(`event: endpoint\ndata: ${other.url}/messages\n\n`);
    });
    const { runner, known } = aRunner([aToolServer(old.url, { token: 'secret-token' })]);
    expect((await runner.toolbox(never)).missing).toEqual(['one']);
    expect(known().asked?.fault).toMatch(/There is no tool server at its address/);
    expect(other.heard).toEqual([]);
    expect(old.heard.map(({ method }) => method)).not.toContain('GET');
  });

  it('takes no session into another one: what a server calls a session is sent to it alone', async () => {
    const session = { 'mcp-session-id': 'abc' };
    const server = await serve(
      speaks(
        () => [aTool('get')],
        undefined,
        ({ message }, response) => {
          if (message.method !== 'initialize') return false;
          return greet(response, message, session['mcp-session-id']);
        },
      ),
    );
    const { call, runner } = aRunner([aToolServer(server.url)]);
    expect((await call('get')).ok).toBe(true);
    await runner.close();
    const calls = server.heard.filter(({ message }) => message.method === 'tools/call');
    expect(calls.map(({ headers }) => headers['mcp-session-id'])).toEqual(['abc']);
    expect(server.heard.at(-1)).toMatchObject({ method: 'DELETE', headers: session });
  });

  it('is made anew, once, for a server that forgot the session, and the call is made', async () => {
    let sessions = 0;
    let calls = 0;
    const server = await serve(
      speaks(
        () => [aTool('get')],
        undefined,
        ({ message, headers }, response) => {
          if (message.method === 'initialize') {
            sessions += 1;
            return greet(response, message, `s${sessions}`);
          }
          if (message.method !== 'tools/call') return false;
          calls += 1;
          if (headers['mcp-session-id'] === `s${sessions}` && sessions > 1) return false;
          response.writeHead(404);
          response.end();
          return true;
        },
      ),
    );
    const { call } = aRunner([aToolServer(server.url)]);
    expect(await call('get')).toMatchObject({ ok: true, content: 'fine' });
    expect([sessions, calls]).toEqual([2, 2]);
  });

  it('is made anew once for all calls that go on at once', async () => {
    let sessions = 0;
    const server = await serve(
      speaks(
        () => [aTool('get')],
        undefined,
        ({ message, headers }, response) => {
          if (message.method === 'initialize') {
            sessions += 1;
            return greet(response, message, `s${sessions}`);
          }
          if (message.method !== 'tools/call' || headers['mcp-session-id'] === 's2') return false;
          response.writeHead(404);
          response.end();
          return true;
        },
      ),
    );
    const { call, runner } = aRunner([aToolServer(server.url)]);
    await runner.toolbox(never);
    const results = await Promise.all([call('get'), call('get'), call('get')]);
    expect(results.map(({ content }) => content)).toEqual(['fine', 'fine', 'fine']);
    expect(sessions).toBe(2);
    const ended = () => server.heard.filter(({ method }) => method === 'DELETE');
    await expect.poll(() => ended().map(({ headers }) => headers['mcp-session-id'])).toEqual(['s1']);
  });

  it('takes no other call along when one is lost', async () => {
    let finish = () => {};
    const server = await serve(
      speaks(
        () => [aTool('get')],
        ({ message }, response) => {
          const { q } = (message.params?.arguments ?? {}) as { q?: string };
          if (q === 'die') return response.destroy();
          finish = () => sendResult(response, message, asText(`${q} is done`));
        },
      ),
    );
    const { call, runner } = aRunner([aToolServer(server.url)]);
    await runner.toolbox(never);
    const slow = call('get', { q: 'slow' });
    await expect.poll(() => String(finish)).toContain('sendResult');
    expect((await call('get', { q: 'die' })).ok).toBe(false);
    finish();
    expect(await slow).toMatchObject({ ok: true, content: 'slow is done' });
  });

  it('is not repeated for a tool that writes when the connection was lost in the middle', async () => {
    let calls = 0;
    const server = await serve(
      speaks(
        () => [aTool('get'), aTool('write', { annotations: {} })],
        ({ message }, response) => {
          if (message.params?.name === 'get' && calls > 0)
            return sendResult(response, message, asText('read'));
          calls += 1;
          return response.destroy();
        },
      ),
    );
    const { call } = aRunner([aToolServer(server.url)]);
    expect((await call('write')).ok).toBe(false);
    expect(calls).toBe(1);
    expect((await call('get')).ok).toBe(true);
  });
});
