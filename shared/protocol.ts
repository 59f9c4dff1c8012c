/** Version of the wire. A change of the schemas without a new version fails `protocol-version.test.ts`. */
export const PROTOCOL_VERSION = 1;

/** The subprotocol that the client offers and the server selects (CONTRACT 3). */
export const SUBPROTOCOL = 'chatbox.v1';

/** Offered beside {@link SUBPROTOCOL} to come back to a session: a query string would end up in logs. */
export const SESSION_SUBPROTOCOL_PREFIX = 'session.';

/** Text frames answered by the platform without waking anything. */
export const PING = 'ping';
export const PONG = 'pong';

/** Close codes that tell a person what an HTTP status of a refused upgrade could not (H4). */
export const CLOSE = {
  signIn: 4401,
  unknownSession: 4404,
  tooMany: 4429,
  notConfigured: 4503,
  frameTooBig: 1009,
} as const;
