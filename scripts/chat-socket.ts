import { type ClientFrame, readServerFrame, type ServerFrame, SUBPROTOCOL } from '../shared/index.ts';

/** How a socket ended; `opened` is false where the upgrade itself was refused. */
export type Closed = { type: 'closed'; code: number; reason: string; opened: boolean };

/** One socket of the wire of CONTRACT 3, as far as a walk needs it. */
export interface ChatSocket {
  send(frame: ClientFrame): void;
  /** The next frame that this version knows, in the order of arrival, or the end. Rejects when `signal` aborts. */
  next(signal: AbortSignal): Promise<ServerFrame | Closed>;
  close(): void;
}

/**
 * Opens a new session at a deployment, as its own page would.
 * @param more headers of who is signed in
 */
export function openChatSocket(url: URL, more: Record<string, string> = {}): ChatSocket {
  const address = new URL('/ws', url);
  address.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  // Node's own WebSocket sends the headers that it is given; a browser would set Origin by itself.
  const socket = new WebSocket(address, {
    protocols: [SUBPROTOCOL],
    headers: { ...more, Origin: url.origin },
  });
  const arrived: (ServerFrame | Closed)[] = [];
  let wake: () => void = () => {};
  let opened = false;
  const arrive = (what: ServerFrame | Closed) => {
    arrived.push(what);
    wake();
  };
  socket.addEventListener('open', () => {
    opened = true;
  });
  socket.addEventListener('message', ({ data }) => {
    const frame = readServerFrame(String(data));
    if (frame !== null) arrive(frame);
  });
  socket.addEventListener('close', ({ code, reason }) => arrive({ type: 'closed', code, reason, opened }));

  return {
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
    },
    async next(signal) {
      for (;;) {
        signal.throwIfAborted();
        const first = arrived.shift();
        if (first !== undefined) return first;
        await new Promise<void>((resolve) => {
          wake = () => {
            signal.removeEventListener('abort', wake);
            resolve();
          };
          signal.addEventListener('abort', wake);
        });
      }
    },
    close: () => socket.close(),
  };
}
