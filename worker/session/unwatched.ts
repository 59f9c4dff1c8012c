import { estimateTokens } from './context.ts';
import { Ticker, type Timers } from './ticker.ts';

/** How far an answer goes on with nobody there to see it: milliseconds, and estimated output tokens. */
export type UnwatchedLimits = { ms: number; tokens: number };

/**
 * Ends an answer that nobody watches any more (CONTRACT R3). Closing a page stops nothing, so somebody has to: a
 * forgotten answer goes on to its end within these limits, counted from the moment the last socket left. Whoever comes
 * back in time starts them anew.
 */
export class UnwatchedLimit {
  readonly #limits: UnwatchedLimits;
  readonly #timer: Ticker;
  #isWatched = true;
  #tokens = 0;

  /** @param onLimit may be called from a timer; the answer is then to be ended */
  constructor(limits: UnwatchedLimits, timers: Timers, onLimit: () => void) {
    this.#limits = limits;
    this.#timer = new Ticker(timers, onLimit);
  }

  /** Called when an answer begins, and whenever somebody comes or goes while it is written. */
  watched(isWatched: boolean): void {
    this.#isWatched = isWatched;
    if (isWatched) this.clear();
    else this.#timer.arm(this.#limits.ms);
  }

  /** Counts what has come. @returns whether that is more than an unwatched answer may have */
  took(text: string): boolean {
    if (this.#isWatched) return false;
    this.#tokens += estimateTokens(text);
    return this.#tokens > this.#limits.tokens;
  }

  /** The answer has ended. */
  clear(): void {
    this.#timer.clear();
    this.#tokens = 0;
  }
}
