const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A day of the calendar, as `Date.UTC` counts it: midnight of that date, were the place at UTC. */
type CalendarDay = number;

/** The clock of a place, by its IANA name. Days there have 23 or 25 hours twice a year, and may begin at 01:00. */
export class Zone {
  readonly name: string;
  readonly #parts: Intl.DateTimeFormat;

  constructor(name: string) {
    this.name = name;
    this.#parts = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** How far the place is ahead of UTC at a moment (ms since 1970), in ms. */
  offset(at: number): number {
    const whole = Math.floor(at / 1_000) * 1_000;
    const found = Object.fromEntries(
      this.#parts.formatToParts(whole).map(({ type, value }) => [type, +value]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = found;
    return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
  }

  /** The first moment of the day that lies `days` after the one of `at`. */
  dayStart(at: number, days = 0): number {
    return this.#beginningOf(this.#dayOf(at) + days * DAY_MS);
  }

  /** The first moment of the Monday of the week that lies `weeks` after the one of `at`. */
  weekStart(at: number, weeks = 0): number {
    const today = this.#dayOf(at);
    const sinceMonday = (new Date(today).getUTCDay() + 6) % 7;
    return this.#beginningOf(today + (7 * weeks - sinceMonday) * DAY_MS);
  }

  #dayOf(at: number): CalendarDay {
    return Math.floor((at + this.offset(at)) / DAY_MS) * DAY_MS;
  }

  /** Midnight may be twice or never where the clock is changed then: the first moment with that date it is. */
  #beginningOf(day: CalendarDay): number {
    const midnights = [-DAY_MS, DAY_MS].map((off) => day - this.offset(day + off));
    const within = midnights.filter((at) => this.#dayOf(at) === day);
    // A place that changes sides of the date line leaves out a day: that one begins where the next one does.
    return within.length > 0 ? Math.min(...within) : Math.max(...midnights);
  }
}
