import { count, duration, money } from '#lib/text/format.ts';

/** What a figure of a chart is. `share`: 0 to 1; `ms`: milliseconds. */
export type Unit = 'usd' | 'tokens' | 'answers' | 'share' | 'ms';

const NARROW = '\u202f';
/** Nothing was measured, or it cannot be said. */
export const UNKNOWN = '–';

/** `$1,234.50`; below a thousand as receipts have it. */
export function dollars(usd: number): string {
  if (usd < 999.995) return money(usd);
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** `12 %`; what is there is never called 0, and what is not all never 100. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return `<1${NARROW}%`;
  if (share < 1 && share >= 0.995) return `>99${NARROW}%`;
  return `${Math.round(share * 100)}${NARROW}%`;
}

/** A figure in words: for tables, legends and sentences. */
export function amount(unit: Unit, value: number | null): string {
  if (value === null) return UNKNOWN;
  switch (unit) {
    case 'usd':
      return dollars(value);
    case 'tokens':
    case 'answers':
      return count(value);
    case 'share':
      return percent(value);
    case 'ms':
      return duration(value);
  }
}

/**
 * A figure on an axis, where room is small and the figures may be, too: `$0.00002`, `1.5k`.
 * @param step from one such figure to the next
 */
export function tick(unit: Unit, value: number, step: number): string {
  switch (unit) {
    case 'usd': {
      const digits = step >= 1 ? 0 : Math.max(2, Math.ceil(-Math.log10(step) - 1e-9));
      return value === 0 ? '$0' : `$${value.toLocaleString('en-US', { minimumFractionDigits: digits })}`;
    }
    case 'tokens':
    case 'answers':
      return count(value, true);
    case 'share':
      return percent(value);
    case 'ms':
      return value === 0 ? '0' : duration(value);
  }
}
