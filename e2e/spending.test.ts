import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from './harness/client.ts';
import { newStateDir, type Program, startProgram } from './harness/program.ts';
import { settingsFor, startUpstream, type Upstream } from './harness/upstream.ts';

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream?.close());

/** Questions that have reached Claude since `from`. */
const asked = (from: number) => upstream.asked.slice(from).filter(({ path }) => path === '/v1/messages');

describe('DAILY_BUDGET_USD', () => {
  // With Opus one answer of 1,000 tokens is $0.02, and a short question at most half a cent.
  const settings = { DEFAULT_MODEL: 'claude-opus-5-5', DAILY_BUDGET_USD: '0.04', MAX_OUTPUT_TOKENS: '1000' };
  const stateDir = newStateDir();
  let program: Program;
  beforeAll(async () => {
    program = await startProgram({ env: { ...settingsFor(upstream), ...settings }, stateDir });
  });
  afterAll(async () => {
    await program?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  test('what is left is said at once, goes down with every answer, and is the same for another session', async () => {
    const { client, session } = await Client.connect(program.url);
    expect(session.budget).toMatchObject({ left_usd: 0.04, limit_usd: 0.04 });
    expect(new Date(session.budget?.resets_at ?? '').getTime()).toBeGreaterThan(Date.now());
    const { end } = await client.ask('hello');
    expect(end.stop_reason).toBe('end_turn');
    expect(end.cost_usd).toBeGreaterThan(0);
    expect(end.budget?.left_usd).toBeCloseTo(0.04 - (end.cost_usd ?? 0), 9);
    const other = await Client.connect(program.url);
    expect(other.session.budget?.left_usd).toBeCloseTo(end.budget?.left_usd ?? 0, 9);
    client.close();
    other.client.close();
  });

  test('running answers hold their worst case: who comes meanwhile gets a shorter one, or none', async () => {
    const before = upstream.asked.length;
    upstream.on('hold', (stream) => {
      stream.start();
      stream.text('A beginning.');
    });
    const clients = await Promise.all(
      Array.from({ length: 3 }, async () => (await Client.connect(program.url)).client),
    );
    const outcomes: string[] = [];
    for (const client of clients) {
      client.send({ type: 'chat', message: 'hold' });
      const first = await client.when('An outcome', () =>
        client.frames.find(({ type }) => type === 'text_delta' || type === 'error'),
      );
      outcomes.push(first.type === 'error' ? first.code : first.type);
    }
    expect(outcomes).toEqual(['text_delta', 'text_delta', 'budget_exhausted']);
    const tokens = asked(before).map(({ body }) => Number(Reflect.get(body, 'max_tokens')));
    expect(tokens[0]).toBe(1_000);
    expect(tokens[1]).toBeLessThan(1_000);
    expect(tokens).toHaveLength(2);
    const refused = clients[2];
    const error = await refused?.next('error');
    expect(error?.message).toMatch(/spending limit of this chat.*00:00 UTC/);
    expect(error?.retry_after_ms).toBeGreaterThan(0);
    expect(error?.retry_after_ms).toBeLessThanOrEqual(24 * 3_600_000);
    // The one that stops gives back what it did not use.
    clients[0]?.send({ type: 'stop' });
    await clients[0]?.next('message_end');
    refused?.send({ type: 'reset' });
    const again = await refused?.ask('hello');
    expect(again?.end.stop_reason).toBe('end_turn');
    for (const client of clients) {
      client.send({ type: 'stop' });
      client.close();
    }
  });

  test('what was spent is known to the next process, and the home model needs no money', async () => {
    const { client, session } = await Client.connect(program.url);
    const left = session.budget?.left_usd ?? 0;
    expect(left).toBeLessThan(0.04);
    client.close();
    await program.stop();
    program = await startProgram({
      env: {
        ...settingsFor(upstream),
        ...settings,
        DAILY_BUDGET_USD: '0.001',
        DEFAULT_MODEL: 'ollama-qwen2.5',
      },
      stateDir,
    });
    const next = await Client.connect(program.url);
    expect(next.session.budget?.limit_usd).toBe(0.001);
    expect(next.session.budget?.left_usd).toBeLessThan(0.001);
    expect((await next.client.ask('hello')).end).toMatchObject({ stop_reason: 'end_turn', cost_usd: 0 });
    const before = upstream.asked.length;
    next.client.send({ type: 'model_change', model: 'claude-opus-5-5' });
    await next.client.next('model_changed');
    next.client.send({ type: 'chat', message: 'hello', client_id: 'a' });
    // Known since the connection: refused before it is accepted.
    expect(await next.client.next('error')).toMatchObject({ code: 'budget_exhausted', client_id: 'a' });
    expect(next.client.frames.filter(({ type }) => type === 'message_accepted')).toHaveLength(1);
    expect(asked(before)).toEqual([]);
    next.client.close();
  });
});

describe('settings that bound a session', () => {
  let program: Program;
  beforeAll(async () => {
    program = await startProgram({
      env: {
        ...settingsFor(upstream),
        DEFAULT_MODEL: 'claude-haiku-5-5',
        TURNS_PER_MINUTE: '3',
        MAX_MESSAGE_CHARS: '8000',
        MAX_HISTORY_TOKENS: '1000',
        MAX_OUTPUT_TOKENS: '300',
        RUN_LIMIT_S: '1',
      },
    });
  });
  afterAll(() => program?.stop());

  test('MAX_MESSAGE_CHARS at the limit and one over it, MAX_HISTORY_TOKENS and MAX_OUTPUT_TOKENS', async () => {
    const before = upstream.asked.length;
    const { client } = await Client.connect(program.url);
    client.send({ type: 'chat', message: 'x'.repeat(8_001) });
    expect(await client.next('error')).toMatchObject({ code: 'message_too_long' });
    // 8,000 letters are a message, but more than this chat sends.
    client.send({ type: 'chat', message: 'x'.repeat(8_000) });
    const tooLong = await client.next('error');
    expect(tooLong).toMatchObject({ code: 'context_too_long' });
    expect(tooLong.message).toContain('at most 1,000');
    await client.ask('hello');
    expect(asked(before)).toHaveLength(1);
    expect(asked(before)[0]?.body).toMatchObject({ max_tokens: 300 });
    client.close();
  });

  test('TURNS_PER_MINUTE: one over it is told when to try again', async () => {
    const { client } = await Client.connect(program.url);
    for (const question of ['one', 'two', 'three']) await client.ask(question);
    client.send({ type: 'chat', message: 'four', client_id: 'd' });
    const error = await client.next('error');
    expect(error).toMatchObject({ code: 'rate_limited', client_id: 'd', retryable: true });
    expect(error.retry_after_ms).toBeGreaterThan(0);
    expect(error.retry_after_ms).toBeLessThanOrEqual(60_000);
    client.close();
  });

  test('RUN_LIMIT_S ends an answer, and the upstream is let go', async () => {
    const gone = new Promise<void>((resolve) =>
      upstream.on('endless', (stream, { closed }) => {
        stream.start();
        stream.text('A beginning.');
        void closed.then(resolve);
      }),
    );
    const { client } = await Client.connect(program.url);
    const { end, text } = await client.ask('endless');
    expect(end.stop_reason).toBe('limit');
    expect(text).toBe('A beginning.');
    await gone;
    client.close();
  });
});
