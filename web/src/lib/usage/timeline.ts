import type { Zone } from './zone.ts';

/** How far back a report looks: 24 hours with the one that runs, days with today, or all that is kept. */
export type Range = '24h' | '7d' | '30d' | 'all';

export type Step = 'hour' | 'day' | 'week';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Up to so long a time is shown by the hour. */
const BY_HOUR_MS = 2 * DAY_MS;
/** From so long a time on a day would be narrower than a line on a phone. */
const BY_WEEK_MS = 100 * DAY_MS;

/** One piece of time: a bar of a chart, a row of its table. */
export type Slot = {
  /** Milliseconds since 1970. */
  start: number;
  /** For an axis: `14:00`, `22 Nov`. */
  short: string;
  /** Alone it says when: `Sun 22 Nov, 14:00`, `Sun 22 Nov 2026`, `Week of 16 Nov 2026`. */
  long: string;
};

export type Timeline = { step: Step; slots: readonly Slot[] };

/** The oldest moment of a range, in ms since 1970. @param now ms since 1970 */
export function sinceOf(range: Range, now: number, zone: Zone): number {
  switch (range) {
    case '24h':
      return hourStart(now) - 23 * HOUR_MS;
    case '7d':
      return zone.dayStart(now, -6);
    case '30d':
      return zone.dayStart(now, -29);
    case 'all':
      return 0;
  }
}

/**
 * All slots from the one of `from` to the one of `to`, without a gap.
 * @param from ms since 1970
 * @param to ms since 1970, not before `from`
 */
export function timelineOf(from: number, to: number, zone: Zone): Timeline {
  const span = to - from;
  const step: Step = span <= BY_HOUR_MS ? 'hour' : span <= BY_WEEK_MS ? 'day' : 'week';
  const starts = startsOf(step, from, to, zone);
  const names = labelsOf(step, zone);
  const slots = starts.map((start) => ({ start, ...names(start) }));
  return { step, slots: slots.map((slot, i) => toldApart(slot, slots[i - 1], slots[i + 1], zone)) };
}

/** When it begins, within a sentence: `Sun 22 Nov 2026`, `the week of 16 Nov 2026`. */
export function beginningOf({ step, slots }: Timeline): string {
  const long = slots[0]?.long ?? '';
  return step === 'week' ? `the w${long.slice(1)}` : long;
}

/** The slot that a moment lies in; what is outside belongs to the first or the last one. */
export function slotOf(slots: readonly Slot[], at: number): number {
  let low = 0;
  let high = slots.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((slots[middle]?.start ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

const hourStart = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS;

function startsOf(step: Step, from: number, to: number, zone: Zone): number[] {
  const nth = (n: number): number => {
    if (step === 'hour') return hourStart(from) + n * HOUR_MS;
    return step === 'day' ? zone.dayStart(from, n) : zone.weekStart(from, n);
  };
  const starts = [nth(0)];
  for (let n = 1, next = nth(n); next <= to; n += 1, next = nth(n)) starts.push(next);
  return starts;
}

const LOCALE = 'en-GB';

function labelsOf(step: Step, { name: timeZone }: Zone): (at: number) => Pick<Slot, 'short' | 'long'> {
  const format = (options: Intl.DateTimeFormatOptions) => {
    const made = new Intl.DateTimeFormat(LOCALE, { timeZone, ...options });
    // The comma after a weekday differs between versions of the locale data.
    return (at: number) => made.format(at).replace(/^(\p{L}+),/u, '$1');
  };
  const date = format({ day: 'numeric', month: 'short' });
  const weekday = format({ weekday: 'short', day: 'numeric', month: 'short' });
  const full = format({ day: 'numeric', month: 'short', year: 'numeric' });
  const fullWeekday = format({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
  const time = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  switch (step) {
    case 'hour':
      return (at) => ({ short: time(at), long: `${weekday(at)}, ${time(at)}` });
    case 'day':
      return (at) => ({ short: date(at), long: fullWeekday(at) });
    case 'week':
      return (at) => ({ short: date(at), long: `Week of ${full(at)}` });
  }
}

/** The hour that the end of summer time repeats says which of the two it is. */
function toldApart(slot: Slot, before: Slot | undefined, after: Slot | undefined, zone: Zone): Slot {
  if (slot.long !== before?.long && slot.long !== after?.long) return slot;
  const minutes = Math.round(zone.offset(slot.start) / 60_000);
  const sign = minutes < 0 ? '−' : '+';
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return {
    ...slot,
    long: `${slot.long} (UTC${sign}${hours}${rest ? `:${String(rest).padStart(2, '0')}` : ''})`,
  };
}
