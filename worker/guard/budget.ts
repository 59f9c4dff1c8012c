import type { Budget, ErrorCode } from '../../shared/index.ts';
import type { DailyBudgets } from '../config-limits.ts';
import type { ModelEntry } from '../models/types.ts';
import { type BudgetKind, type Limit, NANOS_PER_USD, type Standing } from './ledger-book.ts';
import type { Visitor } from './visitor.ts';

/** Why a call is not made, for the person who asked. */
export type Refused = {
  code: Extract<ErrorCode, 'budget_exhausted' | 'not_configured' | 'upstream_error'>;
  message: string;
  retry_after_ms?: number;
};

/** The limits that a visitor must keep, of those that are set. */
export function limitsOf(budgets: DailyBudgets, payer: Visitor): Limit[] {
  const all: [BudgetKind, string, number | null][] = [
    ['deployment', '', budgets.deployment],
    ['person', payer.who, budgets.person],
    ['address', payer.address, budgets.address],
  ];
  return all.flatMap(([kind, name, usd]) =>
    usd === null ? [] : [{ kind, name, limit: Math.round(usd * NANOS_PER_USD) }],
  );
}

export function tightest(standings: readonly Standing[]): Standing | null {
  return standings.toSorted((a, b) => a.left - b.left)[0] ?? null;
}

/** How a limit stands, for the wire. */
export function budgetOf(standing: Standing | null, resetsAt: number): Budget | null {
  if (standing === null) return null;
  return {
    left_usd: Math.max(0, standing.left) / NANOS_PER_USD,
    limit_usd: standing.limit / NANOS_PER_USD,
    resets_at: new Date(resetsAt).toISOString(),
  };
}

const WHOSE: Record<BudgetKind, string> = {
  deployment: 'The spending limit of this chat',
  person: 'Your spending limit',
  address: 'The spending limit of your network address',
};

/** @param kind of the limit that is in the way */
export function exhausted(kind: BudgetKind, resetsAt: number, now: number): Refused {
  const at = new Date(resetsAt).toISOString();
  return {
    code: 'budget_exhausted',
    message: `${WHOSE[kind]} for today leaves too little for this answer. It starts anew at ${at.slice(11, 16)} UTC on ${at.slice(0, 10)}; until then a cheaper model, a new conversation or the model at home may still answer.`,
    retry_after_ms: Math.max(0, resetsAt - now),
  };
}

export const NOT_CHECKED: Refused = {
  code: 'upstream_error',
  message: 'The spending limit could not be checked, so nothing was asked. Try again in a moment.',
};

export function unpriced(entry: ModelEntry): Refused {
  return {
    code: 'not_configured',
    message: `The price of ${entry.name} is not known, so it cannot be used under a spending limit. Give it "pricing" in MODELS, or choose another model.`,
  };
}
