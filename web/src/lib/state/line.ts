import ReconnectingWebSocket from 'partysocket/ws';
import { CLOSE, PONG } from '#lib/wire.ts';
import { CLOSE_ORIGIN, HttpTransport, type Minted } from './http-transport.ts';
import { socketUrl, subprotocols, type Target, type Transport } from './transport.ts';
import { type Failure, failedOn, isSuspicious, nextWay, startWith, type Way, type Ways } from './way.ts';

/** A handshake that takes longer is none; after a silence the next ones have more time, for slow networks. */
const HANDSHAKE_MS = 5_000;
const SLOW_HANDSHAKE_MS = 12_000;
/** The session speaks at once when a connection opens: one that stays silent so long lets nothing through. */
const FIRST_WORD_MS = 4_000;
/** Dialling at once is for single events: more than `RUSH` of them in `RUSH_MS` are a fault, and wait. */
const RUSH = 4;
const RUSH_MS = 15_000;

/** The page's own word for a connection on which nothing came. */
const CLOSE_SILENT = 4000;

/** After these the server wants no new attempt until something else has changed. */
const FINAL: readonly number[] = [
  CLOSE.signIn,
  CLOSE.unknownSession,
  CLOSE.tooMany,
  CLOSE.notConfigured,
  CLOSE_ORIGIN,
];

export function isFinal(code: number): boolean {
  return FINAL.includes(code);
}

/** partysocket says 1000 for an error without a close, and gives "timeout" as a reason of its own. */
function failureOf(code: number, reason: string): Failure {
  if (code === CLOSE_SILENT || reason === 'timeout') return 'silent';
  return code === 1000 || code === 1006 ? 'refused' : 'closed';
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export type LineEvents = {
  target: () => Target;
  /** Whether the server answers a plain request. */
  answers: () => Promise<boolean>;
  message: (text: string) => void;
  /** An open connection, or an attempt at one, has ended. */
  closed: (code: number, reason: string) => void;
};

/** A connection that is tried again and again until the server says that it should not, either way. */
export class Line {
  readonly #events: LineEvents;
  readonly #minted: Minted = { sessionId: null };
  #dialled: number[] = [];
  #party: ReconnectingWebSocket | null = null;
  #transport: Transport | null = null;
  #ways: Ways;
  #way: Way;
  /** Whether the server answered a plain request right before the attempt. */
  #answered = false;
  #spoke = false;
  #firstWord: ReturnType<typeof setTimeout> | undefined;

  constructor(events: LineEvents, way: Way) {
    this.#events = events;
    this.#ways = startWith(way);
    this.#way = way;
  }

  /** Of the attempt that is under way or open. */
  get way(): Way {
    return this.#way;
  }

  prefer(way: Way): void {
    this.#ways = startWith(way);
  }

  send(text: string): boolean {
    return this.#party?.send(text) ?? false;
  }

  /**
   * Connects anew, at once. Retries are partysocket's, whichever way they go; a wait of it cannot be cut short from
   * outside, so another one takes its place.
   */
  dial(): void {
    this.hangUp();
    const rushMs = this.#rush();
    const handshakeMs = (): number =>
      this.#ways.failed?.how === 'silent' ? SLOW_HANDSHAKE_MS : HANDSHAKE_MS;
    const party = new ReconnectingWebSocket(
      async () => {
        await pause(rushMs);
        const answered = isSuspicious(this.#ways) && (await this.#events.answers());
        // Another call may have taken its place meanwhile.
        if (party === this.#party) {
          this.#answered = answered;
          this.#way = nextWay(this.#ways, answered);
        }
        return socketUrl(location.origin, this.#events.target());
      },
      () => subprotocols(this.#events.target().sessionId),
      {
        WebSocket: new Proxy(EventTarget, {
          construct: (_, [url, protocols]) => this.#attempt(String(url), protocols),
        }),
        minReconnectionDelay: 400 + Math.random() * 400,
        reconnectionDelayGrowFactor: 1.4 + Math.random() * 0.4,
        maxReconnectionDelay: 10_000,
        get connectionTimeout() {
          return handshakeMs();
        },
        // What is unsent is the outbox's business: a queue here would send things twice.
        maxEnqueuedMessages: 0,
        shouldReconnectOnClose: ({ code }) => !isFinal(code),
      },
    );
    this.#party = party;
    // As properties: what it gives to listeners is a copy, whose code and reason are lost when the close is its own.
    party.onopen = () => this.#opened();
    party.onmessage = ({ data }) => this.#heard(data);
    party.onclose = ({ code, reason }) => this.#closed(code, reason);
  }

  hangUp(): void {
    clearTimeout(this.#firstWord);
    const party = this.#party;
    this.#party = null;
    this.#transport = null;
    this.#spoke = false;
    if (party === null) return;
    party.onopen = party.onmessage = party.onclose = null;
    party.close(1000, 'again');
  }

  /** How long to wait before dialling, ms: not at all, unless it was done too often lately. */
  #rush(): number {
    const now = Date.now();
    this.#dialled = [...this.#dialled.filter((at) => now - at < RUSH_MS), now];
    return Math.max(0, this.#dialled.length - RUSH) * (500 + Math.random() * 500);
  }

  #attempt(url: string, protocols: string[]): Transport {
    this.#spoke = false;
    this.#transport = this.#socket(url, protocols) ?? new HttpTransport(url, protocols, this.#minted);
    return this.#transport;
  }

  /** Null where HTTP is the way, and where the browser, or something in it, lets the page have no WebSocket. */
  #socket(url: string, protocols: string[]): WebSocket | null {
    try {
      if (this.#way === 'socket') return new WebSocket(url, protocols);
    } catch {
      this.#way = 'http';
    }
    return null;
  }

  #opened(): void {
    clearTimeout(this.#firstWord);
    this.#firstWord = setTimeout(() => this.#silent(), FIRST_WORD_MS);
  }

  #heard(data: unknown): void {
    if (typeof data !== 'string') return;
    if (!this.#spoke && data !== PONG) {
      this.#spoke = true;
      clearTimeout(this.#firstWord);
      this.#minted.sessionId = null;
      this.prefer(this.#way);
    }
    this.#events.message(data);
  }

  /** A frozen connection would take its time to close: this says at once that it is none. */
  #silent(): void {
    const transport = this.#transport;
    transport?.dispatchEvent(new CloseEvent('close', { code: CLOSE_SILENT, reason: 'silent' }));
    transport?.close();
  }

  #closed(code: number, reason: string): void {
    clearTimeout(this.#firstWord);
    if (!this.#spoke) this.#ways = failedOn(this.#ways, this.#way, failureOf(code, reason), this.#answered);
    this.#events.closed(code, reason);
  }
}
