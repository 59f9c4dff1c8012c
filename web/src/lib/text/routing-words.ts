import { TIER_NAMES, TIERS, type Tier } from '#lib/state/tiers.ts';
import type { AlwaysUsd, Answer, AutoMode, Routing } from '#lib/wire.ts';
import { duration, money } from './format.ts';

/** How Automatic weighs quality against price, for people. */
export const MODE_WORDS: Readonly<Record<AutoMode, { name: string; detail: string }>> = {
  economy: { name: 'Economy', detail: 'Prefers the cheaper model unless a better one clearly pays.' },
  balanced: { name: 'Balanced', detail: 'Takes a stronger model where a better answer is worth its price.' },
  quality: { name: 'Quality', detail: 'Prefers the stronger model even for a small gain.' },
};

/** `Haiku $0.0010 · Sonnet $0.0030 · Opus $0.0050`; a dash where it cannot be said. */
export function alwaysWords(always: AlwaysUsd): string {
  return TIERS.map((tier) => `${TIER_NAMES[tier]}\u00a0${usd(always[tier])}`).join(' · ');
}

export function usd(value: number | null): string {
  return value === null ? '–' : money(value);
}

/** `82 %` */
export function share(quality: number): string {
  return `${Math.round(quality * 100)}\u202f%`;
}

/** The tier that a person asked for; null where Automatic chose by itself. */
export function askedTier({ redo_tier, reason_code, routing }: Answer): Tier | null {
  return redo_tier ?? (reason_code === 'chosen_tier' ? (routing?.tier ?? null) : null);
}

/** What came of the second opinion; null where none was asked for. */
export function opinionWords({ second_opinion: opinion }: Routing): string | null {
  if (!opinion) return null;
  const cost = opinion.cost_usd === null ? '' : `, ${money(opinion.cost_usd)}`;
  const facts = `(${duration(opinion.duration_ms)}${cost})`;
  return opinion.tier === null
    ? `The choice was close, so Haiku was asked for a second opinion; none came in time ${facts}.`
    : `The choice was close, so Haiku was asked for a second opinion: it said ${TIER_NAMES[opinion.tier]} ${facts}.`;
}

/**
 * What a conversation cost so far in all its versions, and what it would have cost with one model alone; `always` is
 * null where Automatic did not choose.
 */
export type Totals = { spent: number; always: AlwaysUsd | null };

/** Null where nothing has a price yet. A model that one answer says nothing of has no sum. */
export function totalsOf(answers: readonly Answer[]): Totals | null {
  const priced = answers.filter(({ cost_usd }) => cost_usd !== null);
  if (priced.length === 0) return null;
  const sum = (tier: Tier): number | null =>
    priced.reduce<number | null>((total, { always_usd }) => {
      const value = always_usd?.[tier] ?? null;
      return total === null || value === null ? null : total + value;
    }, 0);
  return {
    spent: priced.reduce((total, { cost_usd }) => total + (cost_usd ?? 0), 0),
    always: priced.some(({ always_usd }) => always_usd)
      ? { haiku: sum('haiku'), sonnet: sum('sonnet'), opus: sum('opus') }
      : null,
  };
}
