/** Work that takes no longer than this in a frame leaves room for everything else. Milliseconds. */
const LIGHT_MS = 8;
const LONGEST_PAUSE_MS = 1_000;

/** How long to rest after work that took `costMs`, so that it has at most a quarter of the page's time. */
export function pauseAfter(costMs: number): number {
  return costMs <= LIGHT_MS ? 0 : Math.min(LONGEST_PAUSE_MS, 3 * costMs);
}

/** What a page has to wait with. Both kinds of waiting give back how to end them. */
export type Waits = {
  /** Milliseconds. */
  now: () => number;
  frame: (then: () => void) => () => void;
  later: (then: () => void, ms: number) => () => void;
};

const browserWaits: Waits = {
  now: () => performance.now(),
  frame: (then) => {
    const id = requestAnimationFrame(then);
    return () => cancelAnimationFrame(id);
  },
  later: (then, ms) => {
    const id = setTimeout(then, ms);
    return () => clearTimeout(id);
  },
};

/** Runs work at most once a frame, and less often where a frame of it takes long: layout and painting count too. */
export class FramePace {
  #state: 'idle' | 'waiting' | 'working' = 'idle';
  #again = false;
  #restUntil = 0;
  #end: () => void = () => {};
  readonly #work: () => void;
  readonly #waits: Waits;

  constructor(work: () => void, waits: Waits = browserWaits) {
    this.#work = work;
    this.#waits = waits;
  }

  /** The work is due; asked for many times in a frame, it runs once. */
  request(): void {
    if (this.#state === 'idle') this.#schedule();
    else if (this.#state === 'working') this.#again = true;
  }

  cancel(): void {
    this.#end();
    this.#state = 'idle';
    this.#again = false;
  }

  #schedule(): void {
    this.#state = 'waiting';
    const rest = this.#restUntil - this.#waits.now();
    const atFrame = (): void => {
      this.#end = this.#waits.frame(() => this.#run());
    };
    if (rest > 0) this.#end = this.#waits.later(atFrame, rest);
    else atFrame();
  }

  #run(): void {
    this.#state = 'working';
    const began = this.#waits.now();
    this.#work();
    // The browser renders after the frame's callbacks; a task queued here runs when that is over.
    this.#end = this.#waits.later(() => this.#rendered(began), 0);
  }

  #rendered(began: number): void {
    const now = this.#waits.now();
    this.#restUntil = now + pauseAfter(now - began);
    this.#state = 'idle';
    if (!this.#again) return;
    this.#again = false;
    this.#schedule();
  }
}
