import type { Visitor } from '../guard/visitor.ts';
import type { Socket } from './audience.ts';
import { Ticker, type Timers } from './ticker.ts';

/** So often a comment says that the line lives: proxies cut what is silent for long. Milliseconds. */
export const HEARTBEAT_MS = 15_000;

/** What may wait for a slow reader beyond its greeting. UTF-16 units. */
export const MOST_WAITING = 4_194_304;

/** A comment is one line, and a reason is prose. */
const LINE_ENDS = /[\r\n]+/g;

export type HttpStreamDeps = {
  connectionId: string;
  visitor: Visitor;
  /** The frames that it begins with, as JSON texts. */
  greeting: readonly string[];
  openedAt: number;
  timers: Timers;
  /** Called once, when nothing can be sent any more, whoever ended it. */
  onGone: (stream: HttpStream) => void;
};

/**
 * A client's connection where WebSockets are blocked (H9): server-sent events, one a frame. It has no close code, so
 * a comment says the last word before it ends. While it is open its object does not hibernate.
 */
export class HttpStream implements Socket {
  readonly connectionId: string;
  readonly visitor: Visitor;
  readonly openedAt: number;
  readonly body: ReadableStream<Uint8Array>;
  readonly #onGone: (stream: HttpStream) => void;
  readonly #heartbeat: Ticker;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #waiting: string[] = [];
  #waitingChars = 0;

  constructor({ connectionId, visitor, greeting, openedAt, timers, onGone }: HttpStreamDeps) {
    this.connectionId = connectionId;
    this.visitor = visitor;
    this.openedAt = openedAt;
    this.#onGone = onGone;
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        controller.enqueue(encode(greeting.map(event).join('')));
      },
      pull: () => this.#flush(),
      cancel: () => this.#gone(),
    });
    this.#heartbeat = new Ticker(timers, () => {
      this.#write(': ping\n\n');
      if (this.#controller !== null) this.#heartbeat.arm(HEARTBEAT_MS);
    });
    this.#heartbeat.arm(HEARTBEAT_MS);
  }

  send(text: string): void {
    this.#write(event(text));
  }

  close(code: number, reason: string): void {
    const controller = this.#controller;
    if (controller === null) return;
    this.#waiting.push(`: closed ${code} ${reason.replace(LINE_ENDS, ' ')}\n\n`);
    this.#flush();
    this.#gone();
    controller.close();
  }

  #write(text: string): void {
    if (this.#controller === null) return;
    this.#waiting.push(text);
    this.#waitingChars += text.length;
    if ((this.#controller.desiredSize ?? 0) > 0) this.#flush();
    if (this.#waitingChars <= MOST_WAITING) return;
    // It would stay in memory for as long as the reader likes; the client comes back with its cursor.
    this.#waiting = [];
    this.close(1013, 'The reader is too slow.');
  }

  /** All that waits goes out as one piece. */
  #flush(): void {
    if (this.#waiting.length === 0) return;
    const piece = encode(this.#waiting.join(''));
    // Before it is handed over: a reader that waits makes the stream ask for more at once.
    this.#waiting = [];
    this.#waitingChars = 0;
    this.#controller?.enqueue(piece);
  }

  #gone(): void {
    if (this.#controller === null) return;
    this.#controller = null;
    this.#waiting = [];
    this.#heartbeat.clear();
    this.#onGone(this);
  }
}

const encoder = new TextEncoder();
const encode = (text: string) => encoder.encode(text);

/** A frame is one line: JSON keeps line ends inside of strings escaped. */
function event(frame: string): string {
  return `data: ${frame}\n\n`;
}
