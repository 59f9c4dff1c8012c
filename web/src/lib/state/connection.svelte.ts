import { type ClientFrame, PING, readServerFrame, type ServerFrame } from '#lib/wire.ts';
import { isFinal, Line } from './line.ts';
import { HTTP_RHYTHM, Pulse, SOCKET_RHYTHM } from './pulse.ts';
import { SocketTrial } from './socket-trial.ts';
import { socketUrl, subprotocols, type Target } from './transport.ts';
import type { Way } from './way.ts';

export type { Target } from './transport.ts';

/** A hidden page hangs up an idle stream after so long: while it is open, the session cannot sleep. */
const REST_AFTER_MS = 60_000;

export type LinkState =
  | { kind: 'connecting' }
  | { kind: 'open'; way: Way }
  /** The connection was lost and is tried again. */
  | { kind: 'waiting' }
  | { kind: 'ended'; code: number; reason: string };

export type ConnectionEvents = {
  target: () => Target;
  incoming: (frame: ServerFrame) => void;
  /** An open connection is gone, or none will come; `final` when it will not come back by itself. */
  closed: (code: number, reason: string, final: boolean) => void;
  /** Whether the server answers a plain request. */
  answers: () => Promise<boolean>;
  /** Whether an answer is being written. */
  running: () => boolean;
};

/** What the browser tab remembers of the way, through a reload. */
export type WayMemory = { way: Way; keepWay: (way: Way) => void };

/**
 * The page's connection to its session: over a WebSocket, or over HTTP where no WebSocket gets through. One that died
 * without a word is noticed and replaced; what the person does (comes back, goes online) is answered at once.
 */
export class Connection {
  #state = $state.raw<LinkState>({ kind: 'connecting' });
  readonly #events: ConnectionEvents;
  readonly #memory: WayMemory;
  readonly #line: Line;
  readonly #pulse: Pulse;
  readonly #trial: SocketTrial;
  readonly #listening = new AbortController();
  #isBegun = false;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(events: ConnectionEvents, memory: WayMemory) {
    this.#events = events;
    this.#memory = memory;
    this.#line = new Line(
      {
        target: events.target,
        answers: events.answers,
        message: (text) => this.#receive(text),
        closed: (code, reason) => this.#closed(code, reason),
      },
      memory.way,
    );
    this.#trial = new SocketTrial(
      memory.way === 'http',
      () => {
        const { sessionId } = events.target();
        const target = { sessionId, conversationId: null, after: 0 };
        return { url: socketUrl(location.origin, target), protocols: subprotocols(sessionId) };
      },
      () => {
        this.#line.prefer('socket');
        this.reconnect();
      },
    );
    this.#pulse = new Pulse({
      now: () => Date.now(),
      inView: () => document.visibilityState === 'visible',
      ask: () => this.#line.send(PING),
      dead: () => this.reconnect(),
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Begins, once; from then on it minds the network and the person. */
  open(): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    const { signal } = this.#listening;
    addEventListener('online', () => this.#networkChanged(), { signal });
    addEventListener('pageshow', (event) => event.persisted && this.reconnect(), { signal });
    document.addEventListener('visibilitychange', () => this.#seen(), { signal });
    this.#line.dial();
  }

  /** Connects anew at once, with a fresh target; nothing where it has not begun. */
  reconnect(): void {
    if (!this.#isBegun) return;
    const wasOpen = this.#state.kind === 'open';
    if (this.#state.kind === 'ended') this.#state = { kind: 'connecting' };
    else if (wasOpen) this.#state = { kind: 'waiting' };
    this.#quiet();
    this.#line.dial();
    if (wasOpen) this.#events.closed(1000, 'again', false);
  }

  /** Sends a frame; false when there is no open connection. */
  send(frame: ClientFrame): boolean {
    return this.#state.kind === 'open' && this.#line.send(JSON.stringify(frame));
  }

  close(): void {
    this.#listening.abort();
    clearTimeout(this.#rest);
    this.#quiet();
    this.#line.hangUp();
  }

  #receive(text: string): void {
    this.#pulse.heard();
    const frame = readServerFrame(text);
    if (!frame) return;
    // The line counts as open when the session has spoken: only then is it known what is true.
    if (frame.type === 'session') this.#opened();
    this.#events.incoming(frame);
  }

  #opened(): void {
    const { way } = this.#line;
    this.#state = { kind: 'open', way };
    this.#memory.keepWay(way);
    this.#pulse.start(way === 'http' ? HTTP_RHYTHM : SOCKET_RHYTHM);
    if (way === 'http') this.#trial.expect();
    this.#expectRest();
  }

  #closed(code: number, reason: string): void {
    this.#quiet();
    const final = isFinal(code);
    const wasOpen = this.#state.kind === 'open';
    if (final) this.#state = { kind: 'ended', code, reason };
    else if (this.#state.kind !== 'waiting') this.#state = { kind: 'waiting' };
    if (wasOpen || final) this.#events.closed(code, reason, final);
  }

  #quiet(): void {
    this.#pulse.stop();
    this.#trial.stop();
  }

  /** Another network, maybe: what was open is dead or will be, and what was blocked may be free. */
  #networkChanged(): void {
    if (this.#state.kind === 'ended') return;
    this.#trial.hasten();
    this.reconnect();
  }

  #seen(): void {
    this.#expectRest();
    if (document.visibilityState !== 'visible') return;
    if (this.#state.kind === 'waiting') this.reconnect();
    else if (this.#state.kind === 'open') this.#pulse.check();
  }

  #expectRest(): void {
    clearTimeout(this.#rest);
    if (document.visibilityState === 'visible') return;
    this.#rest = setTimeout(() => this.#goToRest(), REST_AFTER_MS);
  }

  #goToRest(): void {
    if (this.#state.kind !== 'open' || this.#state.way !== 'http') return;
    if (this.#events.running()) {
      this.#expectRest();
      return;
    }
    this.#quiet();
    this.#line.hangUp();
    this.#state = { kind: 'waiting' };
    this.#events.closed(1000, 'rest', false);
  }
}
