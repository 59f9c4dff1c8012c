import { Hono } from 'hono';
import { CLOSE, SESSION_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '../../shared/index.ts';
import type { AppEnv } from '../app.ts';
import { refusalOf } from '../guard/admission.ts';
import { isAllowedOrigin } from '../guard/origin.ts';
import { mayEnter } from '../guard/rates.ts';
import { visitorHeaders } from '../guard/visitor.ts';
import { closeReason } from './close-reason.ts';
import { failure } from './errors.ts';
import { addressOfCaller, callerOf, countersOf, visitorOf } from './over-http.ts';
import { connectAddress, mintSession, sessionById } from './session-stubs.ts';

/** Accepts and closes at once: a browser shows a page nothing of a refused upgrade (H4). */
function acceptAndClose(code: number, reason: string, protocol: string | null): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(code, closeReason(reason));
  const headers = protocol === null ? undefined : { 'Sec-WebSocket-Protocol': protocol };
  return new Response(null, { status: 101, webSocket: client, headers });
}

/** H4 */
export const ws = new Hono<AppEnv>().get('/ws', async (c) => {
  const { config, registry } = c.get('services');
  const url = new URL(c.req.url);
  if (!isAllowedOrigin(c.req.header('Origin') ?? null, url, config)) {
    return failure(c, 'origin_refused', 'Requests from this origin are not accepted.');
  }
  if (c.req.header('Upgrade')?.toLowerCase() !== 'websocket') {
    const refused = failure(c, 'bad_frame', 'This address speaks WebSocket only.', {
      Upgrade: 'websocket',
      Connection: 'Upgrade',
    });
    return new Response(refused.body, { status: 426, headers: refused.headers });
  }
  const offered = (c.req.header('Sec-WebSocket-Protocol') ?? '').split(',').map((one) => one.trim());
  const protocol = offered.includes(SUBPROTOCOL) ? SUBPROTOCOL : null;

  const refusal = refusalOf(config, registry);
  if (refusal !== null) return acceptAndClose(CLOSE.notConfigured, refusal.message, protocol);
  const caller = await callerOf(c);
  if (!caller.ok) return acceptAndClose(CLOSE.signIn, caller.message, protocol);

  const claimed = offered.find((one) => one.startsWith(SESSION_SUBPROTOCOL_PREFIX));
  const entering = claimed === undefined ? 'new_session' : 'connect';
  const entry = await mayEnter(entering, addressOfCaller(c), config.rates, countersOf(c.env));
  if (!entry.ok) return acceptAndClose(CLOSE.tooMany, entry.message, protocol);
  const stub =
    claimed === undefined ? mintSession(c) : sessionById(c, claimed.slice(SESSION_SUBPROTOCOL_PREFIX.length));
  if (stub === null) return acceptAndClose(CLOSE.unknownSession, 'There is no such session.', protocol);

  const target = connectAddress('/connect', url);
  if (claimed === undefined) target.searchParams.set('create', '1');
  if (protocol !== null) target.searchParams.set('subprotocol', '1');
  const answer = await stub.fetch(target.href, {
    headers: { Upgrade: 'websocket', ...visitorHeaders(visitorOf(c, caller, stub)) },
  });
  if (answer.status === 404)
    return acceptAndClose(CLOSE.unknownSession, 'There is no such session.', protocol);
  return answer;
});
