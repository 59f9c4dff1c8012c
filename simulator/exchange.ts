import type { IncomingMessage, ServerResponse } from 'node:http';

/** One HTTP request and its answer, with what the upstreams do to them. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly body: string;
  readonly #response: ServerResponse;
  readonly #gone = new AbortController();
  #destroyed = false;

  constructor(request: IncomingMessage, response: ServerResponse, url: URL, body: string) {
    this.request = request;
    this.#response = response;
    this.url = url;
    this.body = body;
    response.once('close', () => this.#gone.abort());
  }

  get method(): string {
    return this.request.method ?? 'GET';
  }

  /** True once the client has gone, or the answer is out. */
  get gone(): boolean {
    return this.#gone.signal.aborted;
  }

  /** The status that was sent, null while none was. */
  get status(): number | null {
    return this.#response.headersSent ? this.#response.statusCode : null;
  }

  /** True when the client went away before the answer was out; a connection that we lost is not that. */
  get abandoned(): boolean {
    return this.gone && !this.#response.writableEnded && !this.#destroyed;
  }

  /** Runs once the connection is done with this exchange, whoever ended it. */
  onClose(run: () => void): void {
    this.#gone.signal.addEventListener('abort', run, { once: true });
  }

  header(name: string): string | null {
    const value = this.request.headers[name];
    return typeof value === 'string' ? value : null;
  }

  /** The bearer token, or the key in `x-api-key`; null without either. */
  get key(): string | null {
    const bearer = /^Bearer\s+(\S+)$/i.exec(this.header('authorization') ?? '')?.[1];
    return bearer ?? this.header('x-api-key');
  }

  /** Goes with whatever is sent later. */
  setHeader(name: string, value: string): void {
    if (!this.#response.headersSent) this.#response.setHeader(name, value);
  }

  send(status: number, contentType: string, body: string): void {
    if (this.gone) return;
    this.#response.writeHead(status, { 'content-type': contentType });
    this.#response.end(body);
  }

  json(status: number, body: unknown): void {
    this.send(status, 'application/json', JSON.stringify(body));
  }

  /** Begins an event stream; the headers leave at once. */
  startStream(): void {
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    });
    this.#response.flushHeaders();
  }

  /** Sends a piece of the stream; waits while the client does not keep up. */
  async write(text: string): Promise<void> {
    if (this.gone || this.#response.write(text)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#response.off('drain', done);
        this.#gone.signal.removeEventListener('abort', done);
        resolve();
      };
      this.#response.once('drain', done);
      this.#gone.signal.addEventListener('abort', done, { once: true });
    });
  }

  end(): void {
    this.#response.end();
  }

  /** Sends an answer that was made for the web's own `fetch`, as it comes. */
  async pipe(response: Response): Promise<void> {
    if (this.gone) return;
    this.#response.writeHead(response.status, Object.fromEntries(response.headers));
    this.#response.flushHeaders();
    const decoder = new TextDecoder();
    const reader = response.body?.getReader();
    for (let piece = await reader?.read(); piece?.value !== undefined; piece = await reader?.read())
      await this.write(decoder.decode(piece.value, { stream: true }));
    this.end();
  }

  /** Loses the connection without a goodbye. */
  destroy(): void {
    this.#destroyed = true;
    this.#response.destroy();
  }

  /** Waits, but no longer than the client does. No wait at all for 0. */
  sleep(ms: number): Promise<void> {
    if (ms <= 0 || this.gone) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#gone.signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#gone.signal.addEventListener('abort', wake, { once: true });
    });
  }

  /** Says nothing more until the client gives up. */
  untilGone(): Promise<void> {
    if (this.gone) return Promise.resolve();
    return new Promise((resolve) =>
      this.#gone.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
  }
}

/** One event of an event stream. */
export function sse(event: string | null, data: unknown): string {
  const payload = typeof data === 'string' ? data : JSON.stringify(data);
  return `${event === null ? '' : `event: ${event}\n`}data: ${payload}\n\n`;
}

export const PAGE = '<!doctype html><title>Sign in</title><h1>Sign in</h1>';
