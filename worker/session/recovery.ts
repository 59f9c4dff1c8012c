import { readServerFrame, type ToolCall } from '../../shared/index.ts';
import { saveCounts } from '../archive/conversations.ts';
import { framesAfter, lastStoredSeq, nextChunkNumber, storeChunk } from '../archive/frames.ts';
import { findStreamingAnswer, type StreamingAnswer, saveAnswer } from '../archive/messages.ts';
import { type ConversationRow, messageId } from '../archive/rows.ts';
import type { Sql } from '../archive/sql.ts';
import { AUDIT_CHARS, appendAudit, callsOf } from '../archive/tools.ts';
import type { LiveRun } from './live-run.ts';
import { readParked, revive } from './parked-run.ts';
import { SEQ_GAP, StreamBuffer } from './stream-buffer.ts';
import { ToolLog } from './tool-log.ts';

/**
 * What was sent and stored as frames after the row itself was last written. Frames after a gap cannot be
 * there: they are stored in order.
 */
function withStoredTail(
  sql: Sql,
  conversation: string,
  id: string,
  answer: StreamingAnswer,
): { answer: StreamingAnswer; running: readonly ToolCall[] } {
  let { text, detail } = answer;
  let thinking = detail.thinking ?? '';
  const tools = new ToolLog(detail.tools);
  for (const wire of framesAfter(sql, conversation, detail.stored_seq) ?? []) {
    const frame = readServerFrame(wire);
    if (frame === null || !('message_id' in frame) || frame.message_id !== id) continue;
    if (frame.type === 'text_delta') text += frame.text;
    else if (frame.type === 'thinking_delta') thinking += frame.text;
    else if (frame.type === 'tool_request' || frame.type === 'tool_call' || frame.type === 'tool_result')
      tools.replay(frame);
    else if (frame.type === 'fallback') detail = { ...detail, fallback_reason: frame.reason };
    else if (frame.type === 'message_start') {
      const { actual_model, routing_path, reason, reason_code, routing = null } = frame;
      detail = { ...detail, actual_model, routing_path, reason, reason_code, routing };
    }
  }
  const running = tools.calls.filter(({ state }) => state === 'running');
  tools.close('The process was lost while this call ran: whether it took effect is not known.');
  const whole = {
    ...detail,
    ...(thinking === '' ? {} : { thinking }),
    ...(tools.calls.length === 0 ? {} : { tools: [...tools.calls] }),
  };
  return { answer: { ...answer, text, detail: whole }, running };
}

/** A call whose result was lost on the way to the disk has its row already. */
function auditCut(sql: Sql, conversation: string, messageId: string, at: number, calls: readonly ToolCall[]) {
  const known = new Set(callsOf(sql, conversation, messageId));
  for (const { call_id, server = null, name: tool, arguments: args } of calls) {
    if (known.has(call_id)) continue;
    appendAudit(sql, conversation, at, {
      ...{ message_id: messageId, call_id, server, tool },
      arguments: (JSON.stringify(args) ?? '').slice(0, AUDIT_CHARS).toWellFormed(),
      ...{ decided_by: 'unknown', ok: null, result_chars: 0, duration_ms: null },
    });
  }
}

/**
 * Called when a session wakes, before anything else: a run that is still marked as streaming lost its
 * process (eviction, deploy, crash). Its text becomes what had reached the disk, it is marked
 * `interrupted`, it gets the `message_end` that R1 promises, and `seq` jumps above every number that can
 * have been sent, so that a client with an older cursor is given the snapshot (R11). Nothing is asked
 * upstream again. A disk that takes no writes leaves it for the next time: what is there can still be read.
 * A run that waits for a person has lost nothing, and goes on waiting.
 */
export function recover(
  sql: Sql,
  conversation: ConversationRow,
): { conversation: ConversationRow; buffer: StreamBuffer; parked: LiveRun | null } {
  const lastSeq = Math.max(conversation.lastSeq, lastStoredSeq(sql, conversation.id));
  const cut = findStreamingAnswer(sql, conversation.id);
  const kept = cut === null ? null : readParked(sql, conversation.id, cut.position);
  if (cut === null || kept !== null) {
    return {
      conversation: { ...conversation, lastSeq },
      buffer: new StreamBuffer(conversation.id, lastSeq),
      parked: cut === null || kept === null ? null : revive(kept, { ...cut, conversation: conversation.id }),
    };
  }
  const id = messageId(conversation.id, cut.position);
  const { answer, running } = withStoredTail(sql, conversation.id, id, cut);
  const buffer = new StreamBuffer(conversation.id, lastSeq + SEQ_GAP);
  buffer.number(
    {
      type: 'message_end',
      message_id: id,
      stop_reason: 'interrupted',
      error_code: null,
      actual_model: answer.detail.actual_model,
      usage: null,
      cost_usd: null,
      ttft_ms: answer.detail.ttft_ms,
      duration_ms: null,
    },
    0,
  );
  const chunk = buffer.takeChunk();
  const recovered = { ...conversation, lastSeq: buffer.lastSeq };
  try {
    sql.atomically(() => {
      saveAnswer(sql, conversation.id, answer.position, {
        text: answer.text,
        status: 'interrupted',
        detail: { ...answer.detail, stop_reason: 'interrupted', stored_seq: buffer.lastSeq },
      });
      // When it was made is not known, only that it was after the question.
      auditCut(sql, conversation.id, id, answer.createdAt, running);
      if (chunk !== null) storeChunk(sql, nextChunkNumber(sql), chunk);
      saveCounts(sql, conversation.id, recovered);
    });
  } catch {
    // See above.
  }
  return { conversation: recovered, buffer, parked: null };
}
