import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from './harness/client.ts';
import { type Program, startProgram } from './harness/program.ts';
import { type Script, settingsFor, startUpstream, type Upstream } from './harness/upstream.ts';

let upstream: Upstream;
let program: Program;

beforeAll(async () => {
  upstream = await startUpstream();
  program = await startProgram({
    env: { ...settingsFor(upstream), ANTHROPIC_TIMEOUT_S: '2', LITELLM_TIMEOUT_S: '2' },
  });
});
afterAll(async () => {
  await program?.stop();
  await upstream?.close();
});

/** Fails as told for the first model that is asked; every other one answers. */
function failing(word: string, model: string, script: Script): void {
  upstream.on(word, (stream, asked) => {
    if (asked.body.model === model) return script(stream, asked);
    stream.start();
    stream.text(`from ${asked.body.model}`);
    stream.end();
  });
}

async function askOn(model: string, message: string) {
  const { client } = await Client.connect(program.url);
  client.send({ type: 'model_change', model });
  await client.next('model_changed');
  const from = upstream.asked.length;
  const answer = await client.ask(message);
  client.close();
  return { ...answer, client, models: upstream.asked.slice(from).map(({ body }) => body.model) };
}

const TRANSIENT: [string, Script][] = [
  ['429', (stream) => stream.refuse(429)],
  ['500', (stream) => stream.refuse(500)],
  ['503', (stream) => stream.refuse(503)],
  ['529', (stream) => stream.refuse(529)],
  ['a lost connection', (stream) => stream.cut()],
  [
    'an error inside the stream, before any text',
    (stream) => {
      stream.start();
      stream.fail();
    },
  ],
  ['silence', () => {}],
  ['silence after the headers', (stream) => stream.start()],
  [
    'a page of HTML',
    (stream) => {
      stream.response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<html><body>Sign in</body></html>');
    },
  ],
  [
    'half an event',
    (stream) => {
      stream.response.writeHead(200, { 'content-type': 'text/event-stream' }).end('event: message_sta');
    },
  ],
  ['nothing', (stream) => stream.response.writeHead(200, { 'content-type': 'text/event-stream' }).end()],
];

describe('R9 Claude direct', () => {
  test.each(TRANSIENT)('%s: once, announced, to the fallback model', async (name, script) => {
    const word = `claude ${name}.`;
    failing(word, 'claude-sonnet-5-5', script);
    const answer = await askOn('claude-sonnet-5-5', word);
    expect(answer.models).toEqual(['claude-sonnet-5-5', 'claude-haiku-5-5']);
    expect(answer.text).toBe('from claude-haiku-5-5');
    expect(answer.fallback).toMatchObject({
      requested_model: 'claude-sonnet-5-5',
      actual_model: 'claude-haiku-5-5',
    });
    expect(answer.fallback?.reason).toMatch(/\w+ \w+/);
    expect(answer.end).toMatchObject({ stop_reason: 'end_turn', actual_model: 'claude-haiku-5-5' });
  });

  test('S9 comes before anything is sent to the other model', async () => {
    let announced = false;
    const { client } = await Client.connect(program.url);
    client.send({ type: 'model_change', model: 'claude-opus-5-5' });
    await client.next('model_changed');
    upstream.on('who knows first', (stream, asked) => {
      if (asked.body.model === 'claude-opus-5-5') return stream.refuse(529);
      void client.next('fallback').then(() => {
        announced = true;
        stream.start();
        stream.text('now');
        stream.end();
      });
    });
    expect((await client.ask('who knows first')).text).toBe('now');
    expect(announced).toBe(true);
    client.close();
  });

  test('the fallback model itself fails: the next tier up', async () => {
    failing('haiku is down', 'claude-haiku-5-5', (stream) => stream.refuse(529));
    expect((await askOn('claude-haiku-5-5', 'haiku is down')).models).toEqual([
      'claude-haiku-5-5',
      'claude-sonnet-5-5',
    ]);
  });

  test('both fail: once is enough', async () => {
    upstream.on('all down', (stream) => stream.refuse(529));
    const answer = await askOn('claude-sonnet-5-5', 'all down');
    expect(answer.models).toEqual(['claude-sonnet-5-5', 'claude-haiku-5-5']);
    expect(answer).toMatchObject({
      text: '',
      error: { code: 'upstream_error' },
      end: { stop_reason: 'error' },
    });
  });

  test.each([401, 402, 403])('%i: none, in words for the operator, nothing of the body', async (status) => {
    const word = `claude refuses the key ${status}.`;
    failing(word, 'claude-sonnet-5-5', (stream) => stream.refuse(status));
    const answer = await askOn('claude-sonnet-5-5', word);
    expect(answer.models).toEqual(['claude-sonnet-5-5']);
    expect(answer).toMatchObject({
      fallback: null,
      error: { code: 'upstream_error' },
      end: { stop_reason: 'error' },
    });
    expect(answer.error?.message).not.toContain('as the test says');
  });

  test('404 for the model: its successor or the fallback model', async () => {
    failing('model gone', 'claude-haiku-4-5-20251001', (stream) => stream.refuse(404));
    const answer = await askOn('claude-haiku-4-5', 'model gone');
    expect(answer.models).toEqual(['claude-haiku-4-5-20251001', 'claude-haiku-5-5']);
    expect(answer.fallback).not.toBeNull();
  });

  test('400 that is the context: told as such', async () => {
    const words = 'prompt is too long: 210000 tokens > 200000 maximum';
    failing('too long a story', 'claude-sonnet-5-5', (stream) =>
      stream.refuse(400, 'invalid_request_error', words),
    );
    const answer = await askOn('claude-sonnet-5-5', 'too long a story');
    expect(answer).toMatchObject({
      fallback: null,
      error: { code: 'context_too_long' },
      end: { stop_reason: 'error' },
    });
  });

  test('another 400: none', async () => {
    failing('bad request', 'claude-sonnet-5-5', (stream) => stream.refuse(400));
    expect(await askOn('claude-sonnet-5-5', 'bad request')).toMatchObject({
      fallback: null,
      error: { code: 'upstream_error' },
    });
  });

  test('a refusal: none, and it does not go upstream again', async () => {
    upstream.on('something refused', (stream) => {
      stream.start();
      stream.end('refusal');
    });
    const { client } = await Client.connect(program.url);
    const answer = await client.ask('something refused');
    expect(answer).toMatchObject({ fallback: null, end: { stop_reason: 'refused' } });
    await client.ask('and now?');
    expect(upstream.asked.at(-1)?.turns.every(({ text }) => text !== '')).toBe(true);
    client.close();
  });
});

describe('R9 home through LiteLLM', () => {
  test.each([
    ...TRANSIENT,
    ['401', (stream) => stream.refuse(401)] as [string, Script],
    ['404', (stream) => stream.refuse(404)] as [string, Script],
  ])('%s: announced, to automatic Claude', async (name, script) => {
    const word = `home ${name}.`;
    failing(word, 'ollama-qwen2.5', script);
    const answer = await askOn('ollama-qwen2.5', word);
    expect(answer.models[0]).toBe('ollama-qwen2.5');
    expect(answer.models).toHaveLength(2);
    expect(answer.fallback).toMatchObject({
      requested_model: 'ollama-qwen2.5',
      actual_model: expect.stringMatching(/^claude-/),
    });
    expect(answer.text).toMatch(/^from claude-/);
  });

  test('400: none', async () => {
    failing('home bad request', 'ollama-qwen2.5', (stream) => stream.refuse(400));
    expect(await askOn('ollama-qwen2.5', 'home bad request')).toMatchObject({
      fallback: null,
      end: { stop_reason: 'error' },
    });
  });

  test('R9 only the current conversation goes to the fallback', async () => {
    failing('private matter', 'ollama-qwen2.5', (stream) => stream.refuse(503));
    const { client } = await Client.connect(program.url);
    await client.ask('an older story');
    client.send({ type: 'model_change', model: 'ollama-qwen2.5' });
    await client.next('model_changed');
    await client.ask('private matter');
    expect(upstream.asked.at(-1)?.turns).toEqual([{ role: 'user', text: 'private matter' }]);
    client.close();
  });
});

describe('R14 home stays home', () => {
  test('a home conversation asks nothing of any cloud model, not for titles either', async () => {
    const { client } = await Client.connect(program.url);
    client.send({ type: 'model_change', model: 'ollama-qwen2.5' });
    await client.next('model_changed');
    const from = upstream.asked.length;
    await client.ask('At home 1');
    await client.ask('At home 2');
    client.send({ type: 'reset' });
    await client.next('conversation_reset');
    expect(upstream.asked.slice(from).map(({ path }) => path)).toEqual([
      '/v1/chat/completions',
      '/v1/chat/completions',
    ]);
    client.close();
  });
});
