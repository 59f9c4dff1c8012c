import type { LinkState } from './connection.svelte.ts';
import type { Notices } from './notices.svelte.ts';

/** A connection that is replaced within a moment is no news; the banner comes after the same time. Milliseconds. */
const LOSS_IS_NEWS_MS = 1_100;

/** What of the connection's life is told, and when. */
export class LineNews {
  readonly #notices: Notices;
  readonly #state: () => LinkState;
  #loss: ReturnType<typeof setTimeout> | undefined;
  #wasOpen = false;
  #isLossTold = false;
  #isHttpTold: boolean;

  /** `isHttpTold`: an earlier life of this tab said it already. */
  constructor(notices: Notices, state: () => LinkState, isHttpTold: boolean) {
    this.#notices = notices;
    this.#state = state;
    this.#isHttpTold = isHttpTold;
  }

  opened(): void {
    clearTimeout(this.#loss);
    const state = this.#state();
    const overHttp = state.kind === 'open' && state.way === 'http';
    if (overHttp && !this.#isHttpTold) {
      this.#notices.info('Connected over HTTP', 'WebSockets are blocked here. The chat works all the same.');
    } else if (!this.#wasOpen) this.#notices.announce('Connected.');
    else if (this.#isLossTold) this.#notices.announce('Connected again.');
    this.#isHttpTold = overHttp;
    this.#isLossTold = false;
    this.#wasOpen = true;
  }

  lost(): void {
    clearTimeout(this.#loss);
    if (!this.#wasOpen) return;
    this.#loss = setTimeout(() => {
      if (this.#state().kind !== 'waiting' || document.visibilityState !== 'visible') return;
      this.#isLossTold = true;
      this.#notices.announce('Connection lost. Reconnecting.');
    }, LOSS_IS_NEWS_MS);
  }

  stop(): void {
    clearTimeout(this.#loss);
  }
}
