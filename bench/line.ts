import { WebSocket } from 'ws';
import { clock } from './clock.ts';

export type LineOptions = {
  protocols?: string[];
  origin?: string;
  /**
   * Whether permessage-deflate is offered. Node's own client cannot do without, and unpacking 500 small messages costs
   * it 20 to 75 ms.
   */
  compression?: boolean;
  /** A text that contains this ends every wait with an error. */
  fault?: string;
};

type Received = { at: number; text: string };
type Waiting = { mark: string; resolve: (one: Received) => void; reject: (error: Error) => void };

/** A WebSocket that notes what came and when, and looks into it only when it is asked. */
export class Line {
  readonly received: Received[] = [];
  readonly #socket: WebSocket;
  readonly #fault: string | null;
  #from = 0;
  #waiting: Waiting | null = null;

  private constructor(socket: WebSocket, fault: string | null) {
    this.#socket = socket;
    this.#fault = fault;
    socket.on('message', (data) => this.#take({ at: clock(), text: String(data) }));
    socket.on('close', (code) => this.#waiting?.reject(new Error(`The server has closed with ${code}.`)));
  }

  static open(url: string, options: LineOptions = {}): Promise<Line> {
    const { protocols = [], origin, compression = false, fault = null } = options;
    const socket = new WebSocket(url.replace('http', 'ws'), protocols, {
      origin,
      perMessageDeflate: compression,
    });
    const line = new Line(socket, fault);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(line));
      socket.once('error', reject);
    });
  }

  #take(one: Received): void {
    this.received.push(one);
    const waiting = this.#waiting;
    if (waiting === null) return;
    if (one.text.includes(waiting.mark)) {
      this.#from = this.received.length;
      waiting.resolve(one);
    } else if (this.#fault !== null && one.text.includes(this.#fault)) waiting.reject(new Error(one.text));
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  /** The next text that contains `mark`, after the last one that was waited for. One wait at a time. */
  next(mark: string, timeoutMs = 60_000): Promise<Received> {
    for (; this.#from < this.received.length; this.#from++) {
      const one = this.received[this.#from];
      if (one?.text.includes(mark)) {
        this.#from += 1;
        return Promise.resolve(one);
      }
    }
    return new Promise<Received>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${mark} within ${timeoutMs} ms`)), timeoutMs);
      const settled = () => {
        clearTimeout(timer);
        this.#waiting = null;
      };
      this.#waiting = {
        mark,
        resolve: (one) => {
          settled();
          resolve(one);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
    });
  }

  close(): void {
    this.#socket.close();
  }
}
