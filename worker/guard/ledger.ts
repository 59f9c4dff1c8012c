import { DurableObject } from 'cloudflare:workers';
import type { Row, Sql } from '../archive/sql.ts';
import type { Env } from '../env.ts';
import type { AnsweredOnce, CountedRow } from '../usage/report.ts';
import { UsageBook } from '../usage/usage-book.ts';
import {
  endOfDay,
  LedgerBook,
  type Limit,
  type Reservation,
  type Standing,
  type WorstCase,
} from './ledger-book.ts';

/** A day's names are forgotten so long after its end: no call runs so long, and none is settled later. */
const KEPT_MS = 2 * 60 * 60_000;

/**
 * The one place of a deployment where money is counted: an object does one thing at a time, so two calls can never
 * both be given the last dollar. What it answers has reached the disk (the platform holds answers back until then).
 * Beside it, and with a budget or without one: what was answered, by hour and model.
 */
export class Ledger extends DurableObject<Env> {
  readonly #book: LedgerBook;
  readonly #usage: UsageBook;
  #hasAlarm = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const sql: Sql = {
      exec: (query, ...bindings) => ctx.storage.sql.exec<Row>(query, ...bindings).toArray(),
      atomically: (run) => ctx.storage.transactionSync(run),
    };
    this.#book = new LedgerBook(sql);
    this.#book.migrate();
    this.#usage = new UsageBook(sql);
    this.#usage.migrate();
    ctx.blockConcurrencyWhile(async () => {
      this.#hasAlarm = (await ctx.storage.getAlarm()) !== null;
    });
  }

  /** @param ttlMs how long the call may run; see {@link LedgerBook.reserve} */
  reserve(id: string, call: WorstCase, limits: readonly Limit[], ttlMs: number): Reservation {
    const now = Date.now();
    this.#tidyLater(now);
    return this.ctx.storage.transactionSync(() => this.#book.reserve(id, call, limits, now + ttlMs, now));
  }

  settle(id: string, nanos: number): void {
    this.ctx.storage.transactionSync(() => this.#book.settle(id, nanos));
  }

  look(limits: readonly Limit[]): Standing[] {
    return this.#book.look(limits, Date.now());
  }

  /** An answer has ended; one row. */
  recordAnswer(one: AnsweredOnce): void {
    this.#tidyLater(Date.now());
    this.#usage.record(one);
  }

  /** See {@link UsageBook.since}. */
  answersSince(since: number): CountedRow[] {
    return this.#usage.since(since);
  }

  #tidyLater(now: number): void {
    if (this.#hasAlarm) return;
    this.#hasAlarm = true;
    this.ctx.waitUntil(this.ctx.storage.setAlarm(endOfDay(now) + KEPT_MS));
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    const rest = [this.#book.forget(now), this.#usage.forget(now)];
    this.#hasAlarm = rest.includes(true);
    if (this.#hasAlarm) await this.ctx.storage.setAlarm(endOfDay(now) + KEPT_MS);
  }
}
