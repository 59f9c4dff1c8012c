import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { costUsd } from '../models/prices.ts';
import { buildRegistry } from '../models/registry.ts';
import { aConfig } from '../models/test-world.ts';
import type { TelemetryEvent } from '../telemetry/telemetry.ts';
import { MemorySql } from '../testing/sql.ts';
import { FakeClock, settle as passed } from '../testing/world.ts';
import { LedgerBook } from './ledger-book.ts';
import { createTill, FREE_TILL, type LedgerLine } from './till.ts';

const ADA = { who: 'password:ada', address: '192.0.2.1' };
const BOB = { who: 'password:bob', address: '192.0.2.2' };

/** A till of one session, and the ledger behind it; each of the ledger's doors can be blocked. */
function aWorld(env: Record<string, string>) {
  const clock = new FakeClock();
  const book = new LedgerBook(new MemorySql());
  book.migrate();
  const events: TelemetryEvent[] = [];
  const said: string[] = [];
  const door = { gate: Promise.resolve(), isBroken: false };
  const pass = async <T>(what: string, act: () => T): Promise<T> => {
    said.push(what);
    await door.gate;
    if (door.isBroken) throw new Error('Network connection lost.');
    return act();
  };
  const ledger: LedgerLine = {
    reserve: (id, call, limits, ttlMs) =>
      pass(`reserve ${id}`, () => book.reserve(id, call, limits, clock.now() + ttlMs, clock.now())),
    settle: (id, nanos) => pass(`settle ${id} ${nanos}`, () => book.settle(id, nanos)),
    look: (limits) => pass('look', () => book.look(limits, clock.now())),
  };
  let ids = 0;
  const till = createTill({
    ledger,
    budgets: readConfig({ LOCAL: 'true', ...env }).budgets,
    runMs: 900_000,
    cost: (entry, usage) => costUsd(entry, usage, clock.now()),
    telemetry: (event) => events.push(event),
    now: clock.now,
    newId: () => `r${++ids}`,
    timers: clock,
    keepAlive: () => {},
  });
  const totals = () => book.totals('deployment', '', clock.now());
  return { clock, book, till, events, said, door, totals };
}

function aCall(id = 'claude-sonnet-5-5', payer = ADA, MODELS = '') {
  const entry = buildRegistry(aConfig({ MODELS })).entries.get(id);
  if (entry === undefined) throw new Error(id);
  // 728 + 16 + 256 = 1,000 tokens at most: $0.0025 up, and $0.01 for 1,000 tokens of answer.
  const request = { turns: [{ role: 'user' as const, text: 'x'.repeat(728) }], system: '', maxTokens: 1_000 };
  return { entry, request, payer };
}

describe('who is asked', () => {
  it('nobody, where no limit is set', async () => {
    const { till, said } = aWorld({});
    expect(till).toBe(FREE_TILL);
    const answer = await till.reserve(aCall());
    expect(answer.ok && answer.charge.maxTokens).toBe(1_000);
    expect(till.surelyRefused([aCall()])).toBeNull();
    expect(await till.look(ADA)).toBeNull();
    expect(said).toEqual([]);
  });

  it('nobody, for the home model', async () => {
    const { till, said } = aWorld({ DAILY_BUDGET_USD: '0' });
    expect((await till.reserve(aCall('ollama-qwen2.5'))).ok).toBe(true);
    expect(till.surelyRefused([aCall('ollama-qwen2.5')])).toBeNull();
    expect(said).toEqual([]);
  });

  it('a model whose price is not known is refused with the setting that would tell it', async () => {
    const { till, said } = aWorld({ DAILY_BUDGET_USD: '100' });
    const MODELS = '[{"id":"new","provider":"anthropic","upstream_model":"claude-new-9"}]';
    const answer = await till.reserve(aCall('new', ADA, MODELS));
    expect(answer).toMatchObject({ ok: false, refused: { code: 'not_configured' } });
    expect(!answer.ok && answer.refused.message).toMatch(/pricing.*MODELS/);
    expect(said).toEqual([]);
  });
});

describe('a ledger that cannot be asked', () => {
  it('broken: nothing is spent, and it may be tried again', async () => {
    const { till, door, events } = aWorld({ DAILY_BUDGET_USD: '1' });
    door.isBroken = true;
    const answer = await till.reserve(aCall());
    expect(answer).toMatchObject({
      ok: false,
      refused: { code: 'upstream_error', message: expect.stringContaining('nothing was asked') },
    });
    expect(events).toMatchObject([{ event: 'internal_error', where: 'ledger' }]);
    door.isBroken = false;
    expect((await till.reserve(aCall())).ok).toBe(true);
  });

  it('late by two seconds: nothing is spent, and what it reserves after all is given back', async () => {
    const { till, door, clock, totals, said } = aWorld({ DAILY_BUDGET_USD: '1' });
    let open = () => {};
    door.gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const answer = till.reserve(aCall());
    clock.advance(1_999);
    await passed();
    expect(said).toEqual(['reserve r1']);
    clock.advance(1);
    expect(await answer).toMatchObject({ ok: false, refused: { code: 'upstream_error' } });
    open();
    await passed();
    expect(said).toEqual(['reserve r1', 'settle r1 0']);
    expect(totals()).toEqual({ spent: 0, reserved: 0 });
  });

  it('in time leaves no timer behind, which would keep an object awake', async () => {
    const { till, clock } = aWorld({ DAILY_BUDGET_USD: '1' });
    await till.reserve(aCall());
    await till.look(ADA);
    await passed();
    expect(clock.pending).toBe(0);
  });

  it('at a look: nothing is known, and nothing else happens', async () => {
    const { till, door } = aWorld({ DAILY_BUDGET_USD: '1' });
    door.isBroken = true;
    expect(await till.look(ADA)).toBeNull();
  });

  it('at a settlement: the worst case stays', async () => {
    const { till, door, totals } = aWorld({ DAILY_BUDGET_USD: '1' });
    const answer = await till.reserve(aCall());
    door.isBroken = true;
    if (answer.ok) answer.charge.settle('unbilled');
    await passed();
    expect(totals()).toEqual({ spent: 0, reserved: 12_500_000 });
  });
});

describe('what is left', () => {
  it('is that of the tightest limit, down with a reservation and up with its settlement', async () => {
    const { till } = aWorld({ DAILY_BUDGET_USD: '1', PERSON_DAILY_BUDGET_USD: '0.1' });
    expect(await till.look(ADA)).toEqual({
      left_usd: 0.1,
      limit_usd: 0.1,
      resets_at: '2026-11-23T00:00:00.000Z',
    });
    const answer = await till.reserve(aCall());
    if (!answer.ok) throw new Error('refused');
    const { charge } = answer;
    expect(charge.budget()).toMatchObject({ left_usd: 0.0875 });
    charge.counted({ input_tokens: 1_000, output_tokens: 100 });
    charge.settle('complete');
    // $0.002 up and $0.001 down.
    expect(charge.budget()).toMatchObject({ left_usd: 0.097 });
    await passed();
    expect(await till.look(ADA)).toMatchObject({ left_usd: 0.097 });
    expect(await till.look(BOB)).toMatchObject({ left_usd: 0.1 });
  });

  it('counts that no provider would send are no money back', async () => {
    const { till, totals } = aWorld({ DAILY_BUDGET_USD: '1' });
    const answer = await till.reserve(aCall());
    if (!answer.ok) throw new Error('refused');
    answer.charge.counted({ input_tokens: -5_000_000, output_tokens: Number.NaN });
    answer.charge.settle('complete');
    await passed();
    expect(totals()).toEqual({ spent: 2_500_000, reserved: 0 });
  });

  it('a person named twice by two sessions has one limit; another person has another', async () => {
    const { till } = aWorld({ PERSON_DAILY_BUDGET_USD: '0.0125' });
    expect((await till.reserve(aCall())).ok).toBe(true);
    expect(await till.reserve(aCall())).toMatchObject({
      ok: false,
      refused: { code: 'budget_exhausted', retry_after_ms: 12 * 3_600_000 },
      budget: { left_usd: 0 },
    });
    expect((await till.reserve(aCall(undefined, BOB))).ok).toBe(true);
  });

  it.each([
    ['DAILY_BUDGET_USD', 'The spending limit of this chat'],
    ['PERSON_DAILY_BUDGET_USD', 'Your spending limit'],
    ['ADDRESS_DAILY_BUDGET_USD', 'The spending limit of your network address'],
  ])('%s that is used up says whose it is, and when it starts anew', async (name, words) => {
    const { till } = aWorld({ [name]: '0' });
    const answer = await till.reserve(aCall());
    expect(!answer.ok && answer.refused.message).toContain(words);
    expect(!answer.ok && answer.refused.message).toContain('00:00 UTC on 2026-11-23');
  });
});

describe('what is certain without asking', () => {
  it('money that is spent does not come back before midnight; money that is only reserved may', async () => {
    const { till, clock, said } = aWorld({ DAILY_BUDGET_USD: '0.0125' });
    const first = await till.reserve(aCall());
    expect((await till.reserve(aCall())).ok).toBe(false);
    expect(till.surelyRefused([aCall()])).toBeNull();
    if (first.ok) {
      first.charge.counted({ input_tokens: 1_000, output_tokens: 1_000 });
      first.charge.settle('complete');
    }
    await passed();
    said.length = 0;
    expect(till.surelyRefused([aCall()])).toMatchObject({
      code: 'budget_exhausted',
      retry_after_ms: 12 * 3_600_000,
    });
    // Whoever else may be asked for it is not certain to be refused.
    expect(till.surelyRefused([aCall(), aCall('claude-haiku-5-5')])).toBeNull();
    expect(said).toEqual([]);
    clock.advance(12 * 3_600_000);
    expect(till.surelyRefused([aCall()])).toBeNull();
  });

  it('nothing is certain of a person who was not seen yet', async () => {
    const { till } = aWorld({ PERSON_DAILY_BUDGET_USD: '0' });
    await till.look(ADA);
    expect(till.surelyRefused([aCall()])).not.toBeNull();
    expect(till.surelyRefused([aCall(undefined, BOB)])).toBeNull();
  });
});
