import type { Rates } from '../config.ts';
import type { Count, Taken } from './window.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const SIGN_IN_MS = 15 * MINUTE_MS;

/** What a request to come in counts as. */
export type Entering = 'connect' | 'new_session';

/** What is counted when somebody comes in; empty where there is no limit. A new session is a connection too. */
export function countsFor(entering: Entering, rates: Rates): Count[] {
  const { connectsPerMinute: connects, sessionsPerHour: sessions } = rates;
  return [
    ...(connects === null ? [] : [{ name: 'connects', limit: connects, windowMs: MINUTE_MS }]),
    ...(sessions === null || entering === 'connect'
      ? []
      : [{ name: 'sessions', limit: sessions, windowMs: HOUR_MS }]),
  ];
}

/**
 * Failed attempts to sign in: ten from an address, and for passphrases a hundred from all together, because who guesses
 * may have many addresses. There is nothing to guess in a token of Turnstile, and a limit for all together would let
 * anybody lock out everybody.
 */
export function signInCounts(address: string, guessable: boolean): Count[] {
  return [
    { name: `address ${address}`, limit: 10, windowMs: SIGN_IN_MS },
    ...(guessable ? [{ name: 'all', limit: 100, windowMs: SIGN_IN_MS }] : []),
  ];
}

/** `message` says what there is too much of, and when to try again; `waitMs` is in milliseconds. */
export type Entry = { ok: true } | { ok: false; waitMs: number; message: string };

const refuse = (waitMs: number, what: string): Entry => ({
  ok: false,
  waitMs,
  message: `${what} Try again ${inWords(waitMs)}.`,
});

const TOO_MANY: Readonly<Record<string, string>> = {
  connects: 'Too many connections from your network address.',
  sessions: 'Too many new sessions from your network address.',
};

/** What counts, as far as it is needed here. */
export type Counters = {
  /** The platform's binding; may be missing where the platform has none. */
  gate?: { limit(options: { key: string }): Promise<{ success: boolean }> } | undefined;
  /** The counting object by that name. */
  named(name: string): { take(counts: readonly Count[]): Promise<Taken> };
};

/** How long to wait while the counting object cannot be asked. */
const UNKNOWN_MS = 5_000;

/**
 * Whether an address may come in now.
 *
 * The platform's binding first: it costs nothing and spares the object a flood, but its number is fixed in wrangler.toml
 * (above the most that a setting can allow) and counts in each location. Then the object, which holds the number that
 * is set. It is one hop more for each connection, within the visitor's own region after the first. Where it cannot be
 * asked, nobody comes in.
 */
export async function mayEnter(
  entering: Entering,
  address: string,
  rates: Rates,
  counters: Counters,
): Promise<Entry> {
  const counts = countsFor(entering, rates);
  if (counts.length === 0) return { ok: true };
  try {
    const gate = await counters.gate?.limit({ key: address });
    if (gate?.success === false) return refuse(MINUTE_MS, TOO_MANY.connects ?? '');
    const taken = await counters.named(`address ${address}`).take(counts);
    return taken.ok ? { ok: true } : refuse(taken.waitMs, TOO_MANY[taken.name] ?? '');
  } catch {
    return refuse(UNKNOWN_MS, 'It could not be checked how many connections there are.');
  }
}

/** A wait in words: "in 40 seconds", "in 12 minutes". Rounded up, so that who comes back then is not too early. */
export function inWords(waitMs: number): string {
  const seconds = Math.ceil(waitMs / 1000);
  const [n, unit] = seconds < 100 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `in ${n} ${unit}${n === 1 ? '' : 's'}`;
}
