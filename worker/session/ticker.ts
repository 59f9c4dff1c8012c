/** The two functions of a clock that runs things later; a Durable Object's globals, or a test's. */
export interface Timers {
  set(run: () => void, ms: number): unknown;
  clear(handle: unknown): void;
}

/** At most one pending call. Timers keep an object from hibernating, so they exist only while an answer is written. */
export class Ticker {
  readonly #timers: Timers;
  readonly #run: () => void;
  #handle: unknown = null;

  constructor(timers: Timers, run: () => void) {
    this.#timers = timers;
    this.#run = run;
  }

  /** Calls in `ms` milliseconds, unless a call is pending already. */
  arm(ms: number): void {
    if (this.#handle !== null) return;
    this.#handle = this.#timers.set(() => {
      this.#handle = null;
      this.#run();
    }, ms);
  }

  clear(): void {
    if (this.#handle === null) return;
    this.#timers.clear(this.#handle);
    this.#handle = null;
  }
}
