import { ApiError, messageOf, redeemLink } from './api.ts';

/**
 * A one-time link on its way. pending: it is not known yet whether this device has a chat to lose sight of.
 * asking: it has, so the person decides. failed: `again` when a second try may help.
 */
export type ArrivalState =
  | { kind: 'none' }
  | { kind: 'pending' | 'asking' | 'opening'; code: string }
  | { kind: 'failed'; code: string; detail: string; again: boolean };

/** Where the other device's chat opens: in all tabs of this browser, or only in this one. */
export type Place = 'everywhere' | 'this-tab';

export type ArrivalWorld = {
  /** `none`: no session yet. `used`: one with messages. `unknown`: one that has not spoken yet. */
  own: () => 'none' | 'empty' | 'used' | 'unknown';
  /** The session is this device's from now on. */
  adopt: (sessionId: string, place: Place) => void;
  redeem?: (code: string) => Promise<string>;
};

/** What a link's fragment looks like; whether the code is one is for the server to say. */
const FRAGMENT = /^#link=(.{1,128})/;
const SPENT = 'It works once, and for ten minutes. Make a new one on the other device.';

/** The code of a one-time link in an address's fragment; null when there is none. */
export function codeIn(fragment: string): string | null {
  return FRAGMENT.exec(fragment)?.[1] ?? null;
}

/** Opening a one-time link from another device. A chat that this device has is never left without a question. */
export class Arrival {
  #state = $state.raw<ArrivalState>({ kind: 'none' });
  readonly #world: ArrivalWorld;
  #place: Place = 'everywhere';

  constructor(world: ArrivalWorld) {
    this.#world = world;
  }

  get state(): ArrivalState {
    return this.#state;
  }

  /** Takes the code off the address, where it would be bookmarked and shared, and begins. False: there is none. */
  take(): boolean {
    const code = codeIn(location.hash);
    if (code === null) return false;
    history.replaceState(history.state, '', location.pathname + location.search);
    this.#state = { kind: 'pending', code };
    this.look();
    return true;
  }

  /** Something may be known now of this device's own session. */
  look(): void {
    if (this.#state.kind !== 'pending') return;
    const own = this.#world.own();
    if (own === 'used') this.#state = { kind: 'asking', code: this.#state.code };
    else if (own !== 'unknown') void this.open('everywhere');
  }

  /** The person agreed, or there is nothing to ask about. */
  async open(place: Place = this.#place): Promise<void> {
    const state = this.#state;
    if (state.kind === 'none' || state.kind === 'opening') return;
    const { code } = state;
    this.#place = place;
    this.#state = { kind: 'opening', code };
    try {
      const sessionId = await (this.#world.redeem ?? redeemLink)(code);
      this.#state = { kind: 'none' };
      this.#world.adopt(sessionId, place);
    } catch (error) {
      const spent = error instanceof ApiError && error.code === 'not_found';
      this.#state = { kind: 'failed', code, detail: spent ? SPENT : messageOf(error), again: !spent };
    }
  }

  /** What stood in the way is gone, maybe. */
  async tryAgain(): Promise<void> {
    if (this.#state.kind === 'failed' && this.#state.again) await this.open();
  }

  /** Not now: what this device has stays as it is, and the code is not spent. */
  leave(): void {
    this.#state = { kind: 'none' };
  }
}
