import type { AnswerDetail } from '../archive/rows.ts';
import type { Sql } from '../archive/sql.ts';
import { findParked, saveParked } from '../archive/tools.ts';
import type { Visitor } from '../guard/visitor.ts';
import { LiveRun, type RunMemory } from './live-run.ts';
import type { Parked } from './run-types.ts';
import { decide, isWaiting } from './tool-round.ts';

/** A run that waits for a person, as it is kept: it outlives the process, a deploy, and the day. */
export type ParkedRun = {
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
  const kept: ParkedRun = { parked, memory: run.memory, acceptedAt, connectionId, payer, dropped };
  const state = JSON.stringify(kept);
  if (state.length > PARKED_CHARS) return false;
  saveParked(sql, { conversation: run.conversation, position: run.position, state });
  return true;
}

/** @param position of the answer that it must belong to */
export function readParked(sql: Sql, conversation: string, position: number): ParkedRun | null {
  const row = findParked(sql, conversation);
  return row === null || row.position !== position ? null : (JSON.parse(row.state) as ParkedRun);
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
 * Takes a person's decision about a call that waits, and keeps it.
 * @param remembers it holds for every call of that tool in this round
 * @returns the tool's name, and the run when nothing of its round waits any more; null when no such call waits
 */
export function decideParked(
  sql: Sql,
  run: LiveRun,
  decision: { callId: string; allow: boolean; remembers: boolean },
): { tool: string; ready: ParkedRun | null } | null {
  const kept = run.isParked ? readParked(sql, run.conversation, run.position) : null;
  if (kept === null) return null;
  const { round } = kept.parked;
  const { callId, allow, remembers } = decision;
  if (decide(round, callId, allow) === 'unknown') return null;
  const tool = round.calls.find(({ use }) => use.id === callId)?.use.name ?? '';
  if (remembers) {
    for (const { use, state } of round.calls) {
      if (use.name === tool && state === 'waiting') decide(round, use.id, allow);
    }
  }
  if (isWaiting(round)) {
    saveParked(sql, {
      conversation: run.conversation,
      position: run.position,
      state: JSON.stringify(kept),
    });
    return { tool, ready: null };
  }
  return { tool, ready: kept };
}
