import type { UnnumberedFrame } from '../../shared/index.ts';
import { AUDIT_CHARS, type AuditRow } from '../archive/tools.ts';
import type { LiveRun, RunEnding } from './live-run.ts';
import type { Parked, RunListener } from './run-types.ts';
import type { DeltaKind } from './stream-buffer.ts';
import type { CallResult } from './tool-log.ts';
import type { OpenCall } from './tool-round.ts';

/** What a run's frames are made with; all of it belongs to the conversation that the run is of. */
export type RunStage = {
  announce: (frame: UnnumberedFrame) => void;
  take: (kind: DeltaKind, text: string) => void;
  /** Puts what was announced on disk at once. */
  store: () => void;
  /** A result came, which counts for the length of the answer. */
  grew: () => void;
  park: (parked: Parked) => void;
  finish: (ending: Omit<RunEnding, 'now'>) => void;
  /** The run has ended by itself. */
  ended: (upstreamFailed: boolean) => void;
  /** Runs what is said only while the run is the current one: a run may still have something to say after its end. */
  ifCurrent: (act: () => void) => void;
  audit: (row: AuditRow) => void;
  now: () => number;
};

/** Errors of a run that say nothing about the health of an upstream. */
const NO_UPSTREAM_FAULT: ReadonlySet<string> = new Set(['refused', 'budget_exhausted', 'not_configured']);

/** Turns what a run tells into the frames of its answer, and keeps what its receipt needs. */
export function listenerOf(run: LiveRun, bound: string, stage: RunStage): RunListener {
  const { announce, ifCurrent, now } = stage;
  const message_id = run.messageId;
  let fellBack = false;
  return {
    charged: (money) => run.callBegins(money),
    start: (candidate) =>
      ifCurrent(() => {
        run.started(candidate, now());
        const { entry, reason, reason_code, routing } = candidate;
        announce({
          type: 'message_start',
          message_id,
          model: bound,
          actual_model: entry.id,
          routing_path: entry.routing_path,
          reason,
          reason_code,
          routing,
        });
      }),
    delta: (kind, text) => ifCurrent(() => stage.take(kind, text)),
    usage: (usage) => run.counted(usage),
    drafted: (text) => run.drafted(text),
    callEnded: () => run.callEnded(),
    textLength: () => run.takenText,
    waits: (called) =>
      ifCurrent(() => {
        run.tools.waiting(called);
        announce({ type: 'tool_request', message_id, ...called });
      }),
    opened: (round) => {
      run.round = round;
      for (const { called, state } of round.calls)
        run.tools.expect(called, state === 'waiting' ? state : 'running');
    },
    starts: ({ called, by, result }) =>
      ifCurrent(() => {
        run.tools.running(called);
        announce({ type: 'tool_call', message_id, ...called });
        // What may change something is on disk before it is made.
        if (result === null && by !== 'read_only') stage.store();
      }),
    ends: (call, result) =>
      ifCurrent(() => {
        const { call_id, name } = call.called;
        run.tools.ended(call_id, result);
        stage.audit(auditOf(run, call, result));
        const { server, title, round, at } = call.called;
        announce({ type: 'tool_result', message_id, call_id, name, server, title, round, at, ...result });
        stage.grew();
      }),
    fallback: (requested, { entry, reason, reason_code }) =>
      ifCurrent(() => {
        fellBack = true;
        run.fellBack(reason);
        announce({
          type: 'fallback',
          message_id,
          requested_model: requested.id,
          actual_model: entry.id,
          reason,
          reason_code,
        });
      }),
    parked: (parked) => ifCurrent(() => stage.park(parked)),
    end: ({ stop_reason, error }) =>
      ifCurrent(() => {
        stage.finish({ stop_reason, error });
        stage.ended(fellBack || (error !== null && !NO_UPSTREAM_FAULT.has(error.code)));
      }),
  };
}

/** The calls that an end of their answer has cut: while they ran, or while they waited for a person. */
export function cutCalls(run: LiveRun): AuditRow[] {
  const running = run.round?.calls.filter(({ state }) => state === 'running') ?? [];
  const waiting = run.tools.calls.filter(({ state }) => state === 'waiting');
  return [
    ...running.map((call) => auditOf(run, call, null)),
    ...waiting.map(
      ({ call_id, name: tool, server = null, arguments: args }): AuditRow => ({
        ...{ message_id: run.messageId, call_id, server, tool },
        arguments: (JSON.stringify(args) ?? '').slice(0, AUDIT_CHARS).toWellFormed(),
        ...{ decided_by: 'answer_ended', ok: false, result_chars: 0, duration_ms: null },
      }),
    ),
  ];
}

function auditOf(run: LiveRun, { called, use, by }: OpenCall, result: CallResult | null): AuditRow {
  return {
    message_id: run.messageId,
    call_id: called.call_id,
    server: called.server ?? null,
    tool: called.name,
    arguments: use.raw.slice(0, AUDIT_CHARS).toWellFormed(),
    decided_by: by,
    ok: result?.ok ?? null,
    result_chars: result?.content.length ?? 0,
    duration_ms: result?.duration_ms ?? null,
  };
}
