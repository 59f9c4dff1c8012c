import type { Retention } from '../archive/retention.ts';

/** So seldom is a use written down: a row, and an alarm is billed like one. */
const DAY_MS = 86_400_000;

/** Never before its time: the slack makes up for what `touchedAt` does not know. */
function dueAt(touchedAt: number, days: number): number {
  return touchedAt + (days + 1) * DAY_MS;
}

/**
 * The session was used: a socket or stream has come, a frame was received, a run has ended.
 * @param known what is stored; null in a session that has never been touched
 * @param days after which an untouched session deletes itself; null keeps it for ever
 * @returns what to store (and, where `alarmAt` differs, to set), or null when nothing has to be written
 */
export function touch(known: Retention | null, now: number, days: number | null): Retention | null {
  const alarmAt = alarmFor(known?.alarmAt ?? null, now, days);
  // A clock that was set back must not make a session look fresh for years.
  const isFresh = known !== null && Math.abs(now - known.touchedAt) < DAY_MS;
  return isFresh && alarmAt === known.alarmAt ? null : { touchedAt: now, alarmAt };
}

/**
 * An alarm that is there stays, since it is judged anew when it rings: only one that is missing, late because the
 * retention was made shorter, or past (the platform gives up after some tries) is set.
 */
function alarmFor(set: number | null, now: number, days: number | null): number | null {
  if (days === null) return set;
  const latest = dueAt(now, days);
  return set !== null && set > now && set <= latest ? set : latest;
}

/**
 * The alarm has rung.
 * @param watched whether somebody has the session open; that counts as use
 * @returns `due` when the session is to delete itself, else what to store and when to ring again
 */
export function judge(
  known: Retention | null,
  now: number,
  days: number | null,
  watched: boolean,
): 'due' | Retention {
  const touchedAt = watched || known === null ? now : known.touchedAt;
  if (days === null) return { touchedAt, alarmAt: null };
  const alarmAt = dueAt(touchedAt, days);
  return now >= alarmAt ? 'due' : { touchedAt, alarmAt };
}
