import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../env.ts';
import { type Passphrase, verifyPassphrase } from './passphrase.ts';
import type { SignInAttempt } from './sign-in.ts';
import { type Count, type Taken, type Times, waitMs, within, without } from './window.ts';

type Kept = { times: Times; windowMs: number };

/**
 * Counts what may not happen too often: attempts to sign in (one object for all, so that guesses from many addresses
 * count together) and connections and new sessions of an address (one object an address, near to it). A Durable Object
 * and not the platform's rate limit binding, whose numbers are fixed at deployment, hold for one location each and are
 * approximate; the binding stands before it as a coarse gate. On disk, because an idle object forgets after seconds:
 * one row written for each count. A refused attempt is not counted.
 */
export class Attempts extends DurableObject<Env> {
  /** Counts once for every name, or, where one of them is full, for none. */
  async take(counts: readonly Count[]): Promise<Taken> {
    const now = Date.now();
    const full = counts
      .map((count) => ({ name: count.name, waitMs: waitMs(this.#times(count.name), count, now) }))
      .sort((a, b) => b.waitMs - a.waitMs)[0];
    if (full !== undefined && full.waitMs > 0) return { ok: false, ...full };
    for (const { name, windowMs } of counts) {
      this.#keep(name, { times: [...within(this.#times(name), windowMs, now), now], windowMs });
    }
    // Nothing comes between the look and the counting: no await until here.
    await this.#tidyLater(now, Math.max(...counts.map(({ windowMs }) => windowMs)));
    return { ok: true, at: now };
  }

  /** What was taken at that moment turned out not to count. */
  giveBack(names: readonly string[], at: number): void {
    for (const name of names) {
      const kept = this.#kept(name);
      if (kept !== undefined) this.#keep(name, { ...kept, times: without(kept.times, at) });
    }
  }

  /**
   * Tries a passphrase. It is counted as a failure before it is looked at, so that a thousand at once get no more tries
   * than a thousand one after the other; the right one is given back. Here and not in the Worker, whose 10 ms of CPU on
   * the free plan are less than one hash takes.
   * @param passphrases as the Worker knows them: after a deployment this object may run with older settings for a while
   */
  async signIn(
    text: string,
    passphrases: readonly Passphrase[],
    counts: readonly Count[],
  ): Promise<SignInAttempt> {
    const taken = await this.take(counts);
    if (!taken.ok) return { kind: 'limited', waitMs: taken.waitMs };
    const name = await verifyPassphrase(text, passphrases);
    if (name === null) return { kind: 'wrong' };
    this.giveBack(
      counts.map((count) => count.name),
      taken.at,
    );
    return { kind: 'ok', name };
  }

  /** Takes away what is over. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const rest = [...this.ctx.storage.kv.list<Kept>()].filter(([name, { times, windowMs }]) => {
      const isOver = within(times, windowMs, now).length === 0;
      if (isOver) this.ctx.storage.kv.delete(name);
      return !isOver;
    });
    if (rest.length === 0) await this.ctx.storage.deleteAll();
    else await this.#tidyLater(now, Math.max(...rest.map(([, { windowMs }]) => windowMs)));
  }

  #kept(name: string): Kept | undefined {
    return this.ctx.storage.kv.get<Kept>(name);
  }

  #times(name: string): Times {
    return this.#kept(name)?.times ?? [];
  }

  #keep(name: string, kept: Kept): void {
    this.ctx.storage.kv.put(name, kept);
  }

  /** Each setting of an alarm is a row written: one at a time. */
  async #tidyLater(now: number, ms: number): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(now + ms);
  }
}
