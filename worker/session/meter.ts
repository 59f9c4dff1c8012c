import type { Usage } from '../../shared/index.ts';

const COUNTS = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'thinking_tokens',
] as const;

export const NO_USAGE: Usage = {
  input_tokens: null,
  output_tokens: null,
  cache_read_tokens: null,
  cache_write_tokens: null,
  thinking_tokens: null,
};

const isCounted = (usage: Usage) => COUNTS.some((key) => usage[key] !== null);

/** The tokens of an answer, call by call: an answer that uses tools takes one for each round. */
export class Meter {
  #ended: Usage[] = [];
  #current: Usage = NO_USAGE;

  /** The running call says how many it has taken so far. */
  counted(usage: Partial<Usage>): void {
    for (const key of COUNTS) {
      const count = usage[key];
      // Whatever an upstream sends there, a receipt holds counts.
      if (typeof count === 'number' && Number.isFinite(count) && count >= 0)
        this.#current = { ...this.#current, [key]: count };
    }
  }

  /**
   * The running call is over; the next one may begin.
   * @param received tokens of what came of it, by our guess, where it was cut: its provider did not tell the rest
   */
  callEnded(received: number | null = null): void {
    const call =
      received === null
        ? this.#current
        : { ...this.#current, output_tokens: Math.max(this.#current.output_tokens ?? 0, received) };
    if (isCounted(call)) this.#ended.push(call);
    this.#current = NO_USAGE;
  }

  /** Of each call that is over and said anything. */
  get calls(): readonly Usage[] {
    return this.#ended;
  }

  /** All calls that are over together; null where none said anything. */
  get total(): Usage | null {
    if (this.#ended.length === 0) return null;
    const sum = { ...NO_USAGE };
    for (const call of this.#ended) {
      for (const key of COUNTS) if (call[key] !== null) sum[key] = (sum[key] ?? 0) + call[key];
    }
    return sum;
  }

  /** As it was when a run was put aside. */
  restore(calls: readonly Usage[]): void {
    this.#ended = [...calls];
  }

  /** Another model starts anew. */
  clear(): void {
    this.#ended = [];
    this.#current = NO_USAGE;
  }
}
