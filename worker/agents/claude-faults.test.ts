import { afterEach, describe, expect, it } from 'vitest';
import { createClaudeAgent } from './claude.ts';
import { type Script, type ScriptedUpstream, sse, startUpstream } from './scripted-upstream.ts';
import {
  aRequest,
  claudeAnswer,
  claudeStatus,
  FakeTimers,
  messageDelta,
  run,
  START,
  stream,
  textDelta,
} from './test-support.ts';

let upstream: ScriptedUpstream | undefined;
afterEach(() => upstream?.close());

const timers = new FakeTimers();

async function anAgent(script: Script, more: Partial<Parameters<typeof createClaudeAgent>[0]> = {}) {
  upstream = await startUpstream(script);
  return createClaudeAgent({
    apiKey: 'sk-ant-test',
    baseUrl: upstream.url,
    headers: { 'cf-access-client-id': 'id' },
    timeoutMs: 60_000,
    timers,
    ...more,
  });
}

describe('the Claude agent: what can go wrong (R9)', () => {
  it.each([
    [400, 'invalid_request_error', 'bad_request'],
    [401, 'authentication_error', 'auth'],
    [402, 'billing_error', 'auth'],
    [403, 'permission_error', 'auth'],
    [403, 'forbidden', 'auth'],
    [404, 'not_found_error', 'model_missing'],
    [408, 'timeout_error', 'transient'],
    [409, 'conflict_error', 'transient'],
    [413, 'request_too_large', 'context_too_long'],
    [422, 'invalid_request_error', 'bad_request'],
    [429, 'rate_limit_error', 'transient'],
    [500, 'api_error', 'transient'],
    [503, 'api_error', 'transient'],
    [529, 'overloaded_error', 'transient'],
  ])('status %i %s is %s, in a sentence without key, address or body', async (code, type, kind) => {
    const { error, stop } = await run(await anAgent(claudeStatus(code, type)));
    expect(error?.kind).toBe(kind);
    expect(error?.status).toBe(code);
    expect(error?.timedOut).toBe(false);
    expect(error?.message).not.toMatch(/sk-ant|https?:|internal\.example|127\.0\.0\.1/);
    expect(error?.message).toMatch(/\.$/);
    expect(stop).toBeNull();
  });

  it.each([
    'prompt is too long: 210000 tokens > 200000 maximum',
    'input length and `max_tokens` exceed context limit: 1',
  ])('knows a conversation that is too long: %s', async (message) => {
    const { error } = await run(await anAgent(claudeStatus(400, 'invalid_request_error', message)));
    expect(error?.kind).toBe('context_too_long');
  });

  it('tells a missing model from a wrong address', async () => {
    const model = await run(await anAgent(claudeStatus(404, 'not_found_error')));
    expect(model.error?.message).toMatch(/claude-sonnet-5-5/);
    await upstream?.close();
    const address = await run(
      await anAgent((response) => {
        response.writeHead(404, { 'content-type': 'text/html' });
        response.end('<html>Not found</html>');
      }),
    );
    expect(address.error).toMatchObject({
      kind: 'model_missing',
      message: expect.stringMatching(/ANTHROPIC_BASE_URL/),
    });
  });

  it('tells a refusal of the place from a refusal of the key', async () => {
    const place = await run(await anAgent(claudeStatus(403, 'forbidden', 'Request not allowed')));
    expect(place.error?.message).toMatch(/place/);
    await upstream?.close();
    const key = await run(await anAgent(claudeStatus(403, 'permission_error')));
    expect(key.error?.message).toMatch(/ANTHROPIC_API_KEY/);
  });

  it.each([
    ['before the text', sse('message_start', START)],
    ['in the middle', sse('message_start', START) + sse('content_block_delta', textDelta('Hel'))],
  ])('an error event %s is transient, without a status', async (_, before) => {
    const event = sse('error', { type: 'error', error: { type: 'overloaded_error', message: 'secret' } });
    const { error } = await run(await anAgent(stream(before + event)));
    expect(error).toMatchObject({
      kind: 'transient',
      status: null,
      message: 'Anthropic is overloaded at the moment.',
    });
  });

  it.each([
    ['nothing at all', ''],
    ['only pings', sse('ping', { type: 'ping' })],
    ['no event stream', 'just some words\n\nand more'],
    ['half a frame', `${sse('message_start', START)}event: content_block_delta\ndata: {"type":"content_bl`],
    ['a line that is no JSON', `${sse('message_start', START)}event: content_block_delta\ndata: {"type"\n\n`],
    ['a stream without its end', sse('message_start', START) + sse('content_block_delta', textDelta('Hel'))],
  ])('%s is transient', async (_, text) => {
    const { error, stop } = await run(await anAgent(stream(text)));
    expect(error?.kind).toBe('transient');
    expect(stop).toBeNull();
  });

  it('a web page with status 200 is no answer', async () => {
    const { error } = await run(
      await anAgent((response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<!doctype html><title>Sign in</title>');
      }),
    );
    expect(error).toMatchObject({ kind: 'transient', message: expect.stringMatching(/web page/) });
  });

  it('a redirect is not followed', async () => {
    const agent = await anAgent(
      (response) => {
        response.writeHead(302, { location: '/login' });
        response.end();
      },
      { side: 'claude_via_litellm' },
    );
    const { error } = await run(agent);
    expect(error).toMatchObject({
      kind: 'auth',
      status: 302,
      message: expect.stringMatching(/CF_ACCESS_CLIENT_ID/),
    });
    expect(upstream?.requests).toHaveLength(1);
  });

  it.each([
    ['before the headers', (): string | null => null],
    ['after the headers', () => ''],
    [
      'after the first text',
      () => sse('message_start', START) + sse('content_block_delta', textDelta('Hel')),
    ],
  ])('a connection lost %s is transient', async (_, sent) => {
    const { error } = await run(
      await anAgent((response) => {
        const text = sent();
        if (text !== null) {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.flushHeaders();
          response.write(text);
        }
        setTimeout(() => response.destroy(), 20);
      }),
    );
    expect(error).toMatchObject({ kind: 'transient', status: null, timedOut: false });
  });

  it('nobody listening is transient', async () => {
    const agent = await anAgent(() => {});
    await upstream?.close();
    expect((await run(agent)).error?.kind).toBe('transient');
  });

  it('a connection lost after the stop reason loses nothing', async () => {
    const { error, stop } = await run(
      await anAgent((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(sse('message_start', START) + sse('message_delta', messageDelta('max_tokens')));
        setTimeout(() => response.destroy(), 20);
      }),
    );
    expect(error).toBeNull();
    expect(stop).toBe('max_tokens');
  });
});

describe('the Claude agent: silence and stopping', () => {
  it.each([
    ['before the headers', (): string | null => null],
    ['after the headers', () => ''],
    ['in the middle', () => sse('message_start', START) + sse('content_block_delta', textDelta('Hel'))],
  ])('silence %s ends the request upstream and says so (R9)', async (_, sent) => {
    const clock = new FakeTimers();
    let arrived = () => {};
    const here = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const agent = await anAgent(
      (response) => {
        const text = sent();
        if (text !== null) {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.flushHeaders();
          response.write(text);
        }
        arrived();
      },
      { timers: clock },
    );
    const running = run(agent);
    await here;
    const poll = setInterval(() => clock.advance(60_000), 50);
    const { error } = await running;
    clearInterval(poll);
    expect(error).toMatchObject({
      kind: 'transient',
      timedOut: true,
      message: 'Anthropic sent nothing for 60 s.',
    });
    await upstream?.requests[0]?.closed;
    expect(clock.pending).toBe(0);
  });

  it('pings, which the SDK swallows, count as life', async () => {
    const clock = new FakeTimers();
    const agent = await anAgent(
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (let n = 0; n < 10; n++) {
          response.write(sse('ping', { type: 'ping' }));
          await new Promise((resolve) => setTimeout(resolve, 10));
          clock.advance(40_000);
        }
        response.end(claudeAnswer(['late']));
      },
      { timers: clock },
    );
    const outcome = await run(agent);
    expect(outcome.text).toBe('late');
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['while the headers are awaited', false],
    ['in the middle of the text', true],
  ])('an abort %s closes the connection and ends without an error (R3)', async (_, streaming) => {
    const stopper = new AbortController();
    const agent = await anAgent((response) => {
      if (!streaming) {
        stopper.abort();
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(sse('message_start', START) + sse('content_block_delta', textDelta('Hel')));
    });
    const outcome = await run(agent, aRequest(), stopper.signal, (event) => {
      if (event.type === 'text') stopper.abort();
    });
    expect(outcome.error).toBeNull();
    expect(outcome.stop).toBeNull();
    await upstream?.requests[0]?.closed;
  });

  it('a consumer that walks away closes the connection', async () => {
    const agent = await anAgent((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(sse('message_start', START) + sse('content_block_delta', textDelta('Hel')));
    });
    for await (const event of agent.stream(aRequest(), new AbortController().signal)) {
      if (event.type === 'text') break;
    }
    await upstream?.requests[0]?.closed;
  });

  it('sends nothing when it was stopped before it began', async () => {
    const agent = await anAgent(stream(claudeAnswer(['x'])));
    const outcome = await run(agent, aRequest(), AbortSignal.abort());
    expect(outcome.events).toEqual([]);
    expect(upstream?.requests).toHaveLength(0);
  });

  it('does not wait for ever for a connection that lingers after message_stop', async () => {
    const clock = new FakeTimers();
    const agent = await anAgent(
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(claudeAnswer(['x']));
      },
      { timers: clock },
    );
    const outcome = await run(agent, aRequest(), undefined, (event) => {
      if (event.type === 'end') setTimeout(() => clock.advance(1000), 20);
    });
    expect(outcome).toMatchObject({ stop: 'end_turn', error: null });
    expect(clock.pending).toBe(0);
  });
});
