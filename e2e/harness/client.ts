import { randomUUID } from 'node:crypto';
import {
  type ClientFrame,
  SESSION_SUBPROTOCOL_PREFIX,
  type SessionFrame,
  SUBPROTOCOL,
} from '../../shared/index.ts';
import { type Answer, Inbox } from './inbox.ts';

export type { Answer };

export type ConnectOptions = {
  /** To come back to a session. */
  session?: string;
  conversation?: string;
  after?: number;
  /** Null sends none. */
  origin?: string | null;
  protocols?: string[];
  /** Beside the Origin: a cookie, a network address. */
  headers?: Record<string, string>;
};

/** A client of the wire of CONTRACT 3 that shares nothing with the page but the schemas. */
export class Client extends Inbox {
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly opened: Promise<void>;
  #socket: WebSocket;

  constructor(url: string, options: ConnectOptions = {}) {
    super();
    const address = new URL('/ws', url.replace(/^http/, 'ws'));
    if (options.conversation !== undefined) address.searchParams.set('conversation', options.conversation);
    if (options.after !== undefined) address.searchParams.set('after', String(options.after));
    const session = options.session === undefined ? [] : [`${SESSION_SUBPROTOCOL_PREFIX}${options.session}`];
    const protocols = options.protocols ?? [SUBPROTOCOL, ...session];
    const headers: Record<string, string> = { ...options.headers };
    if (options.origin !== null) headers.Origin = options.origin ?? url;
    this.#socket = new WebSocket(address.href, { protocols, headers });
    this.opened = new Promise((resolve, reject) => {
      this.#socket.addEventListener('open', () => resolve());
      this.#socket.addEventListener('error', () => reject(new Error('The socket was refused.')));
    });
    this.opened.catch(() => {});
    this.closed = new Promise((resolve) => {
      this.#socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }));
    });
    this.#socket.addEventListener('message', ({ data }) => this.take(String(data)));
  }

  /** Opens a socket and reads its first frame. */
  static async connect(
    url: string,
    options: ConnectOptions = {},
  ): Promise<{ client: Client; session: SessionFrame }> {
    const client = new Client(url, options);
    await client.opened;
    return { client, session: await client.next('session') };
  }

  send(frame: ClientFrame | Record<string, unknown>): void {
    this.#socket.send(JSON.stringify(frame));
  }

  sendRaw(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data);
  }

  close(): void {
    this.#socket.close();
  }

  /** Sends a message and waits for the end of its answer. */
  async ask(message: string, more: { trim?: boolean; client_id?: string } = {}): Promise<Answer> {
    const client_id = more.client_id ?? randomUUID();
    this.send({ type: 'chat', message, ...more, client_id });
    const accepted = await this.next('message_accepted', (frame) => frame.client_id === client_id);
    return this.answerTo(accepted);
  }
}
