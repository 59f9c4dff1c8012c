import { createLink, messageOf } from './api.ts';

/** A link that opens this session on another device, from the wish for it to its end. */
export type DeviceLinkState =
  | { kind: 'none' }
  | { kind: 'making' }
  | { kind: 'ready'; address: string; secondsLeft: number }
  | { kind: 'expired' }
  | { kind: 'failed'; message: string };

/** Where the page takes up such a link. The code stands in the fragment: browsers send that to nobody. */
export function linkAddress(origin: string, code: string): string {
  return `${origin}/#link=${encodeURIComponent(code)}`;
}

/** What is left, as people count it down: `10 minutes`, `1 minute`, `45 seconds`. */
export function timeLeft(seconds: number): string {
  if (seconds > 60) return `${Math.ceil(seconds / 60)} minutes`;
  if (seconds === 60) return '1 minute';
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}

/** Makes links and counts down the life of the newest. `now` is a clock in ms that never jumps. */
export class DeviceLink {
  #state = $state.raw<DeviceLinkState>({ kind: 'none' });
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Counts the wishes, so that an answer to an earlier one is passed over. */
  #turn = 0;
  readonly #now: () => number;
  readonly #create: typeof createLink;

  constructor(now: () => number = () => performance.now(), create: typeof createLink = createLink) {
    this.#now = now;
    this.#create = create;
  }

  get state(): DeviceLinkState {
    return this.#state;
  }

  async make(sessionId: string | null, origin: string): Promise<void> {
    this.forget();
    const turn = this.#turn;
    if (sessionId === null) {
      this.#state = { kind: 'failed', message: 'There is no connection. Try again when it is back.' };
      return;
    }
    this.#state = { kind: 'making' };
    try {
      const { code, livesMs } = await this.#create(sessionId);
      if (turn === this.#turn) this.#count(linkAddress(origin, code), this.#now() + livesMs);
    } catch (error) {
      if (turn === this.#turn) this.#state = { kind: 'failed', message: messageOf(error) };
    }
  }

  /** The dialog is closed: the link lives on at the server, and is no longer shown. */
  forget(): void {
    clearInterval(this.#timer);
    this.#turn += 1;
    this.#state = { kind: 'none' };
  }

  #count(address: string, until: number): void {
    const tick = (): void => {
      const secondsLeft = Math.ceil((until - this.#now()) / 1_000);
      if (secondsLeft > 0) {
        this.#state = { kind: 'ready', address, secondsLeft };
        return;
      }
      clearInterval(this.#timer);
      this.#state = { kind: 'expired' };
    };
    tick();
    if (this.#state.kind === 'ready') this.#timer = setInterval(tick, 1_000);
  }
}
