import { describe, expect, it } from 'vitest';
import { allMessages } from '../archive/messages.ts';
import { GOLDEN } from '../auto/golden-turns.ts';
import { route } from '../auto/router.ts';
import { NANOS_PER_USD } from '../guard/ledger-book.ts';
import { costUsd } from '../models/prices.ts';
import { TIERS } from '../models/tiers.ts';
import { World } from '../testing/world.ts';

/** A session on Automatic in which `question` was answered. */
async function answered(question: string, vars: Record<string, string> = {}) {
  const world = new World(vars);
  const socket = world.connect();
  await world.turn(socket, question, 'the answer');
  return { world, socket };
}

describe('C8 redo', () => {
  it('gives another answer to the same question: a branch under it, with the question said again in S2', async () => {
    const { world, socket } = await answered('What is BGP?');
    await world.say(socket, { type: 'redo', message_id: 'conv-1.2', client_id: 'r' });
    expect(socket.last('message_accepted')).toMatchObject({
      client_id: 'r',
      message: { id: 'conv-1.1', text: 'What is BGP?', parent_id: null },
      reply_id: 'conv-1.3',
    });
    await world.call.text('another');
    await world.call.finish();
    expect(world.call.request.turns).toEqual([{ role: 'user', text: 'What is BGP?' }]);
    expect(allMessages(world.sql, 'conv-1')).toMatchObject([
      { id: 'conv-1.1', role: 'user' },
      { id: 'conv-1.2', parent_id: 'conv-1.1', text: 'the answer' },
      { id: 'conv-1.3', parent_id: 'conv-1.1', text: 'another', status: 'complete' },
    ]);
    expect(world.session.conversation.messageCount).toBe(3);
  });

  it('goes to exactly the tier that is asked for, and says so', async () => {
    const { world, socket } = await answered('hello');
    await world.say(socket, { type: 'redo', message_id: 'conv-1.2', tier: 'opus' });
    await world.call.text('better');
    await world.call.finish();
    expect(socket.last('message_start')).toMatchObject({
      model: 'auto',
      actual_model: 'claude-opus-5-5',
      reason_code: 'chosen_tier',
    });
    expect(allMessages(world.sql, 'conv-1').at(-1)).toMatchObject({ redo_tier: 'opus' });
  });

  it('a tier that was asked for holds for the next turns, and small talk does not need it', async () => {
    const { world, socket } = await answered('Which port does SSH use?');
    await world.say(socket, { type: 'redo', message_id: 'conv-1.2', tier: 'opus' });
    await world.call.text('better');
    await world.call.finish();
    await world.turn(socket, 'Which port does the web server of our monitoring use?', 'x');
    expect(socket.last('message_start')).toMatchObject({ actual_model: 'claude-opus-5-5' });
    await world.turn(socket, 'thanks!', 'x');
    expect(socket.last('message_start')).toMatchObject({ actual_model: 'claude-haiku-5-5' });
  });

  it('without a tier it goes to a stronger model than the one that answered', async () => {
    const { world, socket } = await answered('Which port does SSH use?');
    expect(socket.last('message_start').actual_model).toBe('claude-haiku-5-5');
    await world.say(socket, { type: 'redo', message_id: 'conv-1.2' });
    await world.call.finish();
    expect(socket.last('message_start').actual_model).toBe('claude-sonnet-5-5');
  });

  it('an older answer is done again without what came after it', async () => {
    const { world, socket } = await answered('one');
    await world.turn(socket, 'two', 'second');
    await world.say(socket, { type: 'redo', message_id: 'conv-1.2' });
    await world.call.finish();
    expect(world.call.request.turns).toEqual([{ role: 'user', text: 'one' }]);
    await world.turn(socket, 'three', 'x');
    expect(world.call.request.turns.map(({ text }) => text)).toEqual(['one\n\nthree']);
  });

  it('is refused, and nothing runs: unknown message, a tier elsewhere than in Automatic, a run', async () => {
    const { world, socket } = await answered('one');
    await world.say(socket, { type: 'redo', message_id: 'conv-1.9', client_id: 'x' });
    expect(socket.last('error')).toMatchObject({ code: 'not_found', client_id: 'x' });
    await world.say(socket, { type: 'redo', message_id: 'elsewhere.2' });
    expect(socket.last('error').code).toBe('not_found');
    await world.say(socket, { message: 'two' });
    await world.say(socket, { type: 'redo', message_id: 'conv-1.2' });
    expect(socket.last('error').code).toBe('busy');
    await world.call.finish();
    await world.say(socket, { type: 'model_change', model: 'claude-opus-5-5' });
    await world.turn(socket, 'one', 'x');
    const id = `${world.session.conversation.id}.2`;
    await world.say(socket, { type: 'redo', message_id: id, tier: 'haiku' });
    expect(socket.last('error').code).toBe('bad_frame');
    const calls = world.calls.length;
    await world.say(socket, { type: 'redo', message_id: id });
    expect(world.calls).toHaveLength(calls + 1);
  });

  it('R10: no tier where choosing is switched off', async () => {
    const { world, socket } = await answered('one', { ENABLE_MODEL_SELECTION: 'false' });
    await world.say(socket, { type: 'redo', message_id: 'conv-1.2', tier: 'opus' });
    expect(socket.last('error').code).toBe('model_selection_disabled');
    await world.say(socket, { type: 'redo', message_id: 'conv-1.2' });
    expect(world.calls).toHaveLength(2);
  });

  it('an accepted client_id never runs twice, also after a restart', async () => {
    const { world, socket } = await answered('one');
    await world.say(socket, { type: 'redo', message_id: 'conv-1.2', client_id: 'r' });
    await world.call.finish();
    const first = socket.last('message_accepted');
    world.restart();
    await world.say(socket, { type: 'redo', message_id: 'conv-1.2', client_id: 'r' });
    expect(world.calls).toHaveLength(2);
    expect(socket.last('message_accepted')).toEqual(first);
  });

  it('counts as a message where messages are limited', async () => {
    const { world, socket } = await answered('one', { TURNS_PER_MINUTE: '2' });
    await world.say(socket, { type: 'redo', message_id: 'conv-1.2' });
    await world.call.finish();
    await world.say(socket, { type: 'redo', message_id: 'conv-1.2' });
    expect(socket.last('error').code).toBe('rate_limited');
  });

  it('R11: one that was cut is interrupted, and the first answer is as it was', async () => {
    const { world, socket } = await answered('one');
    await world.say(socket, { type: 'redo', message_id: 'conv-1.2' });
    await world.call.text('half');
    world.restart();
    expect(allMessages(world.sql, 'conv-1')).toMatchObject([
      {},
      { id: 'conv-1.2', status: 'complete' },
      { id: 'conv-1.3', status: 'interrupted' },
    ]);
  });
});

describe('C9 edit', () => {
  it('asks another question in the place of one: a branch beside it', async () => {
    const { world, socket } = await answered('one');
    await world.turn(socket, 'two', 'second');
    await world.say(socket, { type: 'edit', message_id: 'conv-1.3', message: 'two, better' });
    await world.call.text('x');
    await world.call.finish();
    expect(world.call.request.turns.map(({ text }) => text)).toEqual(['one', 'the answer', 'two, better']);
    expect(allMessages(world.sql, 'conv-1').slice(4)).toMatchObject([
      { id: 'conv-1.5', parent_id: 'conv-1.2', text: 'two, better' },
      { id: 'conv-1.6', parent_id: 'conv-1.5' },
    ]);
  });

  it('of the first question changes the title', async () => {
    const { world, socket } = await answered('one');
    await world.say(socket, { type: 'edit', message_id: 'conv-1.1', message: 'one, better' });
    await world.call.finish();
    expect(world.session.conversation.title).toBe('one, better');
    expect(world.call.request.turns.map(({ text }) => text)).toEqual(['one, better']);
  });

  it('of an answer is a bad frame, of nothing is not found', async () => {
    const { world, socket } = await answered('one');
    await world.say(socket, { type: 'edit', message_id: 'conv-1.2', message: 'x' });
    expect(socket.last('error').code).toBe('bad_frame');
    await world.say(socket, { type: 'edit', message_id: 'conv-1.8', message: 'x' });
    expect(socket.last('error').code).toBe('not_found');
    expect(world.calls).toHaveLength(1);
  });
});

describe('C1 parent_id', () => {
  it('goes on from another branch than the newest', async () => {
    const { world, socket } = await answered('one');
    await world.say(socket, { type: 'redo', message_id: 'conv-1.2' });
    await world.call.text('another');
    await world.call.finish();
    await world.turn(socket, 'from the newest', 'x');
    expect(world.call.request.turns.map(({ text }) => text)).toEqual(['one', 'another', 'from the newest']);
    await world.say(socket, { message: 'from the first', parent_id: 'conv-1.2' });
    expect(world.call.request.turns.map(({ text }) => text)).toEqual(['one', 'the answer', 'from the first']);
    await world.call.finish();
  });

  it('names an answer of this conversation', async () => {
    const { world, socket } = await answered('one');
    await world.say(socket, { message: 'x', parent_id: 'conv-1.1' });
    expect(socket.last('error').code).toBe('bad_frame');
    await world.say(socket, { message: 'x', parent_id: 'conv-1.7', client_id: 'c' });
    expect(socket.last('error')).toMatchObject({ code: 'not_found', client_id: 'c' });
    expect(world.calls).toHaveLength(1);
  });
});

describe('auto_mode', () => {
  const chosen = async (
    mode: string | undefined,
    vars: Record<string, string> = {},
    question = 'Explain how to migrate our campus from OSPF to IS-IS.',
  ) => {
    const world = new World(vars);
    const socket = world.connect();
    await world.say(socket, { message: question, ...(mode === undefined ? {} : { auto_mode: mode }) });
    await world.call.finish();
    return socket.last('message_start');
  };

  it('weighs quality against price as the message asks, else as the setting says', async () => {
    expect(await chosen('quality')).toMatchObject({ routing: { mode: 'quality' } });
    expect(await chosen(undefined)).toMatchObject({ routing: { mode: 'balanced' } });
    expect(await chosen(undefined, { AUTO_MODE: 'economy' })).toMatchObject({ routing: { mode: 'economy' } });
    const off = { ENABLE_MODEL_SELECTION: 'false', AUTO_MODE: 'economy' };
    expect(await chosen('quality', off)).toMatchObject({ routing: { mode: 'economy' } });
  });

  it('economy never chooses a dearer tier than quality does', async () => {
    const order = ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5'];
    const dearness = async (mode: string, message: string) =>
      order.indexOf((await chosen(mode, {}, message)).actual_model);
    const steps: number[] = [];
    for (const message of Object.values(GOLDEN).flat()) {
      steps.push((await dearness('quality', message)) - (await dearness('economy', message)));
    }
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...steps)).toBeGreaterThan(0);
  });
});

describe('receipts of Automatic', () => {
  it('say what each tier would have cost for the same tokens, in S6 and in the archive', async () => {
    const { world, socket } = await answered('hello');
    const { always_usd, cost_usd } = socket.last('message_end');
    expect(always_usd?.haiku).toBeCloseTo(cost_usd ?? Number.NaN, 12);
    expect(always_usd?.sonnet).toBeCloseTo((10 * 2 + 5 * 10) / 1e6, 12);
    expect(always_usd?.opus).toBeCloseTo((10 * 4 + 5 * 20) / 1e6, 12);
    expect(allMessages(world.sql, 'conv-1')[1]).toMatchObject({ always_usd });
    expect(world.recorded).toMatchObject([{ cost_usd, always_usd }]);
  });

  it('say nothing of that where a person chose the model', async () => {
    const { socket } = await answered('hello', { DEFAULT_MODEL: 'claude-sonnet-5-5' });
    expect(socket.last('message_end').always_usd).toBeUndefined();
  });
});

/** Messages between two tiers, whatever the weights are today. */
const CLOSE = Object.values(GOLDEN)
  .flat()
  .filter((text) => {
    const turns = [{ role: 'user' as const, text }];
    const { uncertain, tier, runner_up } = route({ turns, previousTier: null, available: TIERS });
    return uncertain && [tier, runner_up].includes('sonnet');
  })
  .slice(0, 8);

describe('the second opinion', () => {
  /** A message about which our own decision is a close one, with Haiku's call under way. */
  async function asked(vars: Record<string, string> = {}) {
    const world = new World({ AUTO_SECOND_OPINION: 'true', ...vars });
    const socket = world.connect();
    await world.say(socket, { message: CLOSE[0] });
    expect(world.call.request.system).toContain('sort messages');
    return { world, socket };
  }

  it('is asked where the decision is a close one; its words decide, its cost is in the receipt', async () => {
    const { world, socket } = await asked();
    const before = world.calls.length;
    await world.call.text('opus or sonnet? ', 'sonnet');
    await world.call.finish();
    expect(world.calls).toHaveLength(before + 1);
    await world.call.text('x');
    await world.call.finish();
    const start = socket.last('message_start');
    expect(start.routing?.second_opinion).toMatchObject({
      tier: 'sonnet',
      cost_usd: (10 * 0.1 + 5 * 0.5) / 1e6,
    });
    const rate = start.actual_model === 'claude-sonnet-5-5' ? 10 * 2 + 5 * 10 : 10 * 0.1 + 5 * 0.5;
    expect(socket.last('message_end').cost_usd).toBeCloseTo((rate + 10 * 0.1 + 5 * 0.5) / 1e6, 12);
  });

  it('that comes too late, fails, or is no word of the three leaves the decision as it was', async () => {
    for (const spoil of [
      async (world: World) => world.clock.advance(1_000),
      async (world: World) => world.call.fail('transient'),
      async (world: World) => {
        await world.call.text('I cannot say.');
        await world.call.finish();
      },
    ]) {
      const { world, socket } = await asked();
      const late = world.call;
      await spoil(world);
      await settled();
      expect(late.signal.aborted || late !== world.call).toBe(true);
      await world.call.text('x');
      await world.call.finish();
      expect(socket.last('message_start').routing?.second_opinion).toMatchObject({ tier: null });
      expect(socket.last('message_end').stop_reason).toBe('end_turn');
    }
  });

  it('is paid for as far as it got: late, with what it had told; refused, with nothing', async () => {
    const { world, socket } = await asked({ DAILY_BUDGET_USD: '1' });
    const usage = { input_tokens: 100, output_tokens: 1, cache_read_tokens: 0, cache_write_tokens: 0 };
    await world.call.push({ type: 'usage', usage });
    world.clock.advance(1_000);
    await settled();
    await world.call.text('x');
    await world.call.finish();
    const { second_opinion } = socket.last('message_start').routing ?? {};
    expect(second_opinion).toMatchObject({ tier: null, cost_usd: (100 * 0.1 + 1 * 0.5) / 1e6 });

    const other = await asked({ DAILY_BUDGET_USD: '1' });
    const before = spentOf(other.world);
    await other.world.call.fail('transient', { status: 529 });
    await settled();
    await other.world.call.text('x');
    await other.world.call.finish();
    const { cost_usd } = other.socket.last('message_end');
    expect(spentOf(other.world) - before).toBeCloseTo(cost_usd ?? 0, 12);
  });

  it('that waits for the ledger longer than for its answer is never made, and costs nothing', async () => {
    const { world, socket } = await asked({ DAILY_BUDGET_USD: '1' });
    await world.say(socket, { type: 'stop' });
    await world.say(socket, { type: 'reset' });
    const { reserve } = world.ledger;
    const [calls, before] = [world.calls.length, spentOf(world)];
    let release = () => {};
    world.ledger = {
      ...world.ledger,
      reserve: async (...call) => {
        world.ledger = { ...world.ledger, reserve };
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        return reserve(...call);
      },
    };
    await world.say(socket, { message: CLOSE[0] });
    world.clock.advance(1_000);
    release();
    await settled();
    expect(world.calls).toHaveLength(calls + 1);
    expect(world.call.request.system).not.toContain('sort messages');
    await world.call.text('x');
    await world.call.finish();
    expect(spentOf(world) - before).toBeCloseTo(socket.last('message_end').cost_usd ?? 0, 9);
  });

  it('R9: stays in the receipt when another model has to answer', async () => {
    const { world, socket } = await asked();
    await world.call.text('sonnet');
    await world.call.finish();
    await world.call.fail('transient', { status: 529 });
    expect(socket.all('fallback')).toHaveLength(1);
    await world.call.text('x');
    await world.call.finish();
    const answered = costUsd(world.call.entry, USAGE, world.clock.now()) ?? 0;
    expect(socket.last('message_end').cost_usd).toBeCloseTo(answered + (10 * 0.1 + 5 * 0.5) / 1e6, 12);
  });

  it('is off where nobody has switched it on', async () => {
    const world = new World();
    const socket = world.connect();
    await world.say(socket, { message: CLOSE[0] });
    expect(world.calls).toHaveLength(1);
    expect(world.call.request.system).not.toContain('sort messages');
  });
});

/** What the deployment has spent today, US dollars. */
const spentOf = (world: World) =>
  world.book.totals('deployment', '', world.clock.now()).spent / NANOS_PER_USD;

const USAGE = {
  input_tokens: 10,
  output_tokens: 5,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  thinking_tokens: null,
};

const settled = () => new Promise((resolve) => setImmediate(resolve));
