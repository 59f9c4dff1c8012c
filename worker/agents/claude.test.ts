import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createClaudeAgent } from './claude.ts';
import {
  fetchInPieces,
  type Script,
  type ScriptedUpstream,
  sse,
  startUpstream,
} from './scripted-upstream.ts';
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

// From the start: the SDK keeps the console's functions as it first finds them.
const consoleSpies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) =>
  vi.spyOn(console, level),
);

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

describe('the Claude agent: what it sends', () => {
  it('sends a request that the models of today accept (R12)', async () => {
    const agent = await anAgent(stream(claudeAnswer(['Hello'])));
    const turns = [
      { role: 'user' as const, text: 'a' },
      { role: 'assistant' as const, text: 'b' },
      { role: 'user' as const, text: 'c' },
    ];
    await run(agent, aRequest({ turns, thinking: 'adaptive' }));
    const seen = upstream?.requests[0];
    expect(seen?.path).toBe('/v1/messages');
    expect(seen?.headers.authorization).toBe('Bearer sk-ant-test');
    expect(seen?.headers['cf-access-client-id']).toBe('id');
    expect(JSON.parse(seen?.body ?? '')).toEqual({
      model: 'claude-sonnet-5-5',
      max_tokens: 1000,
      stream: true,
      cache_control: { type: 'ephemeral' },
      system: 'You help network engineers.',
      thinking: { type: 'adaptive', display: 'summarized' },
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
        { role: 'user', content: 'c' },
      ],
    });
  });

  it('sends no thinking parameter and no empty system to a model that takes none', async () => {
    const agent = await anAgent(stream(claudeAnswer(['Hello'])));
    await run(agent, aRequest({ system: '' }));
    const body = JSON.parse(upstream?.requests[0]?.body ?? '');
    expect(body).not.toHaveProperty('thinking');
    expect(body).not.toHaveProperty('system');
  });

  it('makes one attempt', async () => {
    const agent = await anAgent(claudeStatus(529, 'overloaded_error'));
    await run(agent);
    expect(upstream?.requests).toHaveLength(1);
  });
});

describe('the Claude agent: what it reads', () => {
  it('turns the stream into text, usage and one end', async () => {
    const outcome = await run(await anAgent(stream(claudeAnswer(['Hel', 'lo']))));
    expect(outcome.text).toBe('Hello');
    expect(outcome.stop).toBe('end_turn');
    expect(outcome.events.filter((event) => event.type === 'end')).toHaveLength(1);
    expect(outcome.usage).toEqual({
      input_tokens: 25,
      cache_write_tokens: 100,
      cache_read_tokens: 2000,
      output_tokens: 15,
    });
  });

  it('reads the same text however the bytes are cut', async () => {
    const texts = ['Größe → ', '10.0.0.0/8 ', '🛰️🇨🇭', ' 日本語\n', '```\n'];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(2000), { maxLength: 60 }),
        async (eol, points) => {
          const bytes = new TextEncoder().encode(claudeAnswer(texts, 'end_turn', eol));
          const cuts = points.filter((point) => point < bytes.length);
          const agent = createClaudeAgent({
            apiKey: 'k',
            baseUrl: 'http://upstream.invalid',
            headers: {},
            timeoutMs: 60_000,
            timers,
            fetch: fetchInPieces(bytes, cuts),
          });
          const outcome = await run(agent);
          expect(outcome.text).toBe(texts.join(''));
          expect(outcome.stop).toBe('end_turn');
          expect(outcome.usage.output_tokens).toBe(15);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('reads a stream that comes byte by byte', async () => {
    const bytes = new TextEncoder().encode(claudeAnswer(['Größe 🛰️ 日本'], 'end_turn', '\r\n'));
    const agent = createClaudeAgent({
      apiKey: 'k',
      baseUrl: 'http://upstream.invalid',
      headers: {},
      timeoutMs: 60_000,
      timers,
      fetch: fetchInPieces(
        bytes,
        bytes.reduce<number[]>((all, _, index) => all.concat(index), []),
      ),
    });
    expect((await run(agent)).text).toBe('Größe 🛰️ 日本');
  });

  it('hands a delta on while the next one has not been sent', async () => {
    let release = () => {};
    const seen = new Promise<void>((resolve) => {
      release = resolve;
    });
    const agent = await anAgent(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const [first, second] = claudeAnswer(['one', 'two']).split(
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"two"}}\n\n',
      );
      response.write(first);
      await seen;
      response.end(sse('content_block_delta', textDelta('two')) + second);
    });
    const outcome = await run(agent, aRequest(), undefined, (event) => {
      if (event.type === 'text' && event.text === 'one') release();
    });
    expect(outcome.text).toBe('onetwo');
  });

  it('tells thinking by the type of the delta, bears a second message_start, and takes the later counts', async () => {
    const zero = { ...START, message: { ...START.message, usage: { input_tokens: 0, output_tokens: 0 } } };
    const thinking = {
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'thinking_delta', thinking: 'Hm.' },
    };
    const usage = { input_tokens: 31, output_tokens: 40, output_tokens_details: { thinking_tokens: 22 } };
    const outcome = await run(
      await anAgent(
        stream(
          [
            sse('message_start', zero),
            sse('content_block_start', {
              type: 'content_block_start',
              index: 0,
              content_block: { type: 'text', text: '' },
            }),
            sse('content_block_delta', thinking),
            sse('content_block_delta', textDelta('42')),
            sse('content_block_delta', {
              type: 'content_block_delta',
              index: 0,
              delta: { type: 'signature_delta', signature: 's' },
            }),
            sse('content_block_stop', { type: 'content_block_stop', index: 0 }),
            sse('message_delta', messageDelta('end_turn', usage)),
            sse('message_start', zero),
            sse('some_event_of_tomorrow', { type: 'some_event_of_tomorrow' }),
            sse('message_stop', { type: 'message_stop' }),
          ].join(''),
        ),
      ),
    );
    expect(outcome.thinking).toBe('Hm.');
    expect(outcome.text).toBe('42');
    expect(outcome.usage).toEqual({ input_tokens: 31, output_tokens: 40, thinking_tokens: 22 });
    expect(outcome.stop).toBe('end_turn');
  });

  it.each([
    ['end_turn', 'end_turn'],
    ['stop_sequence', 'end_turn'],
    ['max_tokens', 'max_tokens'],
    ['model_context_window_exceeded', 'max_tokens'],
    ['refusal', 'refused'],
  ])('reads the stop reason %s as %s', async (reason, stop) => {
    expect((await run(await anAgent(stream(claudeAnswer(['x'], reason))))).stop).toBe(stop);
  });

  it.each([
    { type: 'text_delta', text: null },
    { type: 'text_delta' },
    { type: 'text_delta', text: { of: 'tomorrow' } },
    { type: 'text_delta', text: ['a'] },
    { type: 'thinking_delta', thinking: null },
    null,
    undefined,
    'text',
  ])('passes over the delta %j', async (delta) => {
    const odd = sse('content_block_delta', { type: 'content_block_delta', index: 0, delta });
    const outcome = await run(
      await anAgent(stream(claudeAnswer(['a', 'b']).replace('event: ping', `${odd}event: ping`))),
    );
    expect(outcome).toMatchObject({ text: 'ab', stop: 'end_turn', error: null });
  });

  it('takes the first words from the start of a block, and bears a start without usage', async () => {
    const wire = claudeAnswer(['b'])
      .replace('"content_block":{"type":"text","text":""}', '"content_block":{"type":"text","text":"a"}')
      .replace(/"usage":\{[^}]*"output_tokens":1\}/, '"usage":null');
    expect(await run(await anAgent(stream(wire)))).toMatchObject({
      text: 'ab',
      stop: 'end_turn',
      error: null,
    });
  });

  it('says nothing after its end, also when the goodbye comes twice', async () => {
    const twice =
      claudeAnswer(['a']) +
      sse('content_block_delta', textDelta('late')) +
      sse('message_stop', { type: 'message_stop' });
    const outcome = await run(await anAgent(stream(twice)));
    expect(outcome.text).toBe('a');
    expect(outcome.events.filter((event) => event.type === 'end')).toHaveLength(1);
  });

  it('ends a complete answer although the connection hangs after its stop reason', async () => {
    const clock = new FakeTimers();
    const whole = claudeAnswer(['a']);
    const hanging = whole.slice(0, whole.indexOf('event: message_stop'));
    const agent = await anAgent(
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(hanging);
      },
      { timers: clock },
    );
    const outcome = run(agent, aRequest(), undefined, (event) => {
      // The usage is in the same event as the stop reason.
      if (event.type === 'usage' && event.usage.output_tokens === 15)
        setTimeout(() => clock.advance(1_000), 10);
    });
    expect(await outcome).toMatchObject({ text: 'a', stop: 'end_turn', error: null });
  });

  it('logs nothing for a deprecated model: its lines are no events of ours', async () => {
    await run(
      await anAgent(stream(claudeAnswer(['a']))),
      aRequest({ upstreamModel: 'claude-sonnet-4-5-20250929' }),
    );
    for (const spy of consoleSpies) expect(spy).not.toHaveBeenCalled();
  });

  it('logs nothing of a line that is no JSON', async () => {
    await run(
      await anAgent(stream(`${sse('message_start', START)}event: content_block_delta\ndata: {"secret\n\n`)),
    );
    for (const spy of consoleSpies) expect(spy).not.toHaveBeenCalled();
  });
});
