/** The clock that a watchdog lives by; tests hand in their own. */
export type Timers = {
  /** Milliseconds, rising. */
  now(): number;
  /** Runs `run` once after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
};

export const systemTimers: Timers = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Aborts an upstream request after `silenceMs` without a byte (CONTRACT R9), counted from the start,
 * the wait for headers included; the SDKs' own timeouts end with the headers. It also passes an abort
 * of the caller on, so that `signal` is the one signal an SDK needs.
 *
 * {@link alive} runs for every chunk, so it only notes the time: the one timer looks at the note when
 * it is due and sleeps again for what is left.
 */
export class Watchdog {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #timers: Timers;
  #silenceMs: number;
  #last: number;
  #cancelTimer: (() => void) | null = null;
  #timedOut = false;
  #isLingering = false;

  constructor(silenceMs: number, caller: AbortSignal, timers: Timers = systemTimers) {
    this.#silenceMs = silenceMs;
    this.#caller = caller;
    this.#timers = timers;
    this.#last = timers.now();
    if (caller.aborted) {
      this.#controller.abort();
      return;
    }
    caller.addEventListener('abort', this.#onCallerAbort, { once: true });
    this.#sleep(silenceMs);
  }

  /** Aborted by the caller, or by silence. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True when silence, not the caller, ended the request. */
  get timedOut(): boolean {
    return this.#timedOut;
  }

  /** A byte came. */
  alive(): void {
    if (!this.#isLingering) this.#last = this.#timers.now();
  }

  /** The answer is there: the connection may linger for so long, whatever still comes. */
  allow(ms: number): void {
    if (this.#cancelTimer === null) return;
    this.#silenceMs = ms;
    this.#last = this.#timers.now();
    this.#isLingering = true;
    this.#cancelTimer();
    this.#sleep(ms);
  }

  /** Lets go of the timer and of the caller's signal. Never aborts. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#caller.removeEventListener('abort', this.#onCallerAbort);
  }

  readonly #onCallerAbort = (): void => {
    this.stop();
    this.#controller.abort();
  };

  #sleep(ms: number): void {
    this.#cancelTimer = this.#timers.after(ms, () => {
      const left = this.#last + this.#silenceMs - this.#timers.now();
      if (left > 0) {
        this.#sleep(left);
        return;
      }
      this.#timedOut = true;
      this.stop();
      this.#controller.abort();
    });
  }
}
