import type { Budget, ServerFrame } from '#lib/wire.ts';

/** What is left to spend today, as far as this page was told. */
export class Spending {
  #budget = $state.raw<Budget | null>(null);
  #spentUntil = $state<number | null>(null);
  #reset: ReturnType<typeof setTimeout> | undefined;
  readonly #now: () => number;

  /** `now`: the wall clock, ms. */
  constructor(now: () => number = () => Date.now()) {
    this.#now = now;
  }

  /** Of the tightest limit; null where there is none, or nothing is known. */
  get budget(): Budget | null {
    return this.#budget;
  }

  /** Something was refused for want of money; when that may change, in ms of the wall clock. Null: nothing was. */
  get spentUntil(): number | null {
    return this.#spentUntil;
  }

  /** @param isLive false for a frame that is sent again: its figures are of another hour */
  hear(frame: ServerFrame, isLive: boolean): void {
    if (frame.type === 'session') this.set(frame.budget ?? null);
    if (!isLive) return;
    // Null there also stands for the home model, which costs nothing.
    if (frame.type === 'message_end' && frame.budget) {
      this.set(frame.budget);
      if (frame.error_code !== 'budget_exhausted') this.#spentUntil = null;
    }
    if (frame.type === 'error' && frame.code === 'budget_exhausted') {
      this.#spentUntil = this.#now() + (frame.retry_after_ms ?? 0);
      this.#expectReset(this.#spentUntil);
    }
  }

  set(budget: Budget | null): void {
    this.#budget = budget;
    if (budget) this.#expectReset(Date.parse(budget.resets_at));
  }

  stop(): void {
    clearTimeout(this.#reset);
  }

  /** The day's figures end with the day. */
  #expectReset(at: number): void {
    clearTimeout(this.#reset);
    if (Number.isNaN(at)) return;
    this.#reset = setTimeout(
      () => {
        this.#spentUntil = null;
        if (this.#budget) this.#budget = { ...this.#budget, left_usd: this.#budget.limit_usd };
      },
      Math.max(0, at - this.#now()),
    );
  }
}
