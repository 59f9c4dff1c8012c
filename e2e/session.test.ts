import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chop } from './harness/chop.ts';
import { Client } from './harness/client.ts';
import { type Program, startProgram } from './harness/program.ts';
import { type Asked, type Stream, settingsFor, startUpstream, type Upstream } from './harness/upstream.ts';

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

const PATHS = [
  { way: 'Claude direct', model: 'claude-sonnet-5-5', path: '/v1/messages' },
  { way: 'home through LiteLLM', model: 'ollama-qwen2.5', path: '/v1/chat/completions' },
] as const;

/** A new session bound to this model. */
async function open(model: string) {
  const { client, session } = await Client.connect(program.url);
  client.send({ type: 'model_change', model });
  const changed = await client.next('model_changed');
  return { client, session, changed };
}

/** A stream that a test leads by hand: opens when it was asked. */
function byHand(word: string): Promise<{ stream: Stream; asked: Asked }> {
  return new Promise((resolve) => upstream.on(word, (stream, asked) => resolve({ stream, asked })));
}

function expectOrder(seqs: number[], after = 0): void {
  expect(seqs).toEqual(seqs.map((_, index) => after + 1 + index));
}

describe('a session', () => {
  test('S1 comes first, on Automatic, empty, at the beginning of its numbers', async () => {
    const { client, session } = await Client.connect(program.url);
    expect(session).toMatchObject({
      protocol: 1,
      model: 'auto',
      archives: [],
      archives_next: null,
      last_seq: 0,
      resumed_after: null,
      run: null,
      conversation: { status: 'current', messages: [], message_count: 0, has_more: false },
    });
    client.close();
  });

  test('a text frame "ping" is answered "pong"', async () => {
    const { client } = await Client.connect(program.url);
    client.sendRaw('ping');
    await client.when('pong', () => (client.raw.at(-1) === 'pong' ? true : undefined));
    client.close();
  });

  test('S10 C7 gives the list of H2', async () => {
    const { client } = await Client.connect(program.url);
    client.send({ type: 'models' });
    const { models } = await client.next('models');
    expect(models.map(({ id }) => id)).toContain('claude-opus-4');
    client.close();
  });

  test('C2 binds a new conversation; an empty one is not archived', async () => {
    const { client, changed } = await open('claude-haiku-5-5');
    expect(changed).toMatchObject({
      old_model: 'auto',
      new_model: 'claude-haiku-5-5',
      archived_message_count: 0,
      context_reset: true,
      replaced: null,
    });
    client.close();
  });

  test('Automatic says which model it took and why', async () => {
    const { client } = await Client.connect(program.url);
    const { start } = await client.ask('Hi');
    expect(start).toMatchObject({
      model: 'auto',
      actual_model: 'claude-haiku-5-5',
      routing_path: 'sdk_direct',
    });
    expect(start?.reason).toMatch(/\w+ \w+/);
    client.close();
  });

  test('Automatic uses more than one model', async () => {
    const { client } = await Client.connect(program.url);
    const easy = await client.ask('Hello!');
    client.send({ type: 'reset' });
    const hard = await client.ask(
      'Think carefully and prove, step by step, why this BGP design converges. Compare three alternatives, weigh their trade-offs, and derive the worst case.',
    );
    expect(hard.end.actual_model).not.toBe(easy.end.actual_model);
    client.close();
  });
});

describe.each(PATHS)('$way', ({ model, path }) => {
  test('R1 the answer comes in order, the pieces are the stored text, the receipt is whole', async () => {
    const pieces = ['One ', 'zwei ', 'drei\n', '四', ' 👋🏽', ' end'];
    upstream.on(`order ${model}`, (stream) => {
      stream.start();
      for (const piece of pieces) stream.text(piece);
      stream.end();
    });
    const { client, session, changed } = await open(model);
    const answer = await client.ask(`order ${model}`);
    expect(answer.text).toBe(pieces.join(''));
    expectOrder(client.seqs);
    expect(answer.end).toMatchObject({ stop_reason: 'end_turn', actual_model: model });
    expect(answer.end.usage?.input_tokens).toBe(12);
    expect(answer.end.usage?.output_tokens).toBeGreaterThan(0);
    if (path === '/v1/messages') expect(answer.end.cost_usd).toBeGreaterThan(0);
    else expect(answer.end.cost_usd).toBe(0);
    expect(answer.end.ttft_ms).toBeGreaterThanOrEqual(0);
    expect(answer.end.duration_ms).toBeGreaterThanOrEqual(answer.end.ttft_ms ?? Number.NaN);
    expect(upstream.asked.at(-1)?.path).toBe(path);

    const back = await Client.connect(program.url, { session: session.session_id });
    expect(back.session.conversation).toMatchObject({
      id: changed.conversation_id,
      model,
      message_count: 2,
      messages: [
        { role: 'user', text: `order ${model}`, status: 'complete' },
        { role: 'assistant', text: pieces.join(''), status: 'complete', actual_model: model },
      ],
    });
    client.close();
    back.client.close();
  });

  test('R1 bytes may be cut anywhere, also inside a character', async () => {
    const text = 'Grüße 👋🏽 an 世界, “quoted” – done.';
    upstream.on(`chopped ${model}`, (stream) => {
      chop(stream.response, 3);
      stream.start();
      for (const piece of text.split(/(?<= )/)) stream.text(piece);
      stream.end();
    });
    const { client } = await open(model);
    const answer = await client.ask(`chopped ${model}`);
    expect(answer.text).toBe(text);
    expect(answer.end.stop_reason).toBe('end_turn');
    client.close();
  });

  test('thinking is told apart from the answer and stays in its run', async () => {
    upstream.on(`ponder ${model}`, (stream) => {
      stream.start();
      stream.thinking('First I look ');
      stream.thinking('at the prefix.');
      stream.text('It is free.');
      stream.end();
    });
    const { client } = await open(model);
    const answer = await client.ask(`ponder ${model}`);
    expect(answer).toMatchObject({ thinking: 'First I look at the prefix.', text: 'It is free.' });
    await client.ask(`after pondering ${model}`);
    const asked = upstream.asked.findLast(({ question }) => question === `after pondering ${model}`);
    expect(JSON.stringify(asked?.body.messages)).not.toContain('First I look');
    expect(asked?.turns.map(({ text }) => text)).toEqual([
      `ponder ${model}`,
      'It is free.',
      `after pondering ${model}`,
    ]);
    client.close();
  });

  test('C4 stop keeps what was received and lets go of the upstream', async () => {
    const asking = byHand(`stop ${model}`);
    const { client } = await open(model);
    client.send({ type: 'chat', message: `stop ${model}` });
    const accepted = await client.next('message_accepted');
    const { stream, asked } = await asking;
    stream.start();
    stream.text('Half of it');
    await client.next('text_delta');
    client.send({ type: 'stop' });
    const answer = await client.answerTo(accepted);
    expect(answer).toMatchObject({ text: 'Half of it', end: { stop_reason: 'stopped' } });
    await asked.closed;
    expectOrder(client.seqs);

    await client.ask(`go on then ${model}`);
    expect(upstream.asked.at(-1)?.turns.map(({ text }) => text)).toEqual([
      `stop ${model}`,
      'Half of it',
      `go on then ${model}`,
    ]);
    client.close();
  });

  test('C4 also ends a request that has not been answered at all', async () => {
    const asking = byHand(`stop early ${model}`);
    const { client } = await open(model);
    client.send({ type: 'chat', message: `stop early ${model}` });
    const accepted = await client.next('message_accepted');
    const { asked } = await asking;
    client.send({ type: 'stop' });
    expect((await client.answerTo(accepted)).end.stop_reason).toBe('stopped');
    await asked.closed;
    client.close();
  });

  test('R2 a cut in the middle: the rest comes once, nothing twice, nothing lost', async () => {
    const asking = byHand(`cut ${model}`);
    const { client, session, changed } = await open(model);
    client.send({ type: 'chat', message: `cut ${model}` });
    const { stream } = await asking;
    stream.start();
    const pieces = Array.from({ length: 40 }, (_, index) => `piece ${index} `);
    for (const piece of pieces.slice(0, 15)) stream.text(piece);
    await client.when('some of the answer', () =>
      client.frames.some(({ type }) => type === 'text_delta') ? true : undefined,
    );
    client.close();
    await client.closed;
    const after = client.seqs.at(-1) ?? 0;
    for (const piece of pieces.slice(15)) stream.text(piece);

    const back = await Client.connect(program.url, {
      session: session.session_id,
      conversation: changed.conversation_id,
      after,
    });
    expect(back.session).toMatchObject({ resumed_after: after, conversation: { messages: [] } });
    stream.end();
    await back.client.next('message_end');
    expectOrder([...client.seqs, ...back.client.seqs]);
    const text = [...client.frames, ...back.client.frames].flatMap((frame) =>
      frame.type === 'text_delta' ? [frame.text] : [],
    );
    expect(text.join('')).toBe(pieces.join(''));
    back.client.close();
  });

  test('R2 another cursor gets the whole truth, the running answer included', async () => {
    const asking = byHand(`snapshot ${model}`);
    const { client, session } = await open(model);
    client.send({ type: 'chat', message: `snapshot ${model}` });
    const accepted = await client.next('message_accepted');
    const { stream } = await asking;
    stream.start();
    stream.text('So far');
    await client.next('text_delta');
    const other = await Client.connect(program.url, {
      session: session.session_id,
      conversation: 'another',
      after: 1,
    });
    expect(other.session).toMatchObject({
      resumed_after: null,
      last_seq: client.seqs.at(-1),
      run: { message_id: accepted.reply_id, seq: accepted.seq },
      conversation: { messages: [{}, { text: 'So far', status: 'streaming' }] },
    });
    stream.text(', and on');
    stream.end();
    await other.client.next('message_end');
    expectOrder(other.client.seqs, other.session.last_seq);
    client.close();
    other.client.close();
  });

  test('R3 a closed socket stops nothing', async () => {
    const asking = byHand(`leave ${model}`);
    const { client, session } = await open(model);
    client.send({ type: 'chat', message: `leave ${model}` });
    const { stream } = await asking;
    stream.start();
    stream.text('Before ');
    await client.next('text_delta');
    client.close();
    await client.closed;
    stream.text('and after.');
    stream.end();
    const back = await Client.connect(program.url, { session: session.session_id });
    await back.client.when('the end of the run', () =>
      back.session.run === null || back.client.frames.some(({ type }) => type === 'message_end')
        ? true
        : undefined,
    );
    const again = await Client.connect(program.url, { session: session.session_id });
    expect(again.session.conversation.messages.at(-1)).toMatchObject({
      text: 'Before and after.',
      status: 'complete',
    });
    back.client.close();
    again.client.close();
  });

  test('R5 a switch in the middle stops the run, and nothing of it goes upstream again', async () => {
    const asking = byHand(`switch ${model}`);
    const { client } = await open(model);
    client.send({ type: 'chat', message: `switch ${model}` });
    const accepted = await client.next('message_accepted');
    const { stream, asked } = await asking;
    stream.start();
    stream.text('Old answer');
    await client.next('text_delta');
    client.send({ type: 'model_change', model: 'claude-haiku-5-5' });
    expect((await client.answerTo(accepted)).end.stop_reason).toBe('stopped');
    const changed = await client.next('model_changed');
    expect(changed).toMatchObject({
      old_model: model,
      new_model: 'claude-haiku-5-5',
      archived_message_count: 2,
    });
    await asked.closed;
    await client.ask(`new after ${model}`);
    expect(upstream.asked.at(-1)?.turns).toEqual([{ role: 'user', text: `new after ${model}` }]);
    client.close();
  });

  test('R7 a second message meanwhile is busy, and the first goes on', async () => {
    const asking = byHand(`busy ${model}`);
    const { client } = await open(model);
    client.send({ type: 'chat', message: `busy ${model}` });
    const accepted = await client.next('message_accepted');
    const { stream } = await asking;
    client.send({ type: 'chat', message: 'me too', client_id: 'second' });
    expect(await client.next('error')).toMatchObject({ code: 'busy', client_id: 'second', retryable: true });
    stream.start();
    stream.text('done');
    stream.end();
    expect((await client.answerTo(accepted)).text).toBe('done');
    client.close();
  });

  test('R9 after the first text an error keeps the partial answer and switches nothing', async () => {
    upstream.on(`break ${model}`, (stream) => {
      stream.start();
      stream.text('Half');
      setTimeout(() => stream.fail(), 50);
    });
    const { client } = await open(model);
    const before = upstream.asked.length;
    const answer = await client.ask(`break ${model}`);
    expect(answer).toMatchObject({
      text: 'Half',
      fallback: null,
      end: { stop_reason: 'error', actual_model: model },
    });
    expect(upstream.asked.length).toBe(before + 1);
    expectOrder(client.seqs);

    await client.ask(`once more ${model}`);
    const texts = upstream.asked.at(-1)?.turns.map(({ text }) => text) ?? [];
    expect(texts.join('|')).not.toContain('Half');
    client.close();
  });

  test('R9 silence after the first text ends the answer as an error', async () => {
    upstream.on(`fall silent ${model}`, (stream) => {
      stream.start();
      stream.text('Half');
    });
    const { client } = await open(model);
    const answer = await client.ask(`fall silent ${model}`);
    expect(answer).toMatchObject({
      text: 'Half',
      end: { stop_reason: 'error', error_code: 'upstream_timeout' },
    });
    client.close();
  });

  test('signs of life without text keep a slow answer alive', async () => {
    upstream.on(`slow ${model}`, async (stream) => {
      stream.start();
      for (let beat = 0; beat < 6; beat += 1) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        stream.ping();
      }
      stream.text('At last.');
      stream.end();
    });
    const { client } = await open(model);
    expect(await client.ask(`slow ${model}`)).toMatchObject({ text: 'At last.', fallback: null });
    client.close();
  });

  test('an answer that fills its limit says so', async () => {
    upstream.on(`full ${model}`, (stream) => {
      stream.start();
      stream.text('as much as fits');
      stream.end('max_tokens');
    });
    const { client } = await open(model);
    expect((await client.ask(`full ${model}`)).end.stop_reason).toBe('max_tokens');
    client.close();
  });

  test('telemetry tells the run without its text and without a key', async () => {
    const { client, session } = await open(model);
    await client.ask(`top secret words ${model}`);
    await program.printed(
      new RegExp(
        `"event":"model_response".*"model_id":"${model}"|"model_id":"${model}".*"event":"model_response"`,
      ),
    );
    const response = program.events('model_response').findLast(({ model_id }) => model_id === model);
    expect(response).toMatchObject({
      model_id: model,
      duration_ms: expect.any(Number),
      cost_usd: expect.any(Number),
    });
    expect(program.events('model_request').some(({ model_id }) => model_id === model)).toBe(true);
    for (const secret of ['top secret words', 'sk-ant-for-tests', 'sk-proxy-for-tests', session.session_id]) {
      expect(program.output()).not.toContain(secret);
    }
    client.close();
  });
});
