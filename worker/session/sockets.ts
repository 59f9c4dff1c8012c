import * as z from 'zod/mini';
import { CLOSE } from '../../shared/index.ts';
import { sessionVisitor, visitorSchema } from '../guard/visitor.ts';
import type { Socket } from './audience.ts';
import type { HttpStream } from './http-stream.ts';

/** Sockets and streams of one session together; every one of them costs memory and a send for each frame. */
export const MOST_CONNECTIONS = 32;

/** What survives hibernation with a socket; at most 16,384 bytes. */
const attachmentSchema = z.object({
  connectionId: z.catch(z.string(), 'unknown'),
  /** Milliseconds since 1970; earlier versions did not keep it. */
  openedAt: z.catch(z.number(), 0),
  /** Null: an earlier version kept none. */
  visitor: z.catch(z.nullable(visitorSchema), null),
});
type Attachment = z.infer<typeof attachmentSchema>;

function attachmentOf(socket: WebSocket): Attachment {
  const read = z.safeParse(attachmentSchema, socket.deserializeAttachment());
  return read.success ? read.data : { connectionId: 'unknown', openedAt: 0, visitor: null };
}

/**
 * The open connections of one object: its sockets, which the platform keeps through hibernation, and the streams of
 * clients that cannot open one (H9), which keep it from hibernating.
 */
export class Sockets {
  readonly #ctx: DurableObjectState;
  readonly #streams = new Set<HttpStream>();
  #open: Socket[] | null = null;
  readonly #known = new WeakMap<WebSocket, Socket>();

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  /** Takes over a socket; from now on it hears everything. */
  accept(socket: WebSocket, attachment: Attachment): void {
    this.#ctx.acceptWebSocket(socket);
    socket.serializeAttachment(attachment);
    this.#open = null;
  }

  /** The same for a stream, until it is taken off by {@link leave}. */
  join(stream: HttpStream): void {
    this.#streams.add(stream);
    this.#open = null;
  }

  leave(stream: HttpStream): void {
    this.#streams.delete(stream);
    this.#open = null;
  }

  /**
   * Whatever streams there are at that moment, as one: where the replies go to a frame that came by a request of its
   * own.
   * @param from who sent that request, and its id
   */
  streams(from: Pick<Socket, 'connectionId' | 'visitor'>): Socket {
    return {
      ...from,
      send: (text) => {
        for (const stream of this.#streams) stream.send(text);
      },
      close: (code, reason) => {
        for (const stream of this.#streams) stream.close(code, reason);
      },
    };
  }

  /**
   * Closes those that were silent for the longest until there is room for one more. The newcomer stays: a line that
   * was lost on the way is open here until the network notices, and its page is the one that comes anew.
   */
  makeRoom(): void {
    const lines = [
      ...this.#openSockets().map((socket) => ({ line: this.of(socket), seenAt: this.#seenAt(socket) })),
      ...[...this.#streams].map((stream) => ({ line: stream, seenAt: stream.openedAt })),
    ];
    const tooMany = Math.max(0, lines.length - MOST_CONNECTIONS + 1);
    const silent = lines.sort((a, b) => a.seenAt - b.seenAt).slice(0, tooMany);
    for (const { line } of silent) line.close(CLOSE.tooMany, 'This chat is open in too many places.');
    this.#open = null;
  }

  #seenAt(socket: WebSocket): number {
    const pinged = this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
    return Math.max(attachmentOf(socket).openedAt, pinged);
  }

  #openSockets(): WebSocket[] {
    // One that is closing is still among them, and hears nothing any more.
    return this.#ctx.getWebSockets().filter((socket) => socket.readyState === WebSocket.OPEN);
  }

  of(socket: WebSocket): Socket {
    const known = this.#known.get(socket);
    if (known !== undefined) return known;
    const { connectionId, visitor } = attachmentOf(socket);
    const wrapped: Socket = {
      connectionId,
      visitor: visitor ?? sessionVisitor(this.#ctx.id.toString()),
      send: (text) => socket.send(text),
      close: (code, reason) => socket.close(code, reason),
    };
    this.#known.set(socket, wrapped);
    return wrapped;
  }

  all(): readonly Socket[] {
    this.#open ??= [...this.#openSockets().map((socket) => this.of(socket)), ...this.#streams];
    return this.#open;
  }

  /** One has closed: asked anew at the next send. */
  changed(): void {
    this.#open = null;
  }
}
