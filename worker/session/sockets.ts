import type { Socket } from './audience.ts';

/** What survives hibernation with a socket; at most 16,384 bytes. */
type Attachment = { connectionId: string };

function attachmentOf(socket: WebSocket): Attachment {
  const value: unknown = socket.deserializeAttachment();
  const known =
    typeof value === 'object' && value !== null && 'connectionId' in value ? value.connectionId : null;
  return { connectionId: typeof known === 'string' ? known : 'unknown' };
}

/** The open sockets of one object. The platform keeps them through hibernation; this only remembers the list. */
export class Sockets {
  readonly #ctx: DurableObjectState;
  #open: Socket[] | null = null;
  readonly #known = new WeakMap<WebSocket, Socket>();

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  /** Takes over a socket; from now on it hears everything. */
  accept(socket: WebSocket, connectionId: string): void {
    this.#ctx.acceptWebSocket(socket);
    socket.serializeAttachment({ connectionId } satisfies Attachment);
    this.#open = null;
  }

  of(socket: WebSocket): Socket {
    const known = this.#known.get(socket);
    if (known !== undefined) return known;
    const { connectionId } = attachmentOf(socket);
    const wrapped: Socket = {
      connectionId,
      send: (text) => socket.send(text),
      close: (code, reason) => socket.close(code, reason),
    };
    this.#known.set(socket, wrapped);
    return wrapped;
  }

  all(): readonly Socket[] {
    this.#open ??= this.#ctx.getWebSockets().map((socket) => this.of(socket));
    return this.#open;
  }

  /** One has closed: asked anew at the next send. */
  changed(): void {
    this.#open = null;
  }
}
