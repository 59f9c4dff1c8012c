import ReconnectingWebSocket from 'partysocket/ws';
import {
  CLOSE,
  type ClientFrame,
  PING,
  readServerFrame,
  SESSION_SUBPROTOCOL_PREFIX,
  type ServerFrame,
  SUBPROTOCOL,
} from '#lib/wire.ts';

/** Proxies drop a silent socket at about 100 s; the platform answers pings without waking the session. */
const PING_EVERY_MS = 25_000;
/** A socket that does not answer a ping in this time is dead, whatever its state says. */
const PONG_WITHIN_MS = 10_000;

/** Where to connect: asked anew at every attempt, because cursor and session change. */
export type Target = { sessionId: string | null; conversationId: string | null; after: number };

export type LinkState =
  | { kind: 'connecting' }
  | { kind: 'open' }
  /** The connection was lost and is tried again. */
  | { kind: 'waiting' }
  | { kind: 'ended'; code: number; reason: string };

export type ConnectionEvents = {
  target: () => Target;
  incoming: (frame: ServerFrame) => void;
  /** The socket is gone; `final` when it will not come back by itself. */
  closed: (code: number, reason: string, final: boolean) => void;
};

const FINAL: readonly number[] = [CLOSE.signIn, CLOSE.unknownSession, CLOSE.tooMany, CLOSE.notConfigured];

/** The address of the socket for a cursor (R2). */
export function socketUrl(origin: string, target: Target): string {
  const url = new URL('/ws', origin);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  if (target.sessionId && target.conversationId) {
    url.searchParams.set('conversation', target.conversationId);
    url.searchParams.set('after', String(target.after));
  }
  return url.href;
}

/** The session id travels as a subprotocol: a query string would end up in logs. */
export function subprotocols(sessionId: string | null): string[] {
  return sessionId ? [SUBPROTOCOL, SESSION_SUBPROTOCOL_PREFIX + sessionId] : [SUBPROTOCOL];
}

/** One socket that comes back by itself, until the server says that it should not. */
export class Connection {
  #state = $state.raw<LinkState>({ kind: 'connecting' });
  readonly #events: ConnectionEvents;
  #socket: ReconnectingWebSocket | null = null;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #pongTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(events: ConnectionEvents) {
    this.#events = events;
  }

  get state(): LinkState {
    return this.#state;
  }

  open(): void {
    const socket = new ReconnectingWebSocket(
      () => socketUrl(location.origin, this.#events.target()),
      () => subprotocols(this.#events.target().sessionId),
      {
        minReconnectionDelay: 400 + Math.random() * 400,
        maxReconnectionDelay: 10_000,
        connectionTimeout: 10_000,
        // What is unsent is the outbox's business: a queue here would send things twice.
        maxEnqueuedMessages: 0,
        shouldReconnectOnClose: (event) => !FINAL.includes(event.code),
      },
    );
    socket.addEventListener('open', () => this.#startPings());
    socket.addEventListener('message', (event) => this.#receive(event.data));
    socket.addEventListener('close', (event) => this.#closed(event.code, event.reason));
    addEventListener('online', this.#wake);
    document.addEventListener('visibilitychange', this.#wake);
    this.#socket = socket;
  }

  /** Connects anew at once, with a fresh target. */
  reconnect(): void {
    this.#stopPings();
    if (this.#state.kind === 'ended') this.#state = { kind: 'connecting' };
    this.#socket?.reconnect(1000, 'again');
  }

  /** Sends a frame; false when there is no open connection. */
  send(frame: ClientFrame): boolean {
    return this.#state.kind === 'open' && (this.#socket?.send(JSON.stringify(frame)) ?? false);
  }

  close(): void {
    this.#stopPings();
    removeEventListener('online', this.#wake);
    document.removeEventListener('visibilitychange', this.#wake);
    this.#socket?.close(1000, 'bye');
  }

  #receive(data: unknown): void {
    clearTimeout(this.#pongTimer);
    this.#pongTimer = undefined;
    if (typeof data !== 'string') return;
    const frame = readServerFrame(data);
    if (!frame) return;
    // The line counts as open when the session has spoken: only then is it known what is true.
    if (frame.type === 'session') this.#state = { kind: 'open' };
    this.#events.incoming(frame);
  }

  #closed(code: number, reason: string): void {
    this.#stopPings();
    const final = FINAL.includes(code);
    if (final) this.#state = { kind: 'ended', code, reason };
    else if (this.#state.kind !== 'waiting') this.#state = { kind: 'waiting' };
    this.#events.closed(code, reason, final);
  }

  /** Back online or back in view: no need to wait for the next attempt, and a sleeping socket may be dead. */
  readonly #wake = (): void => {
    if (document.visibilityState !== 'visible') return;
    if (this.#state.kind === 'waiting') this.reconnect();
    else if (this.#state.kind === 'open') this.#ping();
  };

  #startPings(): void {
    this.#stopPings();
    this.#pingTimer = setInterval(() => this.#ping(), PING_EVERY_MS);
  }

  #ping(): void {
    if (this.#pongTimer !== undefined || !this.#socket?.send(PING)) return;
    this.#pongTimer = setTimeout(() => this.reconnect(), PONG_WITHIN_MS);
  }

  #stopPings(): void {
    clearInterval(this.#pingTimer);
    clearTimeout(this.#pongTimer);
    this.#pongTimer = undefined;
  }
}
