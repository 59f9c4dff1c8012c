import { readSession, writeSession } from './conversations.ts';
import type { Sql } from './sql.ts';

/**
 * What a session remembers of its use, milliseconds since 1970. It is written about once a day at most, so that
 * `touchedAt` is up to a day older than the truth.
 */
export type Retention = {
  touchedAt: number;
  /** When the alarm rings; null when none is set. */
  alarmAt: number | null;
};

/** Null in a session that has never been touched, or by a version that kept nothing of it only. */
export function readRetention(sql: Sql): Retention | null {
  const match = /^(\d{1,15}) (\d{1,15}|-)$/.exec(readSession(sql, 'retention') ?? '');
  if (match === null) return null;
  return { touchedAt: Number(match[1]), alarmAt: match[2] === '-' ? null : Number(match[2]) };
}

/** One row. */
export function writeRetention(sql: Sql, { touchedAt, alarmAt }: Retention): void {
  writeSession(sql, 'retention', `${touchedAt} ${alarmAt ?? '-'}`);
}
