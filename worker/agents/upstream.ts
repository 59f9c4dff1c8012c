import { AgentError } from './agent.ts';
import { htmlSentence, redirectSentence, type Side } from './errors.ts';
import type { Watchdog } from './watchdog.ts';

/** What an SDK calls as its `fetch`; narrower than the global one, which has overloads that no SDK uses. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * The `fetch` that an SDK is given for one request. It feeds the watchdog with every chunk of the body
 * (the SDKs swallow pings, and their timeouts end with the headers), follows no redirect and takes no
 * web page for an answer: both are what a login page in front of the tunnel looks like.
 *
 * @throws {AgentError} for those two; the SDKs hand it on as the `cause` of their connection error.
 */
export function guardedFetch(fetcher: Fetch, watchdog: Watchdog, side: Side): Fetch {
  return async (input, init) => {
    const response = await fetcher(input, { ...init, redirect: 'manual' });
    watchdog.alive();
    const refusal = refusalOf(response, side);
    if (refusal !== null) {
      await response.body?.cancel();
      throw refusal;
    }
    if (response.body !== null) watch(response.body, watchdog);
    return response;
  };
}

function refusalOf(response: Response, side: Side): AgentError | null {
  if (response.status >= 300 && response.status < 400) {
    return new AgentError('auth', redirectSentence(side), { status: response.status });
  }
  if (response.ok && response.headers.get('content-type')?.includes('text/html')) {
    return new AgentError('transient', htmlSentence(side), { status: response.status });
  }
  return null;
}

/**
 * Tells the watchdog of every chunk of a body as it is read. Only the reader's `read` is replaced: a stream wrapped
 * around the body would cost half as much again as reading it does (`npm run bench -- streams`).
 */
function watch(body: ReadableStream<Uint8Array>, watchdog: Watchdog): void {
  const getReader: () => ReadableStreamDefaultReader<Uint8Array> = body.getReader.bind(body);
  const watchedReader = () => {
    const reader = getReader();
    const read: () => Promise<unknown> = reader.read.bind(reader);
    const heard = (result: unknown) => {
      watchdog.alive();
      return result;
    };
    return Object.defineProperty(reader, 'read', { value: () => read().then(heard) });
  };
  Object.defineProperties(body, {
    getReader: { value: watchedReader },
    // Anthropic's SDK prefers the iterator, and takes a reader where there is none.
    [Symbol.asyncIterator]: { value: undefined },
  });
}
