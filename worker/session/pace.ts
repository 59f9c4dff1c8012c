import { type Times, waitMs, within } from '../guard/window.ts';

const MINUTE_MS = 60_000;
/** Frames of any kind, from everybody in one session: far above what a page sends, far below what a flood costs. */
export const FRAMES_PER_MINUTE = 600;

/**
 * How fast the frames of one session may come. Kept in memory alone: an object that is flooded does not sleep, and one
 * that sleeps was not flooded.
 */
export class Pace {
  readonly #switchesPerMinute: number | null;
  #frames: Times = [];
  #switches: Times = [];

  /** @param switchesPerMinute null: no limit here, on frames of any kind neither (a local Worker) */
  constructor(switchesPerMinute: number | null) {
    this.#switchesPerMinute = switchesPerMinute;
  }

  /** A frame has come. @returns whether it is one too many */
  tooMany(now: number): boolean {
    if (this.#switchesPerMinute === null) return false;
    const limit = { limit: FRAMES_PER_MINUTE, windowMs: MINUTE_MS };
    this.#frames = within(this.#frames, MINUTE_MS, now);
    if (waitMs(this.#frames, limit, now) > 0) return true;
    this.#frames = [...this.#frames, now];
    return false;
  }

  /**
   * Somebody starts, changes or reopens a conversation: each costs rows, as a message does.
   * @returns milliseconds until one more is allowed; 0: now, and it is counted
   */
  waitToSwitch(now: number): number {
    if (this.#switchesPerMinute === null) return 0;
    this.#switches = within(this.#switches, MINUTE_MS, now);
    const wait = waitMs(this.#switches, { limit: this.#switchesPerMinute, windowMs: MINUTE_MS }, now);
    if (wait === 0) this.#switches = [...this.#switches, now];
    return wait;
  }
}
