import { SESSION_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '#lib/wire.ts';

/** What the page needs of a connection; a `WebSocket` is one as it is. Events: open, message, close. */
export interface Transport extends EventTarget {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** `WebSocket.CONNECTING` and so on, also where a browser has no WebSocket. */
export const READY = { connecting: 0, open: 1, closed: 3 } as const;

/** Where to connect: asked anew at every attempt, because cursor and session change. */
export type Target = { sessionId: string | null; conversationId: string | null; after: number };

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
