import { RETRYABLE, type UnnumberedFrame, type UserMessage } from '../../shared/index.ts';
import type { Turn } from '../agents/agent.ts';
import { saveCounts } from '../archive/conversations.ts';
import { nextChunkNumber, storeChunk } from '../archive/frames.ts';
import { insertStreamingAnswer, insertUserMessage, saveAnswer } from '../archive/messages.ts';
import { type ConversationRow, iso, messageId } from '../archive/rows.ts';
import type { Sql } from '../archive/sql.ts';
import { appendAudit, deleteParked } from '../archive/tools.ts';
import type { Visitor } from '../guard/visitor.ts';
import type { ModelEntry } from '../models/types.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Wish } from './automatic.ts';
import { LiveRun, type Pricing, type RecordAnswer, type RunEnding } from './live-run.ts';
import type { Asked } from './machine.ts';
import { park } from './parked-run.ts';
import { responseEvent } from './response-event.ts';
import { runAnswer } from './run.ts';
import { cutCalls, listenerOf } from './run-listener.ts';
import type { Parked, RunDeps } from './run-types.ts';
import { type DeltaKind, STORE_CHARS, STORE_MS, type StreamBuffer } from './stream-buffer.ts';
import { Ticker, type Timers } from './ticker.ts';
import { UnwatchedLimit, type UnwatchedLimits } from './unwatched.ts';

/** Characters of one answer, thinking included: in UTF-8 they fit the 2 MB that a row of SQLite may have. */
export const ANSWER_CHARS = 500_000;
/** After this many stored chunks the answer's own row is brought up to date, well before the ring wraps. */
const CHUNKS_PER_ROW = 64;
export type AnswerStreamDeps = {
  sql: Sql;
  broadcast: (wire: string) => void;
  pricing: Pricing;
  /** Counts an answer that has ended for the whole deployment; nobody waits for it. */
  recordAnswer: RecordAnswer;
  telemetry: Telemetry;
  now: () => number;
  timers: Timers;
  /** Whether anybody sees what is sent. */
  isWatched: () => boolean;
  unwatched: UnwatchedLimits;
  /** How long one answer may take in all, milliseconds; then it ends with `limit`. */
  runMs: number;
  /** Keeps the object alive until the promise settles. */
  keepAlive: (work: Promise<unknown>) => void;
  /** No run is at work any more: it has ended, however that came, or it waits for a person. */
  onRest: () => void;
  /** The run has ended by itself, not by {@link AnswerStream.end}; true when an upstream failed on the way. */
  onEnd: (upstreamFailed: boolean) => void;
  /** A fault of ours, a full disk for example: what is in memory and what is on disk may differ. */
  onFault: (error: unknown) => void;
};

export type Accepted = {
  conversation: ConversationRow;
  asked: Asked;
  clientId: string | null;
  /** Of the question, and of its answer. */
  position: number;
  reply: number;
  dropped: number;
  wish: Wish;
  connectionId: string;
  payer: Visitor;
};

/**
 * The life of one conversation's frames: numbers them, sends them, puts them on disk, and drives the run
 * that makes them. Deltas are sent first and stored within {@link STORE_MS}; what is promised (accepted,
 * ended) is stored first, and the platform holds the sends back until it is on disk.
 */
export class AnswerStream {
  readonly #deps: AnswerStreamDeps;
  #buffer: StreamBuffer;
  #run: LiveRun | null = null;
  /** Kept here, because the end of a run saves the counts that its acceptance made. */
  #conversation: ConversationRow;
  #chunk: number;
  #chunksSinceRow = 0;
  readonly #join: Ticker;
  readonly #store: Ticker;
  readonly #limit: Ticker;
  readonly #unwatched: UnwatchedLimit;

  /** @param parked the run of this conversation that waits for a person; null where none does */
  constructor(
    deps: AnswerStreamDeps,
    conversation: ConversationRow,
    buffer: StreamBuffer,
    parked: LiveRun | null = null,
  ) {
    this.#deps = deps;
    this.#run = parked;
    this.#conversation = conversation;
    this.#buffer = buffer;
    this.#chunk = nextChunkNumber(deps.sql);
    const ticker = (run: () => void) => new Ticker(deps.timers, () => this.#guard(run));
    this.#join = ticker(() => buffer.drain(deps.now(), this.#sendDelta));
    this.#store = ticker(() => this.#storeFrames());
    this.#limit = ticker(() => this.#endByLimit());
    this.#unwatched = new UnwatchedLimit(deps.unwatched, deps.timers, () =>
      this.#guard(() => this.#endByLimit()),
    );
  }

  get buffer(): StreamBuffer {
    return this.#buffer;
  }

  get run(): LiveRun | null {
    return this.#run;
  }

  /** Puts the question and the place of its answer on disk, and tells everybody (S2). */
  accept(accepted: Accepted): void {
    const { sql, now } = this.#deps;
    const at = now();
    const { conversation, asked, clientId, position, reply, dropped, wish } = accepted;
    const seq = this.#buffer.lastSeq + 1;
    const message: UserMessage =
      asked.kind === 'again'
        ? asked.question
        : {
            id: messageId(conversation.id, position),
            parent_id: asked.parent === null ? null : messageId(conversation.id, asked.parent),
            role: 'user',
            text: asked.text,
            status: 'complete',
            created_at: iso(at),
          };
    this.#conversation = conversation;
    this.#run = new LiveRun({
      conversation: conversation.id,
      position: reply,
      parent: position,
      wish,
      dropped,
      acceptedAt: at,
      acceptedSeq: seq,
      connectionId: accepted.connectionId,
      payer: accepted.payer,
      requested: conversation.model,
    });
    const wire = this.#number({
      type: 'message_accepted',
      client_id: clientId,
      message,
      reply_id: this.#run.messageId,
      dropped_messages: dropped,
      conversation_id: conversation.id,
    });
    const detail = this.#run.detail(seq);
    const isNew = asked.kind === 'new';
    sql.atomically(() => {
      if (isNew) {
        insertUserMessage(sql, {
          conversation: conversation.id,
          position,
          parent: asked.parent,
          text: asked.text,
          createdAt: at,
          clientId,
          detail: { seq, dropped_messages: dropped },
        });
      }
      insertStreamingAnswer(sql, {
        conversation: conversation.id,
        position: reply,
        parent: position,
        createdAt: at,
        clientId: isNew ? null : clientId,
        detail: isNew ? detail : { ...detail, dropped_messages: dropped },
      });
      this.#saveCounts();
      this.#storeFrames();
    });
    this.#deps.broadcast(wire);
  }

  /** Asks the model; everything that follows comes through the listener. */
  start(bound: ModelEntry, turns: Turn[], deps: RunDeps): void {
    if (this.#run !== null) this.#drive(this.#run, bound, turns, deps, null);
  }

  /** Goes on with the run that waited for a person, now that everything of its round is decided. */
  resume(bound: ModelEntry, turns: Turn[], deps: RunDeps, parked: Parked): void {
    const run = this.#run;
    if (run === null) return;
    deleteParked(this.#deps.sql, run.conversation);
    run.isParked = false;
    this.#drive(run, bound, turns, deps, parked);
  }

  #drive(run: LiveRun, bound: ModelEntry, turns: Turn[], deps: RunDeps, resumed: Parked | null): void {
    this.#limit.arm(this.#deps.runMs);
    this.audienceChanged();
    const { sql, now, onEnd } = this.#deps;
    const listener = listenerOf(run, bound.id, {
      announce: (frame) => this.#announce(frame),
      take: (kind, text) => this.#take(run, kind, text),
      store: () => this.#storeFrames(),
      grew: () => this.#heed(run),
      park: (parked) => this.#park(run, parked),
      finish: (ending) => this.#finish(ending),
      ended: onEnd,
      ifCurrent: (act) => {
        if (this.#run === run) this.#guard(act);
      },
      audit: (row) => appendAudit(sql, run.conversation, now(), row),
      now,
    });
    const { connectionId, payer } = run;
    const work = runAnswer({ bound, turns, connectionId, payer, resumed }, deps, listener, run.abort.signal);
    this.#deps.keepAlive(work.catch((error: unknown) => this.#deps.onFault(error)));
  }

  /** Everything of the run goes to disk, and nothing keeps the object awake until a person has decided. */
  #park(run: LiveRun, parked: Parked): void {
    const { sql, now } = this.#deps;
    this.#buffer.drain(now(), this.#sendDelta, true);
    this.#clearTimers();
    const isKept = sql.atomically(() => {
      this.#storeFrames();
      saveAnswer(sql, run.conversation, run.position, {
        text: run.text,
        status: 'streaming',
        detail: run.detail(this.#buffer.lastSeq),
      });
      this.#saveCounts();
      return park(sql, run, parked);
    });
    if (isKept) {
      run.isParked = true;
      run.round = null;
      this.#deps.onRest();
    } else this.#endByLimit();
  }

  /** Somebody has come or gone: a running answer may have nobody left who sees it. */
  audienceChanged(): void {
    if (this.#run !== null && !this.#run.isParked) this.#unwatched.watched(this.#deps.isWatched());
  }

  /** Forgets the run without a word: its end is found on disk, or written there, when the session wakes again. */
  discard(): void {
    this.#run?.abort.abort();
    this.#run = null;
    this.#clearTimers();
  }

  #clearTimers(): void {
    for (const timer of [this.#join, this.#store, this.#limit, this.#unwatched]) timer.clear();
  }

  #endByLimit(): void {
    this.end({ stop_reason: 'limit', error: null });
    this.#deps.onEnd(false);
  }

  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#deps.onFault(error);
    }
  }

  #announce(frame: UnnumberedFrame): void {
    this.#deps.broadcast(this.#number(frame));
    this.#store.arm(STORE_MS);
  }

  #take(run: LiveRun, kind: DeltaKind, text: string): void {
    const room = ANSWER_CHARS - run.taken - run.tools.chars;
    // An upstream may send a megabyte at once; a frame and a row stay small all the same.
    for (let from = 0; from < Math.min(text.length, room); from += STORE_CHARS) {
      const piece = text.slice(from, Math.min(from + STORE_CHARS, room));
      run.taken += piece.length;
      if (kind === 'text_delta') run.takenText += piece.length;
      const wait = this.#buffer.delta(kind, run.messageId, piece, this.#deps.now(), this.#sendDelta);
      if (wait > 0) this.#join.arm(wait);
    }
    if (this.#unwatched.took(text) || text.length >= room) this.#endByLimit();
  }

  /** Results of tools count for the length of an answer: all of it has to fit a row. */
  #heed(run: LiveRun): void {
    if (run.taken + run.tools.chars >= ANSWER_CHARS) this.#endByLimit();
  }

  /**
   * Ends the running answer now, keeping what was received; does nothing when none runs. The upstream is
   * aborted, and whatever it still says is not heard any more.
   */
  end(ending: Omit<RunEnding, 'now'>): void {
    this.#run?.abort.abort();
    // Before the receipt is written, which says what is left.
    this.#run?.money?.settle('cut');
    this.#finish(ending);
  }

  #finish(ending: Omit<RunEnding, 'now'>): void {
    const run = this.#run;
    if (run === null) return;
    const { sql, now, broadcast, pricing } = this.#deps;
    const at = now();
    this.#buffer.drain(at, this.#sendDelta, true);
    this.#run = null;
    this.#clearTimers();

    const last: string[] = [];
    if (ending.error !== null) {
      const error: UnnumberedFrame = {
        type: 'error',
        code: ending.error.code,
        message: ending.error.message,
        retryable: RETRYABLE[ending.error.code],
        message_id: run.messageId,
        ...(ending.error.retry_after_ms === undefined ? {} : { retry_after_ms: ending.error.retry_after_ms }),
      };
      last.push(this.#number(error));
    }
    const seqOfEnd = this.#buffer.lastSeq + 1;
    // Before the end closes them.
    const cut = cutCalls(run);
    const { frame, detail } = run.end({ ...ending, now: at }, seqOfEnd, pricing);
    last.push(this.#number(frame));
    const status = ending.stop_reason === 'end_turn' ? 'complete' : ending.stop_reason;
    sql.atomically(() => {
      saveAnswer(sql, run.conversation, run.position, { text: run.text, status, detail });
      if (run.isParked) deleteParked(sql, run.conversation);
      for (const row of cut) appendAudit(sql, run.conversation, at, row);
      this.#saveCounts();
      this.#storeFrames();
    });
    this.#deps.onRest();
    for (const wire of last) broadcast(wire);
    this.#deps.recordAnswer(run, detail);
    const event = responseEvent(run, ending.stop_reason, detail);
    if (event !== null) this.#deps.telemetry(event);
  }

  #number(frame: UnnumberedFrame): string {
    // A held-back delta was there first.
    this.#buffer.drain(this.#deps.now(), this.#sendDelta, true);
    return this.#buffer.number(frame, this.#deps.now());
  }

  readonly #sendDelta = (wire: string, text: string, kind: DeltaKind): void => {
    this.#deps.broadcast(wire);
    this.#run?.sent(kind, text);
    if (this.#buffer.storeDue(this.#deps.now())) this.#storeFrames();
    else this.#store.arm(STORE_MS);
  };

  #storeFrames(): void {
    this.#store.clear();
    const chunk = this.#buffer.takeChunk();
    if (chunk === null) return;
    const { sql } = this.#deps;
    storeChunk(sql, this.#chunk, chunk);
    this.#chunk += 1;
    this.#chunksSinceRow += 1;
    const run = this.#run;
    if (run === null || this.#chunksSinceRow < CHUNKS_PER_ROW) return;
    this.#chunksSinceRow = 0;
    saveAnswer(sql, run.conversation, run.position, {
      text: run.text,
      status: 'streaming',
      detail: run.detail(chunk.lastSeq),
    });
  }

  #saveCounts(): void {
    const { title, messageCount } = this.#conversation;
    saveCounts(this.#deps.sql, this.#conversation.id, { title, messageCount, lastSeq: this.#buffer.lastSeq });
  }
}
