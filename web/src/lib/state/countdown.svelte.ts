/** How long it is until a moment of the wall clock, for a component that shows it. Made while that is set up. */
export class Countdown {
  #now = $state(Date.now());
  readonly #until: () => number | null;

  constructor(until: () => number | null) {
    this.#until = until;
    $effect(() => {
      const at = until();
      if (at === null) return;
      this.#now = Date.now();
      const timer = setInterval(() => {
        this.#now = Date.now();
        if (this.#now >= at) clearInterval(timer);
      }, 250);
      return () => clearInterval(timer);
    });
  }

  /** Milliseconds; 0 when it is over, or there is nothing to wait for. */
  get leftMs(): number {
    const at = this.#until();
    return at === null ? 0 : Math.max(0, at - this.#now);
  }
}
