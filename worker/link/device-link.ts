import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../env.ts';
import { LINK_MS, type Link, sessionOf } from './link.ts';

const KEY = 'link';

/**
 * Carries a session to another device: one object a code, found by `idFromName(code)`. It knows the session until it is
 * redeemed or its time is over, and then nothing any more. Not in the session's own object, because whoever brings a
 * code knows no session yet; not in KV, where two who bring it at once would both get it.
 */
export class DeviceLink extends DurableObject<Env> {
  /** @returns when the code ends, milliseconds since 1970 */
  async keep(session: string): Promise<number> {
    const expiresAt = Date.now() + LINK_MS;
    this.ctx.storage.kv.put<Link>(KEY, { session, expiresAt });
    await this.ctx.storage.setAlarm(expiresAt);
    return expiresAt;
  }

  /** The session, once: nothing comes between the look and the deletion, and no answer leaves before that is on disk. */
  async redeem(): Promise<string | null> {
    const link = this.ctx.storage.kv.get<Link>(KEY);
    if (link === undefined) return null;
    // Before the first await, so that who comes meanwhile finds nothing.
    this.ctx.storage.kv.delete(KEY);
    await this.ctx.storage.deleteAll();
    return sessionOf(link, Date.now());
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }
}
