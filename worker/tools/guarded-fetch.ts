import { ToolFault } from './fault.ts';

/** Most bytes of one answer that are read: a page of a hundred whole objects, twice (as text and as data), fits. */
export const MOST_BYTES = 2_097_152;

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Who wants to know of an answer; each is told of the request. */
export type Watch = {
  /** Its answer was cut. */
  onTooLarge: (init: RequestInit | undefined) => void;
  /** It is answered by a stream of events. */
  onStream: (init: RequestInit | undefined) => void;
};

/** Headers of an answer that the client looks at. Not its encoding: the body is decoded already. */
const HEADERS = ['content-type', 'mcp-session-id'];

function bounded(body: ReadableStream<Uint8Array>, most: number, onTooLarge: () => void): ReadableStream {
  let read = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        read += chunk.byteLength;
        if (read <= most) return controller.enqueue(chunk);
        onTooLarge();
        controller.error(new ToolFault('too_large'));
      },
    }),
  );
}

/**
 * The `fetch` of one server of tools. Only its one address is ever called: not what a redirect, an authorisation
 * challenge or an event of the server names. A body is read up to `most` bytes.
 *
 * A stream that only waits for news (a GET that resumes nothing) is answered here as "not offered": it would keep a
 * Durable Object awake, and billed, for as long as a page is open.
 */
export function guardedFetch(address: string, fetcher: Fetch, watch: Watch, most = MOST_BYTES): Fetch {
  const own = new URL(address).href;
  return async (input, init) => {
    const asked = input instanceof Request ? input.url : String(input);
    if (asked !== own) throw new ToolFault('elsewhere');
    const isGet = (init?.method ?? 'GET') === 'GET';
    if (isGet && !new Headers(init?.headers).has('last-event-id')) return new Response(null, { status: 405 });
    const response = await fetcher(own, { ...init, redirect: 'manual' });
    const { status, body } = response;
    // A browser and Node's older `fetch` hide the status of a redirect that is not followed.
    if ((status >= 300 && status < 400) || status === 0) {
      await body?.cancel();
      throw new ToolFault('elsewhere', status === 0 ? {} : { status });
    }
    if (Number(response.headers.get('content-length') ?? 0) > most) {
      await body?.cancel();
      throw new ToolFault('too_large');
    }
    const headers = new Headers();
    for (const name of HEADERS) {
      const value = response.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    if (response.ok && headers.get('content-type')?.startsWith('text/event-stream')) watch.onStream(init);
    const isEmpty = body === null || status === 204 || status === 205;
    return new Response(isEmpty ? null : bounded(body, most, () => watch.onTooLarge(init)), {
      status,
      headers,
    });
  };
}
