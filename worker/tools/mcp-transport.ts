import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type RequestId,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import type { ToolServerConfig } from '../config-tools.ts';
import { LOST } from './client-faults.ts';
import { type Fetch, guardedFetch } from './guarded-fetch.ts';

/** A notification has no answer; one that nobody takes must not hold anything up. Milliseconds. */
const NOTIFICATION_MS = 5_000;

function idOf(init: RequestInit | undefined): RequestId | null {
  if (typeof init?.body !== 'string') return null;
  try {
    const message = JSON.parse(init.body) as JSONRPCMessage;
    return isJSONRPCRequest(message) ? message.id : null;
  } catch {
    return null;
  }
}

/** The call that a message cancels, or null. */
function cancelledBy(message: JSONRPCMessage | JSONRPCMessage[]): RequestId | null {
  if (Array.isArray(message) || !isJSONRPCNotification(message)) return null;
  if (message.method !== 'notifications/cancelled') return null;
  const id: unknown = message.params?.requestId;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

/**
 * The official transport over a guarded `fetch`, with two things mended that would leave a call waiting until its time
 * is up: an answer that ends without one, and the stream of a call that was cancelled.
 */
export function createTransport(server: ToolServerConfig, fetcher: Fetch): StreamableHTTPClientTransport {
  const open = new Map<RequestId, AbortController>();
  const streams = new Set<RequestId>();

  /** Answers a request that will get no answer; one that has its answer passes over it. */
  function lose(id: RequestId | null, how: keyof typeof LOST): void {
    if (id === null || !open.has(id)) return;
    const controller = open.get(id);
    open.delete(id);
    transport.onmessage?.({ jsonrpc: '2.0', id, error: { code: LOST[how], message: how } });
    controller?.abort();
  }

  const transport = new StreamableHTTPClientTransport(new URL(server.url), {
    fetch: guardedFetch(server.url, fetcher, {
      onTooLarge: (init) => lose(idOf(init), 'too_large'),
      onStream: (init) => {
        const id = idOf(init);
        if (id !== null) streams.add(id);
      },
    }),
    requestInit: {
      headers: {
        ...server.headers,
        ...(server.token === '' ? {} : { Authorization: `Bearer ${server.token}` }),
      },
    },
    onInsufficientScope: 'throw',
    reconnectionOptions: {
      initialReconnectionDelay: 500,
      maxReconnectionDelay: 5_000,
      reconnectionDelayGrowFactor: 2,
      maxRetries: 2,
    },
  });

  const send = transport.send.bind(transport);
  transport.send = async (message, options) => {
    if (Array.isArray(message) || !isJSONRPCRequest(message)) {
      const cancelled = cancelledBy(message);
      if (cancelled !== null) {
        open.get(cancelled)?.abort();
        open.delete(cancelled);
      }
      return send(message, { ...options, requestSignal: AbortSignal.timeout(NOTIFICATION_MS) });
    }
    const { id } = message;
    const controller = new AbortController();
    open.set(id, controller);
    const given = options?.requestSignal;
    await send(message, {
      ...options,
      requestSignal: given === undefined ? controller.signal : AbortSignal.any([given, controller.signal]),
      onRequestStreamEnd: () => lose(id, 'died'),
    });
    // What is no stream has been read to its end here; if its answer was in it, nobody waits for another one.
    if (!streams.delete(id)) lose(id, 'garbage');
  };
  return transport;
}
