import { describe, expect, test } from 'vitest';
import type { ClientFrame, ErrorCode, Health, Model, ServerFrame } from '../shared/index.ts';
import { listModels } from '../worker/models/catalogue.ts';
import { buildRegistry } from '../worker/models/registry.ts';
import { aConfig, aService, aSnapshot, TODAY } from '../worker/models/test-world.ts';
import type { ChatSocket, Closed } from './chat-socket.ts';
import { walkDeployment } from './deployment-walk.ts';
import type { Link } from './home-links.ts';

const HOME = 'ollama-qwen2.5';
const config = aConfig();

function aHealth(services: Partial<Health['services']> = {}): Health {
  const all = { anthropic: aService(), litellm: aService({ version: '1.104.2' }), ollama: aService() };
  return { status: 'ok', services: { ...all, ...services }, warnings: [] };
}

function theModels(snapshot = aSnapshot(config)): Model[] {
  return listModels(buildRegistry(config), config, snapshot, TODAY);
}

type Step = ServerFrame | Closed | 'silence';

const session = (model = 'auto'): ServerFrame => ({
  type: 'session',
  ...{ protocol: 1, session_id: 's', model, archives: [], archives_next: null, last_seq: 0 },
  ...{ resumed_after: null, run: null },
  conversation: {
    ...{ id: 'c', model, title: '', status: 'current', messages: [], message_count: 0, has_more: false },
  },
});
const changed: ServerFrame = {
  type: 'model_changed',
  ...{ old_model: 'auto', new_model: HOME, archived_message_count: 0, context_reset: true },
  ...{ conversation_id: 'd', replaced: null },
};
const delta = (text: string): ServerFrame => ({ type: 'text_delta', seq: 1, message_id: 'm', text });
const end = (stop_reason: 'end_turn' | 'stopped' | 'error' | 'limit' = 'end_turn'): ServerFrame => ({
  type: 'message_end',
  ...{ seq: 2, message_id: 'm', stop_reason, actual_model: HOME, usage: null, cost_usd: 0 },
  ...{ ttft_ms: 1, duration_ms: 1 },
});
const error = (code: ErrorCode, message: string, message_id?: string): ServerFrame => ({
  type: 'error',
  ...{ code, message, retryable: false },
  ...(message_id === undefined ? {} : { message_id, seq: 1 }),
});
const closed = (code: number, reason = '', opened = true): Closed => ({
  type: 'closed',
  code,
  reason,
  opened,
});
const words = ['one ', 'two ', 'three ', 'four ', 'five '].map(delta);

/** Gives these frames, 50 ms apart; 'silence' lets the deadline pass. What it was sent is in `sent`. */
function aWorld(steps: Step[], more: { apartMs?: number } = {}) {
  let time = 0;
  const sent: (ClientFrame | 'close')[] = [];
  const stop = new AbortController();
  const socket: ChatSocket = {
    send: (frame) => void sent.push(frame),
    async next(signal) {
      signal.throwIfAborted();
      const step = steps.shift() ?? 'silence';
      if (step === 'silence') {
        return new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
        );
      }
      time += more.apartMs ?? 50;
      return step;
    },
    close: () => void sent.push('close'),
  };
  const deps = {
    ...{ open: () => socket, signal: stop.signal, now: () => time },
    pause: () => new Promise(() => {}),
    deadline: () => AbortSignal.timeout(1),
  };
  return { deps, sent, stop };
}

async function walk(world: ReturnType<typeof aWorld>, models = theModels(), health = aHealth()) {
  const links: Link[] = [];
  for await (const link of walkDeployment(health, models, world.deps)) links.push(link);
  return links;
}

const last = (links: Link[]) => links.at(-1);

describe('the walk through a deployment', () => {
  test('C2 C1 changes to the home model, asks it twice, and sees the answer come piece by piece', async () => {
    const world = aWorld([session(), changed, delta('H'), end('stopped'), ...words, end()]);
    const links = await walk(world);
    expect(links.every(({ state }) => state === 'ok')).toBe(true);
    expect(links.map(({ name }) => name).slice(-3)).toEqual(['chat', 'completion', 'streaming']);
    expect(world.sent).toEqual([
      { type: 'model_change', model: HOME },
      { type: 'chat', message: 'Hello' },
      { type: 'stop' },
      { type: 'chat', message: 'Count from one to twenty in words.' },
      'close',
    ]);
  });

  test('stops a long answer when it has seen enough of it', async () => {
    const many = Array.from({ length: 60 }, () => delta('word '));
    const world = aWorld([session(HOME), delta('H'), end('stopped'), ...many, end('stopped')]);
    expect(last(await walk(world))).toMatchObject({ name: 'streaming', state: 'ok' });
    expect(world.sent.slice(-3)).toMatchObject([{ type: 'chat' }, { type: 'stop' }, 'close']);
  });

  test('finds a layer that gathers the answer', async () => {
    const world = aWorld([session(HOME), delta('H'), end(), ...words, end()], { apartMs: 0 });
    expect(last(await walk(world))).toMatchObject({ name: 'streaming', state: 'broken' });
  });

  test('R9 another model takes over: that is the broken link, and its paid answer is stopped', async () => {
    const reason = 'Qwen did not answer: LiteLLM has no model x (404): check its model_list.';
    const fallback: ServerFrame = {
      type: 'fallback',
      ...{ seq: 2, message_id: 'm', requested_model: HOME, actual_model: 'claude-haiku-5-5' },
      ...{ reason, reason_code: 'home_model_missing' },
    };
    const world = aWorld([session(HOME), fallback, delta('Hi'), end('stopped')]);
    const link = last(await walk(world));
    expect(link).toMatchObject({ name: 'completion', state: 'broken' });
    expect(link?.told).toBe(`${reason} claude-haiku-5-5 took over and was stopped at once.`);
    expect(world.sent[1]).toEqual({ type: 'stop' });
    expect(world.sent.at(-1)).toBe('close');
  });

  test('S6 S11 an answer that fails is told in the words of its error', async () => {
    const told = 'Qwen did not answer: LiteLLM has a fault at the moment (500).';
    const world = aWorld([session(HOME), error('model_unavailable', told, 'm'), end('error')]);
    expect(last(await walk(world))).toEqual({ name: 'completion', state: 'broken', told });
  });

  test('S11 a refused question is told, and there is nothing to stop', async () => {
    const world = aWorld([session(HOME), error('rate_limited', 'Too many messages.')]);
    expect(last(await walk(world))).toMatchObject({ state: 'broken', told: 'Too many messages.' });
    expect(world.sent).toEqual([{ type: 'chat', message: 'Hello' }, 'close']);
  });

  test('an end for another reason than the model is told', async () => {
    const world = aWorld([session(HOME), end('limit')]);
    expect(last(await walk(world))?.told).toContain('limit');
  });

  test('is bounded in time: what does not end is stopped', async () => {
    const world = aWorld([session(HOME), 'silence', end('stopped')]);
    const link = last(await walk(world));
    expect(link).toMatchObject({ name: 'completion', state: 'broken' });
    expect(link?.told).toContain('loading');
    expect(world.sent.slice(-2)).toEqual([{ type: 'stop' }, 'close']);
  });

  test('asked to end, it stops the answer first', async () => {
    const world = aWorld([session(HOME), 'silence', end('stopped')]);
    const links: Link[] = [];
    const ended = (async () => {
      for await (const link of walkDeployment(aHealth(), theModels(), { ...world.deps, deadline })) {
        links.push(link);
        if (link.name === 'chat') setImmediate(() => world.stop.abort());
      }
    })();
    await expect(ended).rejects.toThrow();
    expect(last(links)?.name).toBe('chat');
    expect(world.sent.slice(-2)).toEqual([{ type: 'stop' }, 'close']);
  });

  test.each<[string, Step, Partial<Link>]>([
    ['4401', closed(4401, 'Sign in.'), { state: 'skipped', told: expect.stringContaining('npm run doctor') }],
    ['4503', closed(4503, 'No sign-in.'), { state: 'broken', told: expect.stringContaining('No sign-in.') }],
    [
      '4429',
      closed(4429, 'Too many.'),
      { state: 'broken', told: expect.stringContaining('Try again later') },
    ],
    [
      'a refused upgrade',
      closed(1006, '', false),
      { state: 'broken', told: expect.stringContaining('origin') },
    ],
    ['nothing at all', 'silence', { state: 'broken', told: expect.stringContaining('nothing more came') }],
  ])('H4 the socket ends with %s', async (_, step, link) => {
    expect(last(await walk(aWorld([step])))).toMatchObject({ name: 'chat', ...link });
  });

  test('H4 a reason that arrives cut is shown as cut', async () => {
    const link = last(await walk(aWorld([closed(4503, 'x'.repeat(123))])));
    expect(link?.told.endsWith('x …')).toBe(true);
  });

  test('R10 without a selector the walk ends, and that is no fault', async () => {
    const world = aWorld([session(), error('model_selection_disabled', 'No choice here.')]);
    expect(last(await walk(world))).toEqual({ name: 'chat', state: 'skipped', told: 'No choice here.' });
  });

  test('R6 a model that the deployment does not give is told', async () => {
    const world = aWorld([session(), error('model_unavailable', 'It sleeps.')]);
    expect(last(await walk(world))).toEqual({ name: 'chat', state: 'broken', told: 'It sleeps.' });
  });
});

describe('what the deployment says of its home model', () => {
  const untouched = () => aWorld([]);

  test('H2 a broken link ends the walk before a socket is opened', async () => {
    const world = untouched();
    const reason = 'LiteLLM refuses the key: check LITELLM_MASTER_KEY on both sides.';
    const models = theModels(aSnapshot(config, { home_model: { state: 'not_allowed', reason } }));
    expect(last(await walk(world, models))).toEqual({ name: 'key', state: 'broken', told: reason });
    expect(world.sent).toEqual([]);
  });

  test('a version that is refused is a broken link, although the model is disabled by it', async () => {
    const refused = 'LiteLLM 1.82.7 is a malicious release that steals credentials: stop it.';
    const models = theModels(
      aSnapshot(config, { litellm_refused: refused, home_model: { state: 'proxy_down', reason: refused } }),
    );
    const health = aHealth({ litellm: aService({ status: 'down', detail: refused, version: '1.82.7' }) });
    const world = untouched();
    expect(last(await walk(world, models, health))).toMatchObject({ name: 'version', state: 'broken' });
  });

  test('no home model, or one that is switched off, is one line and no fault', async () => {
    const off = aHealth({ litellm: aService({ status: 'disabled', detail: 'LiteLLM is switched off.' }) });
    const cloud = theModels().filter(({ provider }) => provider === 'anthropic');
    const told = 'this deployment has no home model: LiteLLM is switched off.';
    expect(await walk(untouched(), cloud, off)).toEqual([{ name: 'settings', state: 'skipped', told }]);
    const disabled = theModels().map((model) =>
      model.id === HOME
        ? { ...model, status: 'disabled' as const, reason: 'MODELS switches it off.' }
        : model,
    );
    expect(await walk(untouched(), disabled)).toMatchObject([{ name: 'settings', state: 'skipped' }]);
  });

  test('a home side that is not complete is a fault', async () => {
    const detail = 'LITELLM_MASTER_KEY is not set.';
    const health = aHealth({ litellm: aService({ status: 'unconfigured', detail }) });
    const links = await walk(untouched(), theModels(), health);
    expect(links).toEqual([{ name: 'settings', state: 'broken', told: detail }]);
  });
});

/** Never passes by itself before a test has ended, but for the goodbye. */
function deadline(ms: number): AbortSignal {
  return AbortSignal.timeout(ms > 5_000 ? 60_000 : ms);
}
