import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemorySql } from '../testing/sql.ts';
import { type AnsweredOnce, countRows } from './report.ts';
import { anAnswer, tokens } from './test-support.ts';
import { KEPT_MS, UsageBook } from './usage-book.ts';

const AT = anAnswer().at;
let book: UsageBook;

beforeEach(() => {
  book = new UsageBook(new MemorySql());
  book.migrate();
});

describe('what a deployment has answered', () => {
  it('adds up to what the single answers do, the times to the first word to 4.5 %', () => {
    const usd = fc.option(fc.integer({ min: 0, max: 1_000 }).map((n) => n / 128));
    const answer: fc.Arbitrary<AnsweredOnce> = fc.record({
      at: fc.integer({ min: AT, max: AT + 10_000_000 }),
      model: fc.constantFrom('claude-haiku-5-5', 'claude-opus-5-5', 'it\'s "quoted"'),
      automatic: fc.boolean(),
      fallback: fc.boolean(),
      error: fc.boolean(),
      costUsd: usd,
      alwaysUsd: fc.option(fc.record({ haiku: usd, sonnet: usd, opus: usd })),
      usage: fc.option(
        fc.integer({ min: 0, max: 1e6 }).map((n) => tokens({ input_tokens: n, output_tokens: n })),
      ),
      ttftMs: fc.option(fc.integer({ min: 20, max: 600_000 })),
    });
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 60 }), (answers) => {
        const here = new UsageBook(new MemorySql());
        here.migrate();
        for (const one of answers) here.record(one);
        const exact = countRows(answers);
        const near = (ms: number | null) =>
          ms === null ? null : expect.toSatisfy((told: number) => Math.abs(told - ms) <= 0.045 * ms + 0.5);
        expect(here.since(AT)).toEqual(
          exact.map((row) => ({
            ...row,
            ttft_p50_ms: near(row.ttft_p50_ms),
            ttft_p95_ms: near(row.ttft_p95_ms),
          })),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('is looked at from a whole hour on', () => {
    book.record(anAnswer({ at: AT - 3_600_000 }));
    book.record(anAnswer({ at: AT }));
    expect(book.since(AT + 60_000).map(({ hour }) => hour)).toEqual(['2026-11-22T12:00:00.000Z']);
    expect(book.since(0)).toHaveLength(2);
  });

  it('is forgotten after three months, and then nothing is left', () => {
    book.record(anAnswer());
    expect(book.forget(AT + KEPT_MS)).toBe(true);
    expect(book.forget(AT + KEPT_MS + 3_600_000)).toBe(false);
    expect(book.since(0)).toEqual([]);
  });
});
