import type { Budget } from '#lib/wire.ts';

/** Below this share of the limit it is worth a word without being asked. */
const LOW_SHARE = 0.25;

/** Cents, rounded down: never more than there is. */
function cents(usd: number): string {
  const whole = Math.floor(usd * 100 + 1e-6);
  return usd > 0 && whole === 0 ? 'less than $0.01' : `$${(whole / 100).toFixed(2)}`;
}

/** `01:00`, in the time of this device. `at`: ms, or ISO 8601. */
export function clock(at: number | string, locale = 'en-GB'): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '';
  return date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
}

/** `$0.42 of $2.00 left today, back at 01:00`; `share` is what is left of the limit, 0 to 1. */
export function budgetWords(budget: Budget): { text: string; share: number; isLow: boolean } {
  const { left_usd, limit_usd, resets_at } = budget;
  const share = limit_usd > 0 ? Math.min(1, Math.max(0, left_usd / limit_usd)) : 0;
  const back = clock(resets_at);
  const text = `${cents(left_usd)} of ${cents(limit_usd)} left today${back ? `, back at ${back}` : ''}`;
  return { text, share, isLow: share < LOW_SHARE };
}

/** Why the chat does not answer for money, and when it does again. `at`: ms of the wall clock. */
export function spentWords(at: number): string {
  return `Today’s spending limit leaves too little for an answer of this model. It starts anew at ${clock(at)}.`;
}
