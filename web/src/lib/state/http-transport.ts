import * as z from 'zod/mini';
import {
  CLOSE,
  type ErrorCode,
  type ErrorFrame,
  errorCodeSchema,
  PING,
  PONG,
  RETRYABLE,
  SESSION_SUBPROTOCOL_PREFIX,
} from '#lib/wire.ts';
import { readSse } from './sse.ts';
import { READY, type Transport } from './transport.ts';

/** A request that nobody answered by then is given up. */
const PATIENCE_MS = 15_000;

/** A refusal in the words of a close: what a socket would have been closed with. */
class Refusal extends Error {
  readonly code: number;
  constructor(code: number, reason: string) {
    super(reason);
    this.code = code;
  }
}

const errorBody = z.object({ error: z.object({ code: errorCodeSchema, message: z.string() }) });
const sessionBody = z.object({ session_id: z.string() });

type Said = { code: ErrorCode; message: string } | null;

/** What our own server said (H8); null when the answer is somebody else's, a proxy's perhaps. */
async function saidIn(response: Response): Promise<Said> {
  const parsed = z.safeParse(errorBody, await response.json().catch(() => null));
  return parsed.success ? parsed.data.error : null;
}

/** The close code that stands for a refused request (H4 and its counterparts in H9). */
function refusalOf(status: number, said: Said): Refusal {
  const reason = said?.message ?? `The server answered ${status}.`;
  if (said === null) return new Refusal(CLOSE_LATER, reason);
  switch (said.code) {
    case 'unauthorized':
      return new Refusal(CLOSE.signIn, reason);
    case 'origin_refused':
      return new Refusal(CLOSE_ORIGIN, reason);
    case 'not_found':
      return new Refusal(CLOSE.unknownSession, reason);
    case 'rate_limited':
    case 'budget_exhausted':
      return new Refusal(CLOSE.tooMany, reason);
    case 'not_configured':
      return new Refusal(CLOSE.notConfigured, reason);
    default:
      return new Refusal(CLOSE_LATER, reason);
  }
}

/** RFC 6455 7.4.1: the server met a condition that may pass. */
const CLOSE_LATER = 1011;
/** RFC 6455 7.1.5: the connection was lost without a close. */
const CLOSE_LOST = 1006;
/** No socket is ever closed with it: its upgrade is refused, which a page cannot see. */
export const CLOSE_ORIGIN = 4403;

/** The last word of a stream that the server ends (H9): a comment, since a stream has no close code. */
const LAST_WORD = /^closed (\d{4}) ?(.*)$/;

/** A session that was minted and has not spoken yet: the next attempt goes on with it instead of minting another. */
export type Minted = { sessionId: string | null };

/**
 * The frames of a socket over plain HTTP (H9), in the shape of a WebSocket: opened with the same address and the same
 * subprotocols, ended with the same codes. Its server's comments come as `pong`.
 */
export class HttpTransport extends EventTarget implements Transport {
  binaryType: BinaryType = 'blob';
  readyState: number = READY.connecting;
  readonly #request: typeof fetch;
  readonly #minted: Minted;
  readonly #gone = new AbortController();
  #sessionId: string | null;
  /** Frames go one after the other, or they would overtake each other. */
  #sending: Promise<void> = Promise.resolve();

  constructor(
    url: string,
    protocols: readonly string[],
    minted: Minted,
    request: typeof fetch = (input, init) => fetch(input, init),
  ) {
    super();
    this.#request = request;
    this.#minted = minted;
    const offered = protocols.find((one) => one.startsWith(SESSION_SUBPROTOCOL_PREFIX));
    this.#sessionId = offered?.slice(SESSION_SUBPROTOCOL_PREFIX.length) ?? minted.sessionId;
    // Whoever opens it listens first.
    queueMicrotask(() => void this.#listen(new URL(url).search));
  }

  send(text: string): void {
    if (text === PING || this.readyState !== READY.open) return;
    this.#sending = this.#sending.then(() => this.#post(text));
  }

  close(code = 1000, reason = ''): void {
    this.#end(code, reason);
  }

  async #listen(query: string): Promise<void> {
    try {
      this.#sessionId ??= await this.#mint();
      const response = await this.#ask(`/stream${query}`, { headers: { accept: 'text/event-stream' } });
      if (!response.ok || response.body === null) throw refusalOf(response.status, await saidIn(response));
      this.readyState = READY.open;
      this.dispatchEvent(new Event('open'));
      for await (const { kind, text } of readSse(response.body)) {
        if (this.#gone.signal.aborted) return;
        const [, code, reason] = (kind === 'comment' && LAST_WORD.exec(text)) || [];
        if (code) throw new Refusal(Number(code), reason ?? '');
        this.#say(kind === 'data' ? text : PONG);
      }
      this.#end(CLOSE_LOST, '');
    } catch (error) {
      this.#failed(error);
    }
  }

  async #mint(): Promise<string> {
    const response = await this.#ask('/sessions', { method: 'POST', signal: this.#soon() });
    if (!response.ok) {
      const refusal = refusalOf(response.status, await saidIn(response));
      // There was no session to be unknown.
      throw refusal.code === CLOSE.unknownSession ? new Refusal(CLOSE_LATER, refusal.message) : refusal;
    }
    const { session_id } = z.parse(sessionBody, await response.json());
    this.#minted.sessionId = session_id;
    return session_id;
  }

  async #post(text: string): Promise<void> {
    if (this.#gone.signal.aborted) return;
    try {
      const response = await this.#ask('/frames', {
        method: 'POST',
        body: text,
        headers: { 'content-type': 'application/json' },
        signal: this.#soon(),
      });
      if (response.ok) return;
      const said = await saidIn(response);
      const { status } = response;
      // What concerns this frame alone; a socket would have been told in a frame too.
      if (said && (status === 400 || status === 413 || status === 429)) {
        this.#say(JSON.stringify(errorFrame(said, text, response.headers.get('retry-after'))));
      } else throw refusalOf(status, said);
    } catch (error) {
      // Nobody knows what became of the frame: the next connection's outbox finds out.
      this.#failed(error);
    }
  }

  #ask(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#sessionId !== null) headers.set('authorization', `Bearer ${this.#sessionId}`);
    return this.#request(path, { cache: 'no-store', signal: this.#gone.signal, ...init, headers });
  }

  #soon(): AbortSignal {
    return AbortSignal.any([this.#gone.signal, AbortSignal.timeout(PATIENCE_MS)]);
  }

  #say(data: string): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  #failed(error: unknown): void {
    if (error instanceof Refusal) this.#end(error.code, error.message);
    else this.#end(CLOSE_LOST, '');
  }

  #end(code: number, reason: string): void {
    if (this.readyState === READY.closed) return;
    this.readyState = READY.closed;
    this.#gone.abort();
    if (code === CLOSE.unknownSession) this.#minted.sessionId = null;
    this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean: code !== CLOSE_LOST }));
  }
}

function clientIdOf(text: string): string | undefined {
  const parsed = z.safeParse(z.object({ client_id: z.string() }), JSON.parse(text));
  return parsed.success ? parsed.data.client_id : undefined;
}

function errorFrame(said: NonNullable<Said>, sent: string, retryAfter: string | null): ErrorFrame {
  const client_id = clientIdOf(sent);
  const seconds = Number(retryAfter ?? '');
  return {
    type: 'error',
    code: said.code,
    message: said.message,
    retryable: RETRYABLE[said.code],
    ...(client_id === undefined ? {} : { client_id }),
    ...(seconds > 0 ? { retry_after_ms: seconds * 1_000 } : {}),
  };
}
