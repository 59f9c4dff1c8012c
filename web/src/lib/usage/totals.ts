import { TIER_NAMES, TIERS, type Tier } from '#lib/state/tiers.ts';
import type { UsageRow } from '#lib/wire.ts';
import { dollars } from './amounts.ts';
import { sumOf } from './series.ts';

export type Totals = {
  answers: number;
  /** Of conversations that Automatic chose for. */
  automatic: number;
  spentUsd: number;
  inputTokens: number;
  outputTokens: number;
};

export function totalsOf(rows: readonly UsageRow[]): Totals {
  return {
    answers: sumOf(rows, (row) => row.answers),
    automatic: sumOf(rows, (row) => row.automatic),
    spentUsd: sumOf(rows, (row) => row.cost_usd),
    inputTokens: sumOf(rows, (row) => row.input_tokens + row.cache_read_tokens + row.cache_write_tokens),
    outputTokens: sumOf(rows, (row) => row.output_tokens),
  };
}

/** What Automatic cost, next to what the same tokens would have cost with one model for all of them. */
export type Comparison = {
  spentUsd: number;
  /** Of the tiers that can be compared, weakest first. */
  always: { tier: Tier; usd: number }[];
  /** Automatic's answers that are on no side, because what another model would have cost is not known of their hour. */
  leftOut: number;
};

/**
 * Null where nothing can be compared. Within a row the report has left out of both sides what was not counted. A tier without a figure anywhere (it is switched off) is left out; a row that
 * lacks a figure of another tier counts on neither side, so that all speak of the same answers.
 */
export function comparisonOf(rows: readonly UsageRow[]): Comparison | null {
  const chosen = rows.filter(({ automatic }) => automatic > 0);
  const tiers = TIERS.filter((tier) => chosen.some(({ always_usd }) => always_usd[tier] !== null));
  if (tiers.length === 0) return null;
  const isKnown = ({ always_usd }: UsageRow) => tiers.every((tier) => always_usd[tier] !== null);
  const compared = chosen.filter(isKnown);
  const spentUsd = sumOf(compared, (row) => row.compared_usd);
  const always = tiers.map((tier) => ({ tier, usd: sumOf(compared, (row) => row.always_usd[tier] ?? 0) }));
  if (spentUsd === 0 && always.every(({ usd }) => usd === 0)) return null;
  return {
    spentUsd,
    always,
    leftOut: sumOf(chosen, (row) => (isKnown(row) ? 0 : row.automatic)),
  };
}

/** The comparison as a sentence, without a word of praise. */
export function comparisonWords({ spentUsd, always }: Comparison): string {
  const parts = always.map(({ tier, usd }) => `always ${TIER_NAMES[tier]} ${dollars(usd)}`);
  const list = parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')}, ${parts.at(-1)}`;
  return `What Automatic chose cost ${dollars(spentUsd)}. For the same tokens: ${list}.`;
}
