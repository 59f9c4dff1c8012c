import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemorySql } from '../testing/sql.ts';
import { type BudgetKind, endOfDay, LedgerBook, type Limit, type WorstCase } from './ledger-book.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function aBook() {
  const sql = new MemorySql();
  const book = new LedgerBook(sql);
  book.migrate();
  return { book, sql };
}

/** 100 for the question, 2 for each token of the answer. */
const call = (maxTokens: number, more: Partial<WorstCase> = {}): WorstCase => ({
  input: 100,
  perOutputToken: 2,
  maxTokens,
  minTokens: 10,
  ...more,
});
const all = (limit: number): Limit => ({ kind: 'deployment', name: '', limit });
const person = (name: string, limit: number): Limit => ({ kind: 'person', name, limit });
const address = (name: string, limit: number): Limit => ({ kind: 'address', name, limit });

describe('a reservation', () => {
  it('sets the worst case aside, and the settlement puts the real cost in its place', () => {
    const { book } = aBook();
    const given = book.reserve('a', call(50), [all(1_000)], NOON + HOUR, NOON);
    expect(given).toMatchObject({ ok: true, maxTokens: 50, reserved: 200, resetsAt: endOfDay(NOON) });
    expect(book.totals('deployment', '', NOON)).toEqual({ spent: 0, reserved: 200 });
    book.settle('a', 130);
    expect(book.totals('deployment', '', NOON)).toEqual({ spent: 130, reserved: 0 });
  });

  it.each([
    ['exactly what is asked for', 200, 50],
    ['one too little: fewer tokens', 199, 49],
    ['the least that is worth asking', 120, 10],
  ])('with %s left', (_, limit, maxTokens) => {
    const { book } = aBook();
    expect(book.reserve('a', call(50), [all(limit)], NOON + HOUR, NOON)).toMatchObject({
      ok: true,
      maxTokens,
    });
    expect(book.look([all(limit)], NOON)[0]?.left).toBeGreaterThanOrEqual(0);
  });

  it.each([
    ['one below the least', 119],
    ['not even the question', 99],
    ['nothing', 0],
    ['less than nothing: more was spent than reserved', -1],
  ])('with %s left is refused, and nothing is written', (_, limit) => {
    const { book } = aBook();
    const refused = book.reserve('a', call(50), [all(limit)], NOON + HOUR, NOON);
    expect(refused).toMatchObject({ ok: false, resetsAt: endOfDay(NOON) });
    expect(book.totals('deployment', '', NOON)).toEqual({ spent: 0, reserved: 0 });
  });

  it('an answer that may only be short is given all it asks for', () => {
    const { book } = aBook();
    expect(book.reserve('a', call(3), [all(106)], NOON + HOUR, NOON)).toMatchObject({
      ok: true,
      maxTokens: 3,
    });
    expect(book.reserve('b', call(3), [all(106 + 105)], NOON + HOUR, NOON)).toMatchObject({ ok: false });
  });

  it('must keep every limit: the tightest one decides', () => {
    const { book } = aBook();
    const limits = [all(10_000), person('ada', 1_000), address('192.0.2.1', 160)];
    expect(book.reserve('a', call(50), limits, NOON + HOUR, NOON)).toMatchObject({ ok: true, maxTokens: 30 });
    const refused = book.reserve('b', call(50), limits, NOON + HOUR, NOON);
    expect(refused.standings).toMatchObject([{ left: 9_840 }, { left: 840 }, { kind: 'address', left: 0 }]);
    expect(refused.ok).toBe(false);
    // Another address has its own.
    const elsewhere = [all(10_000), person('ada', 1_000), address('192.0.2.2', 160)];
    expect(book.reserve('c', call(50), elsewhere, NOON + HOUR, NOON).ok).toBe(true);
  });

  it('a person who is named like an address, or like everybody, has an account of their own', () => {
    const { book } = aBook();
    book.reserve('a', call(50), [person('x', 1_000), address('y', 1_000)], NOON + HOUR, NOON);
    book.settle('a', 7);
    for (const [kind, name] of [
      ['person', 'y'],
      ['address', 'x'],
      ['deployment', 'x'],
    ] as const) {
      expect(book.totals(kind, name, NOON)).toEqual({ spent: 0, reserved: 0 });
    }
    expect(book.totals('person', 'x', NOON).spent).toBe(7);
  });
});

describe('a settlement', () => {
  it('counts once, whoever says it how often', () => {
    const { book } = aBook();
    book.reserve('a', call(50), [all(1_000)], NOON + HOUR, NOON);
    book.settle('a', 130);
    book.settle('a', 130);
    book.settle('never reserved', 500);
    expect(book.totals('deployment', '', NOON)).toEqual({ spent: 130, reserved: 0 });
  });

  it('of nothing gives everything back', () => {
    const { book } = aBook();
    book.reserve('a', call(50), [all(200)], NOON + HOUR, NOON);
    book.settle('a', 0);
    expect(book.reserve('b', call(50), [all(200)], NOON + HOUR, NOON)).toMatchObject({
      ok: true,
      maxTokens: 50,
    });
  });

  it('after midnight belongs to the day of its reservation', () => {
    const { book } = aBook();
    const late = endOfDay(NOON) - 1;
    const early = endOfDay(NOON);
    book.reserve('a', call(50), [all(1_000)], late + HOUR, late);
    expect(book.look([all(1_000)], early)).toMatchObject([{ left: 1_000 }]);
    book.settle('a', 150);
    expect(book.totals('deployment', '', early)).toEqual({ spent: 0, reserved: 0 });
    expect(book.totals('deployment', '', late)).toEqual({ spent: 150, reserved: 0 });
  });

  it('that never comes: the whole worst case is spent, and a late word changes nothing', () => {
    const { book } = aBook();
    book.reserve('dead', call(50), [all(1_000)], NOON + 60_000, NOON);
    const after = NOON + 60_000;
    book.reserve('b', call(50), [all(1_000)], after + HOUR, after);
    expect(book.totals('deployment', '', after)).toEqual({ spent: 200, reserved: 200 });
    book.settle('dead', 1);
    expect(book.totals('deployment', '', after)).toEqual({ spent: 200, reserved: 200 });
  });
});

describe('what is kept', () => {
  it('names are forgotten when their day is over, and what still runs is not', () => {
    const { book, sql } = aBook();
    book.reserve(
      'a',
      call(50),
      [all(1_000), person('ada', 1_000), address('192.0.2.1', 1_000)],
      NOON + HOUR,
      NOON,
    );
    book.settle('a', 150);
    book.reserve('b', call(50), [all(1_000)], NOON + DAY, NOON);
    expect(book.forget(endOfDay(NOON) - 1)).toBe(true);
    expect(book.totals('person', 'ada', NOON).spent).toBe(150);
    expect(book.forget(endOfDay(NOON))).toBe(true);
    expect(sql.exec('SELECT * FROM spent')).toEqual([]);
    expect(book.forget(NOON + DAY)).toBe(false);
  });
});

type Op =
  | { op: 'reserve'; who: number; where: number; tokens: number; input: number }
  | { op: 'settle'; of: number; share: number }
  | { op: 'wait'; minutes: number };

const ops: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('reserve' as const),
      who: fc.nat(2),
      where: fc.nat(2),
      tokens: fc.integer({ min: 1, max: 400 }),
      input: fc.nat(500),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('settle' as const),
      of: fc.nat(60),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('wait' as const), minutes: fc.nat(400) }) },
);

describe('whatever happens in whatever order', () => {
  it('spent and reserved never pass a limit, nothing is lost, and a dead call stays paid', () => {
    fc.assert(
      fc.property(fc.array(ops, { maxLength: 60 }), (sequence) => {
        const { book } = aBook();
        const limits = { deployment: 3_000, person: 1_500, address: 2_000 };
        /** What must come out, kept in the plainest way. */
        const model: {
          id: string;
          day: number;
          nanos: number;
          names: Record<BudgetKind, string>;
          until: number;
          isOpen: boolean;
        }[] = [];
        let now = NOON;
        const check = () => {
          const names = new Map<string, [BudgetKind, string]>();
          for (const one of model)
            for (const [kind, name] of Object.entries(one.names) as [BudgetKind, string][])
              names.set(`${kind}:${name}`, [kind, name]);
          for (const [kind, name] of names.values()) {
            const { spent, reserved } = book.totals(kind, name, now);
            expect(spent + reserved).toBeLessThanOrEqual(limits[kind]);
            const mine = model.filter((one) => one.names[kind] === name && one.day === endOfDay(now));
            expect(spent + reserved).toBe(mine.reduce((sum, one) => sum + one.nanos, 0));
          }
        };
        for (const step of sequence) {
          if (step.op === 'wait') now += step.minutes * 60_000;
          if (step.op === 'reserve') {
            const id = `r${model.length}`;
            const names = { deployment: '', person: `p${step.who}`, address: `a${step.where}` };
            const until = now + HOUR;
            const given = book.reserve(
              id,
              call(step.tokens, { input: step.input }),
              (Object.keys(limits) as BudgetKind[]).map((kind) => ({
                kind,
                name: names[kind],
                limit: limits[kind],
              })),
              until,
              now,
            );
            for (const one of model) if (one.until <= now) one.isOpen = false;
            if (given.ok) {
              expect(given.reserved).toBe(step.input + 2 * given.maxTokens);
              expect(given.maxTokens).toBeGreaterThanOrEqual(Math.min(10, step.tokens));
              model.push({ id, day: endOfDay(now), nanos: given.reserved, names, until, isOpen: true });
            }
          }
          if (step.op === 'settle') {
            const one = model[step.of];
            if (one !== undefined) {
              const nanos = Math.floor(one.nanos * step.share);
              book.settle(one.id, nanos);
              if (one.isOpen) one.nanos = nanos;
              one.isOpen = false;
            }
          }
          check();
        }
      }),
      { numRuns: 300, seed: 20_261_122 },
    );
  });
});
