import type { AnswerDetail } from '../archive/rows.ts';
import type { Sql } from '../archive/sql.ts';
import { findParked, saveParked } from '../archive/tools.ts';
import type { Visitor } from '../guard/visitor.ts';
import { LiveRun, type RunMemory } from './live-run.ts';
import type { Parked } from './run-types.ts';
import type { Called } from './tool-log.ts';
import { decide, isWaiting } from './tool-round.ts';

/** Of the shape below. What has another one was put aside by another release, and is not taken up. */
const VERSION = 1;

/** A run that waits for a person, as it is kept: it outlives the process, a deploy, and the day. */
export type ParkedRun = {
  version: typeof VERSION;
  parked: Parked;
  memory: RunMemory;
  acceptedAt: number;
  connectionId: string;
  payer: Visitor;
  /** How many messages were left out of what went upstream: the same are left out when it goes on. */
  dropped: number;
};

/** A row of SQLite may have 2 MB; in UTF-8 a character of this may be three bytes. */
export const PARKED_CHARS = 600_000;

/** @returns false when it is too much for a row */
export function park(sql: Sql, run: LiveRun, parked: Parked): boolean {
  const { acceptedAt, connectionId, payer, dropped } = run;
  const { memory } = run;
  const kept: ParkedRun = { version: VERSION, parked, memory, acceptedAt, connectionId, payer, dropped };
  const state = JSON.stringify(kept);
  if (state.length > PARKED_CHARS) return false;
  saveParked(sql, { conversation: run.conversation, position: run.position, state });
  return true;
}

/**
 * @param position of the answer that it must belong to
 * @returns null where there is none, or none that this release understands
 */
export function readParked(sql: Sql, conversation: string, position: number): ParkedRun | null {
  const row = findParked(sql, conversation);
  if (row === null || row.position !== position) return null;
  try {
    const kept = JSON.parse(row.state) as ParkedRun;
    return kept.version === VERSION ? kept : null;
  } catch {
    return null;
  }
}

/** The run as it was, for a session that wakes. */
export function revive(
  kept: ParkedRun,
  answer: { conversation: string; position: number; parent: number; text: string; detail: AnswerDetail },
): LiveRun {
  const { conversation, position, parent, text, detail } = answer;
  const { acceptedAt, connectionId, payer, memory, parked, dropped } = kept;
  const run = new LiveRun({
    conversation,
    position,
    parent,
    acceptedAt,
    acceptedSeq: detail.accepted_seq,
    connectionId,
    payer,
    requested: detail.requested_model ?? parked.candidate.entry.id,
    wish: memory.wish,
    dropped,
    tools: detail.tools ?? [],
  });
  run.restore(parked.candidate, memory, {
    text,
    thinking: detail.thinking ?? '',
    fallback: detail.fallback_reason,
  });
  run.isParked = true;
  return run;
}

/**
 * Takes a person's decision about a call that waits, and keeps it. Where the others of its round still run, the run hears
 * of it when they are over.
 * @param remembers it holds for every call of that tool in this round
 * @returns the call, and the run when nothing of what was put aside waits any more; null when no such call waits
 */
export function decideCall(
  sql: Sql,
  run: LiveRun,
  decision: { callId: string; allow: boolean; remembers: boolean },
): { called: Called; ready: ParkedRun | null } | null {
  const kept = run.isParked ? readParked(sql, run.conversation, run.position) : null;
  const round = kept?.parked.round ?? run.round;
  const { callId, allow, remembers } = decision;
  const call = round?.calls.find(({ use }) => use.id === callId);
  if (round === null || call === undefined || decide(round, callId, allow) === 'unknown') return null;
  const { called } = call;
  if (remembers) {
    for (const { use, state } of round.calls) {
      if (use.name === called.name && state === 'waiting') decide(round, use.id, allow);
    }
  }
  if (kept === null) return { called, ready: null };
  if (!isWaiting(round)) return { called, ready: kept };
  const state = JSON.stringify(kept);
  saveParked(sql, { conversation: run.conversation, position: run.position, state });
  return { called, ready: null };
}
