import type { ModelsFrame } from '../../shared/index.ts';
import type { Offer, OfferSource } from './offer.ts';
import { Ticker, type Timers } from './ticker.ts';

const PAUSE_MS = 1_000;

export type ModelListDeps = {
  offer: OfferSource;
  broadcast: (wire: string) => void;
  now: () => number;
  timers: Timers;
  keepAlive: (work: Promise<unknown>) => void;
  onFault: (error: unknown) => void;
};

/** S10 for everybody in a session (R4). It is long: one at a time, and when asked for at most one a second. */
export class ModelList {
  readonly #deps: ModelListDeps;
  readonly #next: Ticker;
  #isUnderWay = false;
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(deps: ModelListDeps) {
    this.#deps = deps;
    this.#next = new Ticker(deps.timers, () => deps.keepAlive(this.ask()));
  }

  /** C7. @returns what was offered; null where the list comes by another's asking, or is not to be had */
  async ask(): Promise<Offer | null> {
    const { offer, now } = this.#deps;
    if (this.#isUnderWay) return null;
    const wait = this.#saidAt + PAUSE_MS - now();
    if (wait > 0) {
      this.#next.arm(wait);
      return null;
    }
    this.#isUnderWay = true;
    const known = await this.say(offer('fresh'));
    this.#isUnderWay = false;
    this.#saidAt = now();
    return known;
  }

  /** Without being asked: something has changed. Never rejects. */
  async say(offer: Promise<Offer>): Promise<Offer | null> {
    try {
      const known = await offer;
      const frame: ModelsFrame = { type: 'models', models: known.list() };
      this.#deps.broadcast(JSON.stringify(frame));
      return known;
    } catch (error) {
      this.#deps.onFault(error);
      return null;
    }
  }

  /** The session is over. */
  clear(): void {
    this.#next.clear();
  }
}
