import type { Sql } from '../archive/sql.ts';

/**
 * Money is counted in billionths of a US dollar, as whole numbers: a token of the cheapest model's cache costs 10 of
 * them, and sums stay exact up to nine million dollars.
 */
export const NANOS_PER_USD = 1_000_000_000;

const DAY_MS = 86_400_000;

/** Days since 1970 in UTC: the day of a budget. */
export const dayOf = (now: number): number => Math.floor(now / DAY_MS);

/** When the day of `now` is over, and budgets are whole again; milliseconds since 1970. */
export const endOfDay = (now: number): number => (dayOf(now) + 1) * DAY_MS;

/** Whose money it is. A day's budget may be set for any of them. */
export type BudgetKind = 'deployment' | 'person' | 'address';

/** One limit that a call must keep: `name` says which person or address, `limit` is in nanodollars a day. */
export type Limit = { kind: BudgetKind; name: string; limit: number };

/** What a call may cost at worst. */
export type WorstCase = {
  /** Everything that goes up, in nanodollars. */
  input: number;
  /** Nanodollars of one output token, a whole number. */
  perOutputToken: number;
  maxTokens: number;
  /** Fewer than these are not worth asking for. */
  minTokens: number;
};

/** How one limit stands, in nanodollars. */
export type Standing = {
  kind: BudgetKind;
  name: string;
  limit: number;
  /** What was neither spent nor is reserved. */
  left: number;
  /** What was not spent, reserved or not: today it can only become less. */
  unspent: number;
};

export type Reservation =
  | { ok: true; maxTokens: number; reserved: number; standings: Standing[]; resetsAt: number }
  /** `standings` are those of all limits; the tightest one is in the way. */
  | { ok: false; standings: Standing[]; resetsAt: number };

/**
 * Who has spent what today, and what running calls may still spend: the one rule is that for each limit spent and
 * reserved together never pass it. Rows written: one a reservation; to settle it one, and one for each limit.
 */
export class LedgerBook {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Safe to call at every start. Writes rows only the first time. */
  migrate(): void {
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS spent (
      day INTEGER NOT NULL, account TEXT NOT NULL, nanos INTEGER NOT NULL, PRIMARY KEY (day, account)
    ) WITHOUT ROWID`);
    // An account is null where no limit asks for it.
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS reserved (
      id TEXT PRIMARY KEY, day INTEGER NOT NULL, nanos INTEGER NOT NULL, until INTEGER NOT NULL,
      deployment TEXT, person TEXT, address TEXT
    ) WITHOUT ROWID`);
  }

  /**
   * Sets aside what a call may cost at worst. With little left the answer may have fewer tokens than were asked for.
   * @param id of the caller's own making; the reservation counts for the day of `now` for ever
   * @param until when it counts as spent if nobody has settled it: its session is dead
   */
  reserve(id: string, call: WorstCase, limits: readonly Limit[], until: number, now: number): Reservation {
    this.#foldOverdue(now);
    const resetsAt = endOfDay(now);
    const standings = this.look(limits, now);
    const left = Math.min(...standings.map((one) => one.left));
    const affordable =
      call.perOutputToken === 0 ? call.maxTokens : Math.floor((left - call.input) / call.perOutputToken);
    const maxTokens = Math.min(call.maxTokens, affordable);
    if (left < call.input || maxTokens < Math.min(call.minTokens, call.maxTokens)) {
      return { ok: false, standings, resetsAt };
    }
    const reserved = call.input + maxTokens * call.perOutputToken;
    const named = (kind: BudgetKind) => limits.find((one) => one.kind === kind)?.name ?? null;
    this.#sql.exec(
      `INSERT INTO reserved (id, day, nanos, until, deployment, person, address) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      id,
      dayOf(now),
      reserved,
      until,
      named('deployment'),
      named('person'),
      named('address'),
    );
    const after = standings.map((one) => ({ ...one, left: one.left - reserved }));
    return { ok: true, maxTokens, reserved, standings: after, resetsAt };
  }

  /**
   * Turns a reservation into what the call has cost, on the day of the reservation. Once: a second time, or after it has
   * been counted as spent, nothing happens.
   * @param nanos 0 releases it
   */
  settle(id: string, nanos: number): void {
    const [row] = this.#sql.exec(
      `DELETE FROM reserved WHERE id = ? RETURNING day, deployment, person, address`,
      id,
    );
    if (row === undefined || nanos === 0) return;
    for (const kind of ['deployment', 'person', 'address'] as const) {
      const name = row[kind];
      if (name === null || name === undefined) continue;
      this.#sql.exec(
        `INSERT INTO spent (day, account, nanos) VALUES (?, ?, ?)
         ON CONFLICT (day, account) DO UPDATE SET nanos = nanos + excluded.nanos`,
        Number(row.day),
        accountOf(kind, String(name)),
        nanos,
      );
    }
  }

  /** How limits stand today; writes nothing. */
  look(limits: readonly Limit[], now: number): Standing[] {
    return limits.map(({ kind, name, limit }) => {
      const { spent, reserved } = this.totals(kind, name, now);
      return { kind, name, limit, left: limit - spent - reserved, unspent: limit - spent };
    });
  }

  /** In nanodollars, on the day of `now`. */
  totals(kind: BudgetKind, name: string, now: number): { spent: number; reserved: number } {
    const day = dayOf(now);
    const [spent] = this.#sql.exec(
      `SELECT nanos FROM spent WHERE day = ? AND account = ?`,
      day,
      accountOf(kind, name),
    );
    // Read whole at each call: these are only the calls that are running now.
    const [reserved] = this.#sql.exec(
      `SELECT coalesce(sum(nanos), 0) AS nanos FROM reserved WHERE day = ? AND ${kind} = ?`,
      day,
      name,
    );
    return { spent: Number(spent?.nanos ?? 0), reserved: Number(reserved?.nanos ?? 0) };
  }

  /** What nobody has settled in time was spent, for all that is known. */
  #foldOverdue(now: number): void {
    const overdue = this.#sql.exec(`SELECT id, nanos FROM reserved WHERE until <= ?`, now);
    for (const { id, nanos } of overdue) this.settle(String(id), Number(nanos));
  }

  /**
   * Forgets the days that are over, persons and addresses with them.
   * @returns whether anything is left
   */
  forget(now: number): boolean {
    this.#foldOverdue(now);
    this.#sql.exec(`DELETE FROM spent WHERE day < ?`, dayOf(now));
    const [rest] = this.#sql.exec(
      `SELECT (SELECT count(*) FROM spent) + (SELECT count(*) FROM reserved) AS rows`,
    );
    return Number(rest?.rows ?? 0) > 0;
  }
}

/** `kind` keeps a person who is named like an address apart from it. */
function accountOf(kind: BudgetKind, name: string): string {
  return `${kind}:${name}`;
}
