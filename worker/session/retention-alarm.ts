import { type Retention, readRetention, writeRetention } from '../archive/retention.ts';
import type { Sql } from '../archive/sql.ts';
import { judge, touch } from './retention.ts';

export type RetentionAlarmDeps = {
  sql: Sql;
  setAlarm: (at: number) => void;
  now: () => number;
  /** `RETENTION_DAYS`; null keeps sessions for ever. */
  days: number | null;
};

/** Carries out what retention.ts decides, on one session's storage and its one alarm. */
export class RetentionAlarm {
  readonly #deps: RetentionAlarmDeps;
  #known: Retention | null;

  constructor(deps: RetentionAlarmDeps) {
    this.#deps = deps;
    this.#known = readRetention(deps.sql);
  }

  /** Costs nothing but about once a day; a disk that takes no writes leaves it for the next time. */
  touch(): void {
    const { now, days } = this.#deps;
    const changed = touch(this.#known, now(), days);
    try {
      if (changed !== null) this.#keep(changed);
    } catch {
      // See above.
    }
  }

  /**
   * The alarm has rung.
   * @returns whether the session is to delete itself; otherwise it rings again when it may be
   */
  ring(isWatched: boolean): boolean {
    const { now, days } = this.#deps;
    // What has rung is set no more.
    const known = this.#known === null ? null : { ...this.#known, alarmAt: null };
    const verdict = judge(known, now(), days, isWatched);
    if (verdict === 'due') return true;
    this.#known = known;
    this.#keep(verdict);
    return false;
  }

  #keep(next: Retention): void {
    const { sql, setAlarm } = this.#deps;
    const isMoved = next.alarmAt !== null && next.alarmAt !== this.#known?.alarmAt;
    writeRetention(sql, next);
    this.#known = next;
    if (isMoved && next.alarmAt !== null) setAlarm(next.alarmAt);
  }
}
