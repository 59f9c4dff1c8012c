import type {
  AlwaysUsd,
  Answer,
  MessageEndFrame,
  Routing,
  RoutingPath,
  StopReason,
  ToolCall,
  Usage,
} from '../../shared/index.ts';
import { type AnswerDetail, iso, messageId, receiptOf } from '../archive/rows.ts';
import type { Visitor } from '../guard/visitor.ts';
import type { ModelEntry } from '../models/types.ts';
import type { Wish } from './automatic.ts';
import { estimateTokens } from './context.ts';
import { Meter, NO_USAGE } from './meter.ts';
import type { Candidate, RunError, RunMoney } from './run-types.ts';
import { ToolLog } from './tool-log.ts';
import type { OpenRound } from './tool-round.ts';

export type RunEnding = {
  stop_reason: StopReason;
  error: RunError | null;
  now: number;
};

/** What an answer costs, in US dollars. */
export type Pricing = {
  cost: (entry: ModelEntry, usage: Usage) => number | null;
  /** What each tier would have cost; null outside of Automatic. `calls`: one for each round of tools. */
  always: (run: LiveRun, actual: ModelEntry, calls: readonly Usage[]) => AlwaysUsd | null;
};

export type RecordAnswer = (run: LiveRun, detail: AnswerDetail) => void;

/** What of a run is kept while it waits for a person. */
export type RunMemory = { calls: Usage[]; ttftMs: number | null; wish: Wish };

/** The answer that is being written: everything of it that is sent is also here, character for character. */
export class LiveRun {
  readonly abort = new AbortController();
  readonly conversation: string;
  readonly position: number;
  readonly parent: number;
  readonly messageId: string;
  readonly acceptedAt: number;
  readonly acceptedSeq: number;
  readonly connectionId: string;
  readonly payer: Visitor;
  readonly wish: Wish;
  /** How many old messages were left out of what goes upstream (R13). */
  readonly dropped: number;
  /** Null until money was set aside for it. */
  money: RunMoney | null = null;
  readonly tools: ToolLog;
  /** The newest round of calls that was not put aside with the run; null before any. */
  round: OpenRound | null = null;
  /** It waits for a person: no upstream is at work, and nothing keeps the object awake. */
  isParked = false;
  text = '';
  thinking = '';
  /** Characters that the upstream has given so far, sent or still held back; and those that are text. */
  taken = 0;
  takenText = 0;
  readonly requested: string;
  #actual: ModelEntry | null = null;
  #routingPath: RoutingPath | null = null;
  #reason: string | null = null;
  #reasonCode: string | null = null;
  #routing: Routing | null = null;
  #fallbackReason: string | null = null;
  #opinionUsd = 0;
  readonly #meter = new Meter();
  /** Tokens of the calls of tools that the running call of the upstream has written, by our guess. */
  #draftedTokens = 0;
  /** How much there was when the running call of the upstream began; null while none runs. */
  #callBegan: { text: number; thinking: number } | null = null;
  #startedAt: number | null = null;
  #ttftMs: number | null = null;

  constructor(init: {
    conversation: string;
    position: number;
    parent: number;
    acceptedAt: number;
    acceptedSeq: number;
    connectionId: string;
    payer: Visitor;
    requested: string;
    wish: Wish;
    dropped: number;
    tools?: readonly ToolCall[];
  }) {
    this.conversation = init.conversation;
    this.position = init.position;
    this.parent = init.parent;
    this.messageId = messageId(init.conversation, init.position);
    this.acceptedAt = init.acceptedAt;
    this.acceptedSeq = init.acceptedSeq;
    this.connectionId = init.connectionId;
    this.payer = init.payer;
    this.wish = init.wish;
    this.dropped = init.dropped;
    this.tools = new ToolLog(init.tools);
    this.requested = init.requested;
  }

  get actual(): ModelEntry | null {
    return this.#actual;
  }

  started(candidate: Candidate, now: number): void {
    this.#actual = candidate.entry;
    this.#routingPath = candidate.entry.routing_path;
    this.#reason = candidate.reason;
    this.#reasonCode = candidate.reason_code;
    this.#routing = candidate.routing;
    this.#opinionUsd = candidate.opinionUsd;
    this.#startedAt = now;
  }

  fellBack(reason: string): void {
    this.#fallbackReason = reason;
    this.#meter.clear();
  }

  sent(kind: 'text_delta' | 'thinking_delta', text: string): void {
    if (kind === 'text_delta') this.text += text;
    else this.thinking += text;
  }

  /** An upstream is asked now. */
  callBegins(money: RunMoney): void {
    this.money = money;
    this.#draftedTokens = 0;
    this.#callBegan = { text: this.text.length, thinking: this.thinking.length };
  }

  drafted(text: string): void {
    this.#draftedTokens += estimateTokens(text);
  }

  counted(usage: Partial<Usage>): void {
    this.#meter.counted(usage);
  }

  /** One call of the upstream is over, and the answer is not. */
  callEnded(): void {
    this.#meter.callEnded();
    this.#callBegan = null;
  }

  /** What has to be kept of it while it waits for a person, beside its row. */
  get memory(): RunMemory {
    return { calls: [...this.#meter.calls], ttftMs: this.#ttft(), wish: this.wish };
  }

  /** Takes up what was kept. */
  restore(
    candidate: Candidate,
    memory: RunMemory,
    was: { text: string; thinking: string; fallback: string | null },
  ): void {
    this.started(candidate, this.acceptedAt);
    this.#meter.restore(memory.calls);
    this.#callBegan = null;
    this.#ttftMs = memory.ttftMs;
    this.#fallbackReason = was.fallback;
    this.text = was.text;
    this.thinking = was.thinking;
    this.taken = was.text.length + was.thinking.length;
    this.takenText = was.text.length;
  }

  #ttft(): number | null {
    if (this.#ttftMs !== null) return this.#ttftMs;
    // An answer without a word has begun, but there was no first one.
    const isSilent = this.#startedAt === null || (this.taken === 0 && this.tools.calls.length === 0);
    return isSilent ? null : (this.#startedAt ?? 0) - this.acceptedAt;
  }

  /** The answer as a client sees it now. */
  message(): Answer {
    return {
      id: this.messageId,
      parent_id: messageId(this.conversation, this.parent),
      role: 'assistant',
      text: this.text,
      status: 'streaming',
      created_at: iso(this.acceptedAt),
      ...receiptOf(this.detail(0)),
    };
  }

  /** The row's detail while the answer is written. */
  detail(storedSeq: number): AnswerDetail {
    return {
      actual_model: this.#actual?.id ?? null,
      requested_model: this.requested,
      fallback_reason: this.#fallbackReason,
      routing_path: this.#routingPath,
      reason: this.#reason,
      reason_code: this.#reasonCode,
      routing: this.#routing,
      ...(this.wish.tier === null ? {} : { redo_tier: this.wish.tier }),
      stop_reason: null,
      error_code: null,
      usage: null,
      cost_usd: null,
      ttft_ms: this.#ttft(),
      duration_ms: null,
      ...(this.thinking === '' ? {} : { thinking: this.thinking }),
      ...(this.tools.calls.length === 0 ? {} : { tools: [...this.tools.calls] }),
      stored_seq: storedSeq,
      accepted_seq: this.acceptedSeq,
      ...(this.wish.attempts === 0 ? {} : { attempts: this.wish.attempts }),
    };
  }

  /**
   * The receipt. A stream that did not come to its end never told its output tokens: then they are
   * estimated from what was received, because it is paid for.
   */
  end(
    ending: RunEnding,
    storedSeq: number,
    pricing: Pricing,
  ): { frame: Omit<MessageEndFrame, 'seq'>; detail: AnswerDetail } {
    this.tools.close('The answer ended before this call did.');
    this.#meter.callEnded(this.#receivedOfCall(ending.stop_reason));
    const { calls, total } = this.#meter;
    const usage = this.#actual === null ? null : total;
    const detail: AnswerDetail = {
      ...this.detail(storedSeq),
      stop_reason: ending.stop_reason,
      error_code: ending.error?.code ?? null,
      error_message: ending.error?.message ?? null,
      usage,
      cost_usd: this.#cost(calls, pricing.cost),
      duration_ms: ending.now - this.acceptedAt,
    };
    const always = this.#actual === null ? null : pricing.always(this, this.#actual, calls);
    if (always !== null) detail.always_usd = always;
    return {
      frame: {
        type: 'message_end',
        message_id: this.messageId,
        stop_reason: ending.stop_reason,
        error_code: detail.error_code,
        actual_model: detail.actual_model,
        usage,
        cost_usd: detail.cost_usd,
        ...(always === null ? {} : { always_usd: always }),
        ttft_ms: detail.ttft_ms,
        duration_ms: detail.duration_ms,
        budget: this.money?.budget() ?? null,
      },
      detail,
    };
  }

  /** Tokens of what the running call of the upstream has given, where it was cut; null where it was not, or gave nothing. */
  #receivedOfCall(stop: StopReason): number | null {
    const isCut = stop === 'stopped' || stop === 'limit' || stop === 'error';
    if (!isCut || this.#callBegan === null) return null;
    const { text, thinking } = this.#callBegan;
    const seen = estimateTokens(this.text.slice(text)) + estimateTokens(this.thinking.slice(thinking));
    return seen + this.#draftedTokens || null;
  }

  /** Of all calls, and of the second opinion that was asked for it. Null where nothing of it is known. */
  #cost(calls: readonly Usage[], cost: Pricing['cost']): number | null {
    const entry = this.#actual;
    if (entry === null) return null;
    // A model at home costs nothing, also where it does not count.
    const parts = calls.length === 0 ? [cost(entry, NO_USAGE)] : calls.map((call) => cost(entry, call));
    const known = parts.filter((part) => part !== null);
    if (known.length === 0) return null;
    return known.reduce((sum, part) => sum + part, this.#opinionUsd);
  }
}
