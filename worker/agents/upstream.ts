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
    if (response.body === null) return response;
    return new Response(watchedBody(response.body, watchdog), {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
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

/** The same chunks, one at a time and only when asked for: nothing is buffered, delayed or read ahead. */
function watchedBody(body: ReadableStream<Uint8Array>, watchdog: Watchdog): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          return;
        }
        watchdog.alive();
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
