import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLiteLlmAgent } from './litellm.ts';
import {
  fetchInPieces,
  type Script,
  type ScriptedUpstream,
  sse,
  startUpstream,
} from './scripted-upstream.ts';
import { aRequest, FakeTimers, run } from './test-support.ts';

let upstream: ScriptedUpstream | undefined;
afterEach(() => upstream?.close());

// From the start: the SDK keeps the console's functions as it first finds them.
const consoleSpies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) =>
  vi.spyOn(console, level),
);

const timers = new FakeTimers();
const request = aRequest({ upstreamModel: 'ollama-qwen2.5' });

async function anAgent(script: Script, more: Partial<Parameters<typeof createLiteLlmAgent>[0]> = {}) {
  upstream = await startUpstream(script);
  return createLiteLlmAgent({
    apiKey: 'sk-home',
    proxyUrl: upstream.url,
    headers: { 'cf-access-client-id': 'id', 'cf-access-client-secret': 'secret' },
    timeoutMs: 120_000,
    maxRetries: 0,
    timers,
    ...more,
  });
}

const chunk = (delta: object, finish_reason: string | null = null, more: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'ollama-qwen2.5',
  choices: [{ index: 0, delta, finish_reason }],
  ...more,
});
const USAGE = { prompt_tokens: 40, completion_tokens: 12, total_tokens: 52 };
const usageChunk = (usage: object = USAGE) => ({ ...chunk({}), choices: [], usage });

function answer(texts: string[], finish = 'stop', eol = '\n'): string {
  return [
    sse(null, chunk({ role: 'assistant', content: '' }), eol),
    ...texts.map((content) => sse(null, chunk({ content }), eol)),
    sse(null, chunk({}, finish), eol),
    sse(null, usageChunk(), eol),
    sse(null, '[DONE]', eol),
  ].join('');
}

const stream =
  (text: string): Script =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(text);
  };
const status =
  (code: number, error: object | string): Script =>
  (response) => {
    const html = typeof error === 'string';
    response.writeHead(code, { 'content-type': html ? 'text/html' : 'application/json' });
    response.end(html ? error : JSON.stringify({ error }));
  };

describe('the LiteLLM agent: what it sends', () => {
  it('asks the proxy for a stream with its usage, with both keys', async () => {
    await run(await anAgent(stream(answer(['Hi']))), request);
    const seen = upstream?.requests[0];
    expect(seen?.path).toBe('/v1/chat/completions');
    expect(seen?.headers).toMatchObject({
      authorization: 'Bearer sk-home',
      'cf-access-client-id': 'id',
      'cf-access-client-secret': 'secret',
    });
    expect(JSON.parse(seen?.body ?? '')).toEqual({
      model: 'ollama-qwen2.5',
      messages: [
        { role: 'system', content: 'You help network engineers.' },
        { role: 'user', content: 'Which prefixes are free?' },
      ],
      max_tokens: 1000,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('keeps the path prefix of the proxy', async () => {
    await anAgent(stream(answer(['Hi'])));
    const agent = createLiteLlmAgent({
      apiKey: 'k',
      proxyUrl: `${upstream?.url}/litellm`,
      headers: {},
      timeoutMs: 1000,
      maxRetries: 0,
      timers,
    });
    await run(agent, request);
    expect(upstream?.requests[0]?.path).toBe('/litellm/v1/chat/completions');
  });
});

describe('the LiteLLM agent: what it reads', () => {
  it('turns the stream into text, usage and one end', async () => {
    const outcome = await run(await anAgent(stream(answer(['Hel', 'lo']))), request);
    expect(outcome).toMatchObject({ text: 'Hello', stop: 'end_turn', error: null });
    expect(outcome.usage).toEqual({ input_tokens: 40, output_tokens: 12 });
    expect(outcome.events.filter((event) => event.type === 'end')).toHaveLength(1);
    expect(outcome.events.at(-1)).toEqual({ type: 'end', stop: 'end_turn' });
  });

  it('reads the same text however the bytes are cut', async () => {
    const texts = ['Größe → ', '10.0.0.0/8 ', '🛰️🇨🇭', ' 日本語\n'];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.nat(1500), { maxLength: 60 }),
        async (eol, points) => {
          const bytes = new TextEncoder().encode(answer(texts, 'stop', eol));
          const agent = createLiteLlmAgent({
            apiKey: 'k',
            proxyUrl: 'http://upstream.invalid',
            headers: {},
            timeoutMs: 1000,
            maxRetries: 0,
            timers,
            fetch: fetchInPieces(
              bytes,
              points.filter((point) => point < bytes.length),
            ),
          });
          expect(await run(agent, request)).toMatchObject({
            text: texts.join(''),
            stop: 'end_turn',
            usage: { input_tokens: 40, output_tokens: 12 },
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each(['reasoning_content', 'reasoning'])('takes %s for thinking', async (field) => {
    const text = sse(null, chunk({ [field]: 'Hm.' })) + answer(['42']);
    expect(await run(await anAgent(stream(text)), request)).toMatchObject({ thinking: 'Hm.', text: '42' });
  });

  it('splits the prompt into its cached and its uncached part', async () => {
    const usage = {
      ...USAGE,
      prompt_tokens_details: { cached_tokens: 30 },
      completion_tokens_details: { reasoning_tokens: 5 },
    };
    const text =
      sse(null, chunk({ content: 'x' }, 'stop')) + sse(null, usageChunk(usage)) + sse(null, '[DONE]');
    expect((await run(await anAgent(stream(text)), request)).usage).toEqual({
      input_tokens: 10,
      cache_read_tokens: 30,
      output_tokens: 12,
      thinking_tokens: 5,
    });
  });

  it.each([
    ['stop', 'end_turn'],
    ['length', 'max_tokens'],
    ['content_filter', 'refused'],
  ])('reads the finish reason %s as %s', async (reason, stop) => {
    expect((await run(await anAgent(stream(answer(['x'], reason))), request)).stop).toBe(stop);
  });

  it('is content with an answer that ends without usage and without [DONE]', async () => {
    const outcome = await run(await anAgent(stream(sse(null, chunk({ content: 'x' }, 'stop')))), request);
    expect(outcome).toMatchObject({ text: 'x', stop: 'end_turn', error: null, usage: {} });
  });

  it('logs nothing of a line that is no JSON', async () => {
    await run(await anAgent(stream('data: {"secret\n\n')), request);
    for (const spy of consoleSpies) expect(spy).not.toHaveBeenCalled();
  });
});

describe('the LiteLLM agent: what can go wrong (R9)', () => {
  const LITELLM = { message: 'sk-home at http://ollama:11434', type: 'x', param: null };
  it.each([
    [400, { ...LITELLM, code: '400' }, 'bad_request'],
    [400, { ...LITELLM, message: 'litellm.ContextWindowExceededError: too much' }, 'context_too_long'],
    [400, { ...LITELLM, code: 'context_length_exceeded' }, 'context_too_long'],
    [400, { ...LITELLM, type: 'exceed_context_size_error' }, 'context_too_long'],
    [400, { ...LITELLM, message: "This model's maximum context length is 8192 tokens" }, 'context_too_long'],
    [401, { ...LITELLM, type: 'auth_error', code: '401' }, 'auth'],
    // As LiteLLM 1.104 without a database answers a key that is not its master key.
    [400, { ...LITELLM, type: 'no_db_connection', code: '400' }, 'auth'],
    [403, '<html>Forbidden</html>', 'auth'],
    [404, { ...LITELLM, code: '404' }, 'model_missing'],
    [422, { ...LITELLM, type: 'budget_exceeded', code: '422' }, 'bad_request'],
    [429, { ...LITELLM, code: '429' }, 'transient'],
    [500, { ...LITELLM, code: '500' }, 'transient'],
    [502, '<html>Bad gateway</html>', 'transient'],
    [524, '<html>A timeout occurred</html>', 'transient'],
    [530, '<html>error code: 1033</html>', 'transient'],
  ])('status %i %o is %s, in a sentence without key, address or body', async (code, error, kind) => {
    const outcome = await run(await anAgent(status(code, error)), request);
    expect(outcome.error).toMatchObject({ kind, status: code, timedOut: false });
    expect(outcome.error?.message).not.toMatch(/sk-home|http:|html|127\.0\.0\.1|11434/);
    expect(outcome.error?.message).toMatch(/\.$/);
  });

  it.each([
    ['without a code', { message: 'boom', type: 'None', param: 'None', code: null }, 'transient'],
    ['with a code of its own', { message: 'boom', code: 'ollama_crashed' }, 'transient'],
    ['with status 500', { message: 'boom', code: '500' }, 'transient'],
    ['with status 429 as a number', { message: 'boom', code: 429 }, 'transient'],
    ['with status 404', { message: 'boom', code: '404' }, 'model_missing'],
    ['with status 400', { message: 'boom', code: '400' }, 'bad_request'],
    ['about the context', { message: 'ContextWindowExceededError', code: '400' }, 'context_too_long'],
  ])('an error object in the stream %s is judged by its code', async (_, error, kind) => {
    const text = sse(null, chunk({ content: 'Hel' })) + sse(null, { error });
    const outcome = await run(await anAgent(stream(text)), request);
    expect(outcome.text).toBe('Hel');
    expect(outcome.error).toMatchObject({ kind, status: null });
  });

  it.each([
    ['nothing at all', ''],
    ['only comments', ': keep-alive\n\n: keep-alive\n\n'],
    ['no event stream', 'just some words\n\nand more'],
    ['half a frame', `${sse(null, chunk({ content: 'Hel' }))}data: {"choices":[{"del`],
    ['a stream without its end', sse(null, chunk({ content: 'Hel' }))],
  ])('%s is transient', async (_, text) => {
    const { error, stop } = await run(await anAgent(stream(text)), request);
    expect(error?.kind).toBe('transient');
    expect(stop).toBeNull();
  });

  it('a web page with status 200 is no answer', async () => {
    const agent = await anAgent((response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=UTF-8' });
      response.end('<!doctype html><title>Sign in</title>');
    });
    expect((await run(agent, request)).error).toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(/LITELLM_PROXY_URL/),
    });
  });

  it('a redirect to a login page is not followed', async () => {
    const agent = await anAgent((response) => {
      response.writeHead(302, { location: '/cdn-cgi/access/login' });
      response.end();
    });
    expect((await run(agent, request)).error).toMatchObject({ kind: 'auth', status: 302 });
    expect(upstream?.requests).toHaveLength(1);
  });

  it.each([
    ['before the headers', (): string | null => null],
    ['after the headers', () => ''],
    ['after the first text', () => sse(null, chunk({ content: 'Hel' }))],
  ])('a connection lost %s is transient, and not repeated', async (_, sent) => {
    const agent = await anAgent((response) => {
      const text = sent();
      if (text !== null) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.flushHeaders();
        response.write(text);
      }
      setTimeout(() => response.destroy(), 20);
    });
    const { error } = await run(agent, request);
    expect(error).toMatchObject({ kind: 'transient', status: null });
    expect(upstream?.requests).toHaveLength(1);
  });

  it('tries again as often as it is told, and only before the first byte of an answer', async () => {
    const agent = await anAgent(
      (response, seen, nth) => {
        if (nth === 1) {
          response.writeHead(500, { 'content-type': 'application/json', 'retry-after-ms': '1' });
          response.end('{}');
        } else stream(sse(null, chunk({ content: 'Hel' })))(response, seen, nth);
      },
      { maxRetries: 3 },
    );
    const outcome = await run(agent, request);
    expect(outcome).toMatchObject({ text: 'Hel', error: { kind: 'transient' } });
    expect(upstream?.requests).toHaveLength(2);
  });
});

describe('the LiteLLM agent: silence and stopping', () => {
  it.each([
    ['before the headers', (): string | null => null],
    ['in the middle', () => sse(null, chunk({ content: 'Hel' }))],
  ])('silence %s ends the request upstream and says so (R9)', async (_, sent) => {
    const clock = new FakeTimers();
    const agent = await anAgent(
      (response) => {
        const text = sent();
        if (text === null) return;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(text);
      },
      { timers: clock },
    );
    const running = run(agent, request);
    const poll = setInterval(() => {
      if (upstream?.requests.length) clock.advance(120_000);
    }, 50);
    const { error } = await running;
    clearInterval(poll);
    expect(error).toMatchObject({ kind: 'transient', timedOut: true });
    expect(error?.message).toMatch(/^LiteLLM sent nothing for 120 s\./);
    await upstream?.requests[0]?.closed;
    expect(clock.pending).toBe(0);
  });

  it('comments, which the SDK swallows, count as life', async () => {
    const clock = new FakeTimers();
    const agent = await anAgent(
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (let n = 0; n < 10; n++) {
          response.write(': still loading\n\n');
          await new Promise((resolve) => setTimeout(resolve, 10));
          clock.advance(80_000);
        }
        response.end(answer(['late']));
      },
      { timers: clock },
    );
    expect((await run(agent, request)).text).toBe('late');
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
      response.write(sse(null, chunk({ content: 'Hel' })));
    });
    const outcome = await run(agent, request, stopper.signal, (event) => {
      if (event.type === 'text') stopper.abort();
    });
    expect(outcome).toMatchObject({ error: null, stop: null });
    await upstream?.requests[0]?.closed;
  });

  it('an abort between two attempts ends the waiting', async () => {
    const stopper = new AbortController();
    const agent = await anAgent(
      (response) => {
        response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '3600' });
        response.end('{}');
        setTimeout(() => stopper.abort(), 20);
      },
      { maxRetries: 3 },
    );
    expect(await run(agent, request, stopper.signal)).toMatchObject({ error: null, stop: null });
    expect(upstream?.requests).toHaveLength(1);
  });

  it('does not wait for ever for a usage that never comes', async () => {
    const clock = new FakeTimers();
    const agent = await anAgent(
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(sse(null, chunk({ content: 'x' }, 'stop')));
      },
      { timers: clock },
    );
    // Less in all than the silence that is allowed before the finish reason.
    let left = 20;
    const poll = setInterval(() => left-- > 0 && clock.advance(1000), 10);
    const outcome = await run(agent, request);
    clearInterval(poll);
    expect(outcome).toMatchObject({ text: 'x', stop: 'end_turn', error: null });
  });

  it('lets go of a connection that lingers after [DONE]', async () => {
    const agent = await anAgent((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(answer(['x']));
    });
    expect(await run(agent, request)).toMatchObject({ text: 'x', stop: 'end_turn' });
    await upstream?.requests[0]?.closed;
  });
});
