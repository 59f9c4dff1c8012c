import { messageOf } from '#lib/state/request.ts';
import type { UsageReport } from '#lib/wire.ts';
import { type Failure, failureOf } from './failures.ts';
import type { OperatorToken } from './operator-token.ts';
import { type Range, sinceOf } from './timeline.ts';
import { type Asked, fetchUsage, fetchUsageCsv } from './usage-api.ts';
import type { Zone } from './zone.ts';

export type Scope = Asked['scope'];

/** A report, of which range, and when it was asked for (ms since 1970). */
export type Shown = { report: UsageReport; range: Range; at: number };

export type View =
  | { kind: 'loading' }
  /** `trouble`: why it is not the newest, or not the one that was asked for last. */
  | { kind: 'shown'; shown: Shown; trouble: string | null }
  | Failure;

export type UsageWorld = {
  sessionId: () => string | null;
  token: Pick<OperatorToken, 'current' | 'keep' | 'forget'>;
  zone: Zone;
  now: () => number;
  online: () => boolean;
  fetch?: typeof fetchUsage;
  fetchCsv?: typeof fetchUsageCsv;
};

/** Which figures the page shows. */
export class UsageDesk {
  #view = $state.raw<View>({ kind: 'loading' });
  #scope = $state<Scope>('session');
  #range = $state<Range>('7d');
  #busy = $state(false);
  /** Only what was asked for last may be shown. */
  #asking = 0;
  readonly #world: UsageWorld;

  constructor(world: UsageWorld) {
    this.#world = world;
  }

  get view(): View {
    return this.#view;
  }

  get scope(): Scope {
    return this.#scope;
  }

  get range(): Range {
    return this.#range;
  }

  /** Something newer than what is shown is on its way. */
  get busy(): boolean {
    return this.#busy;
  }

  async look(range: Range): Promise<void> {
    this.#range = range;
    await this.load();
  }

  async turnTo(scope: Scope): Promise<void> {
    if (scope === this.#scope) return;
    this.#scope = scope;
    this.#view = { kind: 'loading' };
    await this.load();
  }

  async unlock(token: string): Promise<void> {
    if (this.#world.token.keep(token)) return this.load();
    this.#view = { kind: 'locked', message: 'A token has no spaces and no letters beyond A to Z.' };
  }

  /** Reads the figures anew. What is shown stays until there is something newer. */
  async load(): Promise<void> {
    const { now, zone, online } = this.#world;
    this.#asking += 1;
    const turn = this.#asking;
    const asked = this.#asked();
    this.#busy = asked !== null;
    if (asked === null) {
      this.#view = { kind: 'no-session' };
      return;
    }
    const range = this.#range;
    const at = now();
    try {
      const report = await (this.#world.fetch ?? fetchUsage)(asked, sinceOf(range, at, zone));
      if (turn === this.#asking) this.#view = { kind: 'shown', shown: { report, range, at }, trouble: null };
    } catch (error) {
      if (turn === this.#asking) this.#fail(failureOf(error, asked, online()));
    } finally {
      if (turn === this.#asking) this.#busy = false;
    }
  }

  /** What is shown as a file, or the words of a failure. */
  async csv(): Promise<Blob | string> {
    const asked = this.#asked();
    const view = this.#view;
    const { range, at } = view.kind === 'shown' ? view.shown : { range: this.#range, at: this.#world.now() };
    const since = sinceOf(range, at, this.#world.zone);
    if (asked === null) return 'There is no session any more.';
    try {
      return await (this.#world.fetchCsv ?? fetchUsageCsv)(asked, since);
    } catch (error) {
      return messageOf(error);
    }
  }

  #asked(): Asked | null {
    const { sessionId, token } = this.#world;
    if (this.#scope === 'deployment') return { scope: 'deployment', token: token.current };
    const id = sessionId();
    return id === null ? null : { scope: 'session', sessionId: id };
  }

  #fail(failure: Failure): void {
    if (failure.kind === 'locked') this.#world.token.forget();
    const view = this.#view;
    // Figures that are a little old are better than none.
    this.#view =
      view.kind === 'shown' && failure.kind === 'failed'
        ? { ...view, trouble: `${failure.title}. ${failure.detail}` }
        : failure;
  }
}
