import * as z from 'zod/mini';
import { passSchema } from './pass.ts';

/** Who asks, for the ledger and for limits. It goes with every connection and survives hibernation. */
export const visitorSchema = z.object({
  /**
   * The person, with the way they came in: `password:alice`, `cloudflare-access:alice@example.com`,
   * `open:<random id>`, or `session:<id>` where nobody signs in (LOCAL).
   */
  who: z.string(),
  /** What `addressOf` made of the network address: an IPv4 address, an IPv6 /64, or `local`. */
  address: z.string(),
  /** Missing where nobody signs in, and on connections of earlier versions. */
  pass: z.optional(passSchema),
});
export type Visitor = z.infer<typeof visitorSchema>;

/** Header of the requests from the Worker to its own objects; nobody else reaches those. */
const HEADER = 'X-Visitor';

/** Where nobody signs in the session itself is the person; also for what an earlier version left without a visitor. */
export function sessionVisitor(sessionId: string, address = 'local'): Visitor {
  return { who: `session:${sessionId}`, address };
}

/** A header's value has no letters beyond Latin-1, an e-mail address may. */
export function visitorHeaders(visitor: Visitor): Record<string, string> {
  return { [HEADER]: encodeURIComponent(JSON.stringify(visitor)) };
}

/** The visitor of a request that a Worker sent, or the session where it says nothing that can be read. */
export function readVisitor(headers: Headers, sessionId: string): Visitor {
  try {
    return z.parse(visitorSchema, JSON.parse(decodeURIComponent(headers.get(HEADER) ?? '')));
  } catch {
    return sessionVisitor(sessionId);
  }
}
