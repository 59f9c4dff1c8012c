import type { Usage } from '#lib/wire.ts';

const NARROW = '\u202f';

/** US dollars as people compare them: `$0` for free, never a rounded-down zero for something that cost. */
export function money(usd: number): string {
  if (usd === 0) return '$0';
  if (usd < 0.0001) return '<$0.0001';
  if (usd < 0.01) return `$${usd.toFixed(4)}`;
  if (usd < 1) return `$${usd.toFixed(3)}`;
  return `$${usd.toFixed(2)}`;
}

/** A price per million tokens: `$3`, `$0.25`. */
export function price(usd: number): string {
  return Number.isInteger(usd) ? `$${usd}` : `$${usd.toFixed(2)}`;
}

/** `950`, `1,240`, `200k`, `1M`. Whole thousands are shortened only where `short` asks for it. */
export function count(value: number, short = false): string {
  if (short && value >= 1_000_000) return `${trimZero((value / 1_000_000).toFixed(1))}M`;
  if (short && value >= 1_000) return `${trimZero((value / 1_000).toFixed(value < 10_000 ? 1 : 0))}k`;
  return value.toLocaleString('en-US');
}

function trimZero(text: string): string {
  return text.replace(/\.0$/, '');
}

/** `480 ms`, `3.2 s`, `48 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}${NARROW}ms`;
  if (ms < 9_950) return `${trimZero((ms / 1_000).toFixed(1))}${NARROW}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}${NARROW}s`;
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)}${NARROW}min${rest ? ` ${rest}${NARROW}s` : ''}`;
}

/** Everything that the model read: the uncached part and what came from or went into the cache. */
export function tokensIn(usage: Usage): number | null {
  const parts = [usage.input_tokens, usage.cache_read_tokens, usage.cache_write_tokens];
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : known.reduce((sum, part) => sum + part, 0);
}

/** What is left of a wait, counted down in whole seconds: `9 s`, `2 min 5 s`, `3 h 20 min`. */
export function countdown(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 3_600) return duration(seconds * 1_000);
  const minutes = Math.ceil(seconds / 60);
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)}${NARROW}h${rest ? ` ${rest}${NARROW}min` : ''}`;
}

const DAY_MS = 86_400_000;

/** When something was, for a list: `just now`, `12 min ago`, `14:05`, `Yesterday`, `3 Nov`, `3 Nov 2025`. */
export function when(iso: string, now: Date, locale = 'en-GB'): string {
  const then = new Date(iso);
  if (Number.isNaN(then.getTime())) return '';
  const age = now.getTime() - then.getTime();
  if (age < 60_000) return 'just now';
  if (age < 3_600_000) return `${Math.floor(age / 60_000)} min ago`;
  const days = Math.round((startOfDay(now) - startOfDay(then)) / DAY_MS);
  if (days === 0) return then.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
  if (days === 1) return 'Yesterday';
  return day(iso, locale, then.getFullYear() === now.getFullYear());
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** `30 Nov 2026`. */
export function day(iso: string, locale = 'en-GB', withoutYear = false): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return date.toLocaleDateString(locale, {
    day: 'numeric',
    month: 'short',
    ...(withoutYear ? {} : { year: 'numeric' }),
  });
}

/** `1 message`, `3 messages`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
