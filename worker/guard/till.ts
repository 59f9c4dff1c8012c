import type { Budget, Usage } from '../../shared/index.ts';
import type { AgentRequest } from '../agents/agent.ts';
import type { DailyBudgets } from '../config-limits.ts';
import type { ModelEntry } from '../models/types.ts';
import type { Timers } from '../session/ticker.ts';
import { describeFault, type Telemetry } from '../telemetry/telemetry.ts';
import { budgetOf, exhausted, limitsOf, NOT_CHECKED, type Refused, tightest, unpriced } from './budget.ts';
import { type Charge, freeCharge, LedgerCharge } from './charge.ts';
import { endOfDay, type Limit, type Reservation, type Standing, type WorstCase } from './ledger-book.ts';
import type { Visitor } from './visitor.ts';
import { type Prompt, worstCase } from './worst-case.ts';

/** The ledger waits for its disk, and for nothing else: later than this it is as good as gone. Milliseconds. */
const LEDGER_PATIENCE_MS = 2_000;

/** What of the Ledger object is used here; every answer comes over the network. */
export interface LedgerLine {
  reserve(id: string, call: WorstCase, limits: readonly Limit[], ttlMs: number): Promise<Reservation>;
  settle(id: string, nanos: number): Promise<void>;
  look(limits: readonly Limit[]): Promise<Standing[]>;
}

/** One call that may cost money. */
export type Call = {
  entry: ModelEntry;
  request: Prompt & Pick<AgentRequest, 'maxTokens'>;
  payer: Visitor;
};

export interface Till {
  /** Sets the worst case aside. Nothing that costs money is asked without it. */
  reserve(
    call: Call,
  ): Promise<{ ok: true; charge: Charge } | { ok: false; refused: Refused; budget: Budget | null }>;
  /** Whether it is certain, without asking anybody, that there is no money today for any of these calls. */
  surelyRefused(calls: readonly Call[]): Refused | null;
  /** How the tightest limit of a visitor stands; null without limits, or when the ledger does not answer. */
  look(payer: Visitor): Promise<Budget | null>;
}

/** Where no limit is set: nobody is asked, nothing is counted. */
export const FREE_TILL: Till = {
  reserve: async ({ request }) => ({ ok: true, charge: freeCharge(request.maxTokens) }),
  surelyRefused: () => null,
  look: async () => null,
};

export type TillDeps = {
  ledger: LedgerLine;
  budgets: DailyBudgets;
  /** How long a call may run; milliseconds. */
  runMs: number;
  cost: (entry: ModelEntry, usage: Usage) => number | null;
  telemetry: Telemetry;
  now: () => number;
  newId: () => string;
  timers: Timers;
  /** Keeps the object alive until the promise settles. */
  keepAlive: (work: Promise<unknown>) => void;
};

/** A reservation counts as spent so long after its call must have ended. */
const GRACE_MS = 5 * 60_000;

/** The door through which every call goes that may cost money, whatever it is made for. */
export function createTill(deps: TillDeps): Till {
  const { ledger, budgets, now } = deps;
  if (Object.values(budgets).every((one) => one === null)) return FREE_TILL;
  const memory = new Standings(now);

  function inTime<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = deps.timers.set(() => reject(new Error('late')), LEDGER_PATIENCE_MS);
      work.then(resolve, reject).finally(() => deps.timers.clear(timer));
    });
  }

  function reportFault(error: unknown): void {
    deps.telemetry({ event: 'internal_error', where: 'ledger', error: describeFault(error) });
  }

  /** What is not settled stays reserved and counts as spent in the end. */
  function settle(id: string, nanos: number): void {
    deps.keepAlive(ledger.settle(id, nanos).catch(reportFault));
  }

  return {
    async reserve({ entry, request, payer }) {
      const limits = limitsOf(budgets, payer);
      const budget = () => memory.budget(limits);
      const priced = worstCase(entry, request, now());
      if (priced.kind === 'free') return { ok: true, charge: freeCharge(request.maxTokens, budget) };
      if (priced.kind === 'unknown') return { ok: false, refused: unpriced(entry), budget: budget() };
      const id = deps.newId();
      const asked = ledger.reserve(id, priced.call, limits, deps.runMs + GRACE_MS);
      let answer: Reservation;
      try {
        answer = await inTime(asked);
      } catch (error) {
        reportFault(error);
        // It may have been reserved all the same, now or later.
        const release = () => settle(id, 0);
        deps.keepAlive(asked.then(release, release));
        return { ok: false, refused: NOT_CHECKED, budget: budget() };
      }
      const { standings, resetsAt } = answer;
      memory.note(standings, resetsAt);
      if (!answer.ok) {
        const refused = exhausted(tightest(standings)?.kind ?? 'deployment', resetsAt, now());
        return { ok: false, refused, budget: budget() };
      }
      const { reserved, maxTokens } = answer;
      const charge = new LedgerCharge({
        nanos: reserved,
        maxTokens,
        call: priced.call,
        price: (usage) => deps.cost(entry, usage),
        thinks: entry.thinking !== 'none',
        now,
        settle: (nanos) => {
          memory.settled(limits, reserved, nanos);
          settle(id, nanos);
        },
        budget,
      });
      return { ok: true, charge };
    },

    surelyRefused(calls) {
      const at = now();
      let refused: Refused | null = null;
      for (const { entry, request, payer } of calls) {
        const priced = worstCase(entry, request, at);
        // What is free is never refused, and what has no price is refused in its own words.
        if (priced.kind !== 'priced') return null;
        const { input, perOutputToken, minTokens, maxTokens } = priced.call;
        const least = input + Math.min(minTokens, maxTokens) * perOutputToken;
        const inTheWay = limitsOf(budgets, payer).find((one) => (memory.of(one)?.unspent ?? least) < least);
        if (inTheWay === undefined) return null;
        refused ??= exhausted(inTheWay.kind, endOfDay(at), at);
      }
      return refused;
    },

    async look(payer) {
      const limits = limitsOf(budgets, payer);
      try {
        memory.note(await inTime(ledger.look(limits)), endOfDay(now()));
      } catch (error) {
        reportFault(error);
        return null;
      }
      return memory.budget(limits);
    },
  };
}

/** How the limits stood when the ledger last spoke of them; nothing is ever given out by it. */
class Standings {
  readonly #now: () => number;
  readonly #seen = new Map<string, Standing & { resetsAt: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  note(standings: readonly Standing[], resetsAt: number): void {
    for (const one of standings) this.#seen.set(`${one.kind}:${one.name}`, { ...one, resetsAt });
  }

  settled(limits: readonly Limit[], reserved: number, spent: number): void {
    for (const limit of limits) {
      const seen = this.of(limit);
      if (seen === null) continue;
      const { left, unspent, resetsAt } = seen;
      this.note([{ ...seen, left: left + reserved - spent, unspent: unspent - spent }], resetsAt);
    }
  }

  of({ kind, name }: Limit): (Standing & { resetsAt: number }) | null {
    const seen = this.#seen.get(`${kind}:${name}`);
    return seen !== undefined && this.#now() < seen.resetsAt ? seen : null;
  }

  /** Of the tightest limit; null while one of them is not known. */
  budget(limits: readonly Limit[]): Budget | null {
    const known = limits.flatMap((limit) => this.of(limit) ?? []);
    return known.length < limits.length ? null : budgetOf(tightest(known), known[0]?.resetsAt ?? 0);
  }
}
