import type { Context } from 'hono';
import type { AppEnv } from '../app.ts';
import { locationHint } from '../guard/placement.ts';

type SessionStub = DurableObjectStub<import('../session/chat-session.ts').ChatSession>;

/** An object for a new session: its id is minted here, so that a forged one is refused before any object exists. */
export function mintSession(c: Context<AppEnv>): SessionStub {
  const hint = locationHint(c.req.raw.cf?.country);
  return c.env.SESSIONS.get(c.env.SESSIONS.newUniqueId(), hint === undefined ? {} : { locationHint: hint });
}

/** The object behind an id that a client brings; null when this deployment did not mint it. */
export function sessionById(c: Context<AppEnv>, id: string): SessionStub | null {
  try {
    return c.env.SESSIONS.get(c.env.SESSIONS.idFromString(id));
  } catch {
    return null;
  }
}

/** The object behind `Authorization: Bearer <session_id>`; null when there is none. */
export function bearerSession(c: Context<AppEnv>): SessionStub | null {
  const match = /^Bearer ([0-9a-f]{64})$/.exec(c.req.header('Authorization') ?? '');
  return match?.[1] === undefined ? null : sessionById(c, match[1]);
}

/** Where an object takes in a connection, with the cursor of the client's address (R2). */
export function connectAddress(path: '/connect' | '/stream', from: URL): URL {
  const address = new URL(path, 'https://session');
  for (const name of ['conversation', 'after']) {
    const value = from.searchParams.get(name);
    if (value !== null) address.searchParams.set(name, value);
  }
  return address;
}
