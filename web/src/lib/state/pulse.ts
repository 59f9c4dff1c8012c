/** How a way shows that it lives. Milliseconds. */
export type Rhythm = {
  /** Whether the page can ask for a sign of life (`ping`), or has to wait for one. */
  asks: boolean;
  /** So long may nothing come before it asks, or before it begins to lose patience. */
  quietMs: number;
  /** And so much longer before the line counts as dead. */
  patienceMs: number;
};

/** Proxies drop a silent socket at about 100 s; the platform answers pings without waking the session. */
export const SOCKET_RHYTHM: Rhythm = { asks: true, quietMs: 25_000, patienceMs: 5_000 };
/** H9 sends a comment every 15 s. */
export const HTTP_RHYTHM: Rhythm = { asks: false, quietMs: 15_000, patienceMs: 7_000 };

const TICK_MS = 5_000;
/** A page in view whose timer comes so late has slept, and its line with it. */
const SLEPT_MS = 15_000;
/** Who has just come back to the page waits only so long for a sign of life. */
const RETURN_PATIENCE_MS = 2_000;

export type Signs = { heardAt: number; tickedAt: number };

/** What to do about a line at a tick. Times are of one wall clock, which goes on while a machine sleeps. */
export function judge(signs: Signs, now: number, rhythm: Rhythm, inView: boolean): 'wait' | 'ask' | 'dead' {
  // Hidden pages tick once a minute or less: there a late tick means nothing.
  if (inView && now - signs.tickedAt >= TICK_MS + SLEPT_MS) return 'dead';
  const quietMs = now - signs.heardAt;
  if (quietMs < rhythm.quietMs) return 'wait';
  if (rhythm.asks) return 'ask';
  return quietMs >= rhythm.quietMs + rhythm.patienceMs ? 'dead' : 'wait';
}

export type Life = {
  now: () => number;
  inView: () => boolean;
  ask: () => void;
  dead: () => void;
};

/**
 * Watches over one open line at a time. It goes on in a hidden page, at the browser's own slower pace: a ping wakes
 * nothing, but a line that a proxy cuts for its silence comes back, and that wakes the session.
 */
export class Pulse {
  readonly #life: Life;
  #rhythm: Rhythm = SOCKET_RHYTHM;
  #signs: Signs = { heardAt: 0, tickedAt: 0 };
  #ticks: ReturnType<typeof setInterval> | undefined;
  /** Runs while the page has asked and nothing has come yet. */
  #verdict: ReturnType<typeof setTimeout> | undefined;

  constructor(life: Life) {
    this.#life = life;
  }

  start(rhythm: Rhythm): void {
    this.stop();
    const now = this.#life.now();
    this.#rhythm = rhythm;
    this.#signs = { heardAt: now, tickedAt: now };
    this.#ticks = setInterval(() => this.#tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#ticks);
    clearTimeout(this.#verdict);
    this.#ticks = undefined;
    this.#verdict = undefined;
  }

  /** Anything that came is a sign of life. */
  heard(): void {
    this.#signs.heardAt = this.#life.now();
    clearTimeout(this.#verdict);
    this.#verdict = undefined;
  }

  /** The person is back at the page: they should not write into a line that died meanwhile. */
  check(): void {
    if (this.#ticks === undefined) return;
    const now = this.#life.now();
    this.#signs.tickedAt = now;
    if (this.#rhythm.asks) this.#ask(RETURN_PATIENCE_MS);
    else if (judge(this.#signs, now, this.#rhythm, true) === 'dead') this.#life.dead();
  }

  #tick(): void {
    const now = this.#life.now();
    const verdict = judge(this.#signs, now, this.#rhythm, this.#life.inView());
    this.#signs.tickedAt = now;
    if (verdict === 'dead') this.#life.dead();
    if (verdict === 'ask' && this.#verdict === undefined) this.#ask(this.#rhythm.patienceMs);
  }

  #ask(patienceMs: number): void {
    clearTimeout(this.#verdict);
    this.#verdict = setTimeout(() => this.#life.dead(), patienceMs);
    this.#life.ask();
  }
}
