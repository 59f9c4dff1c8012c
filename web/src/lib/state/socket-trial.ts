/** Where HTTP carries the chat, WebSockets are tried again after so long: an open stream keeps the session awake. */
const AGAIN_MS = 600_000;
/** And so soon in a page that began with HTTP because it remembered that: it may be on another network now. */
const SOON_MS = 2_000;
/** Silence for so long is a no. */
const PATIENCE_MS = 5_000;

/** Whether a WebSocket gets through now: true when the session has spoken on it. It is closed again at once. */
function getsThrough(url: string, protocols: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    if (typeof WebSocket === 'undefined') return void resolve(false);
    const socket = new WebSocket(url, [...protocols]);
    const say = (works: boolean): void => {
      clearTimeout(timer);
      resolve(works);
      socket.close(1000, 'again');
    };
    const timer = setTimeout(() => say(false), PATIENCE_MS);
    socket.addEventListener('message', () => say(true));
    socket.addEventListener('close', () => say(false));
  });
}

/** Tries WebSockets beside an open stream: whoever is blocked for good should not notice. */
export class SocketTrial {
  readonly #address: () => { url: string; protocols: readonly string[] };
  readonly #works: () => void;
  #at: number | null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `soon`: the block is only remembered. `works` is called when a WebSocket got through. */
  constructor(
    soon: boolean,
    address: () => { url: string; protocols: readonly string[] },
    works: () => void,
  ) {
    this.#at = soon ? 0 : null;
    this.#address = address;
    this.#works = works;
  }

  /** A stream is open. */
  expect(): void {
    const now = Date.now();
    this.#at ??= now + AGAIN_MS;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#try(), Math.max(SOON_MS, this.#at - now));
  }

  /** It may be another network now. */
  hasten(): void {
    if (this.#at !== null) this.#at = 0;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #try(): Promise<void> {
    this.#at = null;
    const { url, protocols } = this.#address();
    const mine = this.#timer;
    const works = await getsThrough(url, protocols);
    if (mine !== this.#timer) return;
    if (works) this.#works();
    else this.expect();
  }
}
