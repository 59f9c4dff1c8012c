import { Hono } from 'hono';
import * as z from 'zod/mini';
import type { AppEnv } from '../app.ts';
import { CODE_BYTES, codeOf, isCode } from '../link/link.ts';
import { readText } from './body.ts';
import { failure } from './errors.ts';
import { admitEntering } from './over-http.ts';
import { bearerSession, sessionById } from './session-stubs.ts';

/** A code and its braces, with room to spare. */
const BODY_BYTES = 1_024;

const redeemSchema = z.object({ code: z.string() });

function readCode(text: string): string | null {
  try {
    return z.parse(redeemSchema, JSON.parse(text)).code;
  } catch {
    return null;
  }
}

/** A one-time code that carries a session to another device; the id itself never stands in an address. */
export const links = new Hono<AppEnv>()
  .post('/links', async (c) => {
    const { refused } = await admitEntering(c);
    if (refused !== null) return refused;
    const session = bearerSession(c);
    if (session === null || !(await session.exists())) {
      return failure(c, 'not_found', 'There is no such session.');
    }
    const code = codeOf(crypto.getRandomValues(new Uint8Array(CODE_BYTES)));
    const expiresAt = await c.env.LINKS.getByName(code).keep(session.id.toString());
    c.header('Cache-Control', 'no-store');
    return c.json({ code, expires_at: new Date(expiresAt).toISOString() }, 201);
  })
  .post('/links/redeem', async (c) => {
    const { refused } = await admitEntering(c);
    if (refused !== null) return refused;
    const body = await readText(c.req.raw, BODY_BYTES);
    const code = body.ok ? readCode(body.text) : null;
    if (code === null) return failure(c, 'bad_frame', 'The body is {"code": "…"}.');
    const id = isCode(code) ? await c.env.LINKS.getByName(code).redeem() : null;
    // The session may have been deleted since.
    if (id === null || !(await sessionById(c, id)?.exists())) {
      return failure(c, 'not_found', 'This link was used already, or its time is over. Make a new one.');
    }
    c.header('Cache-Control', 'no-store');
    return c.json({ session_id: id });
  });
