import { Hono } from 'hono';
import type { AppEnv } from '../app.ts';
import { visitorHeaders } from '../guard/visitor.ts';
import { failure } from './errors.ts';
import { admitChat, visitorOf } from './over-http.ts';
import { bearerSession, connectAddress } from './session-stubs.ts';

const NO_SESSION = 'There is no such session.';

/** H9: the frames of a socket as server-sent events. */
export const stream = new Hono<AppEnv>().get('/stream', async (c) => {
  // The headers alone would leave a stream behind that nobody reads.
  if (c.req.method !== 'GET') {
    return failure(c, 'method_not_allowed', 'Only GET is possible here.', { Allow: 'GET' });
  }
  const admitted = await admitChat(c, 'connect');
  if (admitted.refused !== null) return admitted.refused;
  const session = bearerSession(c);
  if (session === null) return failure(c, 'not_found', NO_SESSION);
  const answer = await session.fetch(connectAddress('/stream', new URL(c.req.url)).href, {
    headers: visitorHeaders(visitorOf(c, admitted.caller, session)),
  });
  if (answer.status === 404) return failure(c, 'not_found', NO_SESSION);
  return new Response(answer.body, {
    headers: {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // Proxies that hold back what they have not seen whole let this through.
      'X-Accel-Buffering': 'no',
    },
  });
});
