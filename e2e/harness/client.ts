import { randomUUID } from 'node:crypto';
import {
  type ClientFrame,
  type ErrorFrame,
  type FallbackFrame,
  type MessageAcceptedFrame,
  type MessageEndFrame,
  type MessageStartFrame,
  SESSION_SUBPROTOCOL_PREFIX,
  type ServerFrame,
  type SessionFrame,
  SUBPROTOCOL,
  serverFrameSchema,
} from '../../shared/index.ts';

type FrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>;

export type Answer = {
  accepted: MessageAcceptedFrame;
  start: MessageStartFrame | null;
  text: string;
  thinking: string;
  fallback: FallbackFrame | null;
  error: ErrorFrame | null;
  end: MessageEndFrame;
};

export type ConnectOptions = {
  /** To come back to a session. */
  session?: string;
  conversation?: string;
  after?: number;
  /** Null sends none. */
  origin?: string | null;
  protocols?: string[];
};

/** How long a frame may take before a test says which ones came instead. */
const PATIENCE_MS = 15_000;

/** A client of the wire of CONTRACT 3 that shares nothing with the page but the schemas. */
export class Client {
  /** Every text frame as it came. */
  readonly raw: string[] = [];
  readonly frames: ServerFrame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly opened: Promise<void>;
  #socket: WebSocket;
  #cursor = 0;
  #arrived = new Set<() => void>();

  constructor(url: string, options: ConnectOptions = {}) {
    const address = new URL('/ws', url.replace(/^http/, 'ws'));
    if (options.conversation !== undefined) address.searchParams.set('conversation', options.conversation);
    if (options.after !== undefined) address.searchParams.set('after', String(options.after));
    const session = options.session === undefined ? [] : [`${SESSION_SUBPROTOCOL_PREFIX}${options.session}`];
    const protocols = options.protocols ?? [SUBPROTOCOL, ...session];
    const headers: Record<string, string> = {};
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
    this.#socket.addEventListener('message', ({ data }) => this.#take(String(data)));
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

  #take(text: string): void {
    this.raw.push(text);
    if (text !== 'pong') this.frames.push(serverFrameSchema.parse(JSON.parse(text)));
    for (const look of this.#arrived) look();
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

  /** Resolves when `test` gives something for what has come so far. */
  when<T>(what: string, test: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = () => {
        this.#arrived.delete(look);
        clearTimeout(timer);
      };
      const look = () => {
        const found = test();
        if (found === undefined) return;
        done();
        resolve(found);
      };
      const timer = setTimeout(() => {
        done();
        const tail = this.raw.slice(-8).map((text) => text.slice(0, 300));
        reject(new Error(`${what} did not come. The last frames:\n${tail.join('\n')}`));
      }, PATIENCE_MS);
      this.#arrived.add(look);
      look();
    });
  }

  /** The next frame of this type (and matching), counted from the last one that `next` gave; passes over others. */
  next<T extends ServerFrame['type']>(
    type: T,
    matches: (frame: FrameOf<T>) => boolean = () => true,
  ): Promise<FrameOf<T>> {
    return this.when(`A frame "${type}"`, () => {
      for (let index = this.#cursor; index < this.frames.length; index += 1) {
        const frame = this.frames[index];
        if (frame && isOfType(frame, type) && matches(frame)) {
          this.#cursor = index + 1;
          return frame;
        }
      }
      return undefined;
    });
  }

  /** Sends a message and waits for the end of its answer. */
  async ask(message: string, more: { trim?: boolean; client_id?: string } = {}): Promise<Answer> {
    const client_id = more.client_id ?? randomUUID();
    this.send({ type: 'chat', message, ...more, client_id });
    const accepted = await this.next('message_accepted', (frame) => frame.client_id === client_id);
    return this.answerTo(accepted);
  }

  /** Waits for the end of the answer to an accepted message. */
  async answerTo(accepted: MessageAcceptedFrame): Promise<Answer> {
    const end = await this.next('message_end', (frame) => frame.message_id === accepted.reply_id);
    const of = this.frames.filter((frame) => 'message_id' in frame && frame.message_id === accepted.reply_id);
    const joined = (type: 'text_delta' | 'thinking_delta') =>
      of.flatMap((frame) => (frame.type === type ? [frame.text] : [])).join('');
    return {
      accepted,
      start: of.findLast((frame) => frame.type === 'message_start') ?? null,
      text: joined('text_delta'),
      thinking: joined('thinking_delta'),
      fallback: of.find((frame) => frame.type === 'fallback') ?? null,
      error: of.find((frame) => frame.type === 'error') ?? null,
      end,
    };
  }

  /** `seq` of all frames that have one, in order of arrival. */
  get seqs(): number[] {
    return this.frames.flatMap((frame) => ('seq' in frame && frame.seq !== undefined ? [frame.seq] : []));
  }
}

function isOfType<T extends ServerFrame['type']>(frame: ServerFrame, type: T): frame is FrameOf<T> {
  return frame.type === type;
}
