import { Hono } from 'hono';
import { LIMITS, parseClientFrame } from '../../shared/index.ts';
import type { AppEnv } from '../app.ts';
import { readText } from './body.ts';
import { failure } from './errors.ts';
import { admitChat, visitorOf } from './over-http.ts';
import { bearerSession } from './session-stubs.ts';

const NO_SESSION = 'There is no such session.';

/** H9: one client frame; what it leads to comes by the session's streams. */
export const frames = new Hono<AppEnv>().post('/frames', async (c) => {
  const admitted = await admitChat(c, null);
  if (admitted.refused !== null) return admitted.refused;
  const session = bearerSession(c);
  if (session === null) return failure(c, 'not_found', NO_SESSION);
  const body = await readText(c.req.raw, LIMITS.frameBytes);
  if (!body.ok) {
    return body.fault === 'too_big'
      ? failure(c, 'message_too_long', 'The frame is larger than 1 MiB.')
      : failure(c, 'bad_frame', 'The frame is not text.');
  }
  const parsed = parseClientFrame(body.text, c.get('services').config.limits);
  if (!parsed.ok) return failure(c, parsed.code, parsed.message, {}, 400);
  const visitor = visitorOf(c, admitted.caller, session);
  if (!(await session.takeFrame(body.text, visitor))) return failure(c, 'not_found', NO_SESSION);
  c.header('Cache-Control', 'no-store');
  return c.json({}, 202);
});
