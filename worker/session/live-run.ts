import type { Answer, MessageEndFrame, Routing, RoutingPath, StopReason, Usage } from '../../shared/index.ts';
import { type AnswerDetail, iso, messageId, receiptOf } from '../archive/rows.ts';
import type { Visitor } from '../guard/visitor.ts';
import type { ModelEntry } from '../models/types.ts';
import type { Wish } from './automatic.ts';
import { estimateTokens } from './context.ts';
import type { Candidate, RunError, RunMoney } from './run.ts';

const NO_USAGE: Usage = {
  input_tokens: null,
  output_tokens: null,
  cache_read_tokens: null,
  cache_write_tokens: null,
  thinking_tokens: null,
};

const COUNTS = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'thinking_tokens',
] as const;

export type RunEnding = {
  stop_reason: StopReason;
  error: RunError | null;
  now: number;
};

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
  /** Null until money was set aside for it. */
  money: RunMoney | null = null;
  text = '';
  thinking = '';
  /** Characters that the upstream has given so far, sent or still held back. */
  taken = 0;
  #requested: string;
  #actual: ModelEntry | null = null;
  #routingPath: RoutingPath | null = null;
  #reason: string | null = null;
  #reasonCode: string | null = null;
  #routing: Routing | null = null;
  #fallbackReason: string | null = null;
  #usage: Usage = NO_USAGE;
  #startedAt: number | null = null;

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
    this.#requested = init.requested;
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
    this.#startedAt = now;
  }

  fellBack(reason: string): void {
    this.#fallbackReason = reason;
    this.#usage = NO_USAGE;
  }

  sent(kind: 'text_delta' | 'thinking_delta', text: string): void {
    if (kind === 'text_delta') this.text += text;
    else this.thinking += text;
  }

  counted(usage: Partial<Usage>): void {
    for (const key of COUNTS) {
      const count = usage[key];
      // Whatever an upstream sends there, a receipt holds counts.
      if (typeof count === 'number' && Number.isFinite(count) && count >= 0)
        this.#usage = { ...this.#usage, [key]: count };
    }
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
      requested_model: this.#requested,
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
      // An answer without a word has begun, but there was no first one.
      ttft_ms: this.#startedAt === null || this.taken === 0 ? null : this.#startedAt - this.acceptedAt,
      duration_ms: null,
      ...(this.thinking === '' ? {} : { thinking: this.thinking }),
      stored_seq: storedSeq,
      accepted_seq: this.acceptedSeq,
      ...(this.wish.attempts === 0 ? {} : { attempts: this.wish.attempts }),
    };
  }

  /**
   * The receipt. A stream that did not come to its end never told its output tokens: then they are
   * estimated from what was received, because it is paid for.
   * @param cost prices a usage in US dollars
   */
  end(
    ending: RunEnding,
    storedSeq: number,
    cost: (entry: ModelEntry, usage: Usage) => number | null,
  ): { frame: Omit<MessageEndFrame, 'seq'>; detail: AnswerDetail } {
    const usage = this.#actual === null ? null : this.#finalUsage(ending.stop_reason);
    const detail: AnswerDetail = {
      ...this.detail(storedSeq),
      stop_reason: ending.stop_reason,
      error_code: ending.error?.code ?? null,
      error_message: ending.error?.message ?? null,
      usage,
      // A model at home costs nothing, also where it does not count.
      cost_usd: this.#actual === null ? null : cost(this.#actual, usage ?? NO_USAGE),
      duration_ms: ending.now - this.acceptedAt,
    };
    return {
      frame: {
        type: 'message_end',
        message_id: this.messageId,
        stop_reason: ending.stop_reason,
        error_code: detail.error_code,
        actual_model: detail.actual_model,
        usage,
        cost_usd: detail.cost_usd,
        ttft_ms: detail.ttft_ms,
        duration_ms: detail.duration_ms,
        budget: this.money?.budget() ?? null,
      },
      detail,
    };
  }

  #finalUsage(stop: StopReason): Usage | null {
    const cut = stop === 'stopped' || stop === 'limit' || stop === 'error';
    const reported = this.#usage;
    if (!cut) return Object.values(reported).every((count) => count === null) ? null : reported;
    const received = estimateTokens(this.text) + estimateTokens(this.thinking);
    return { ...reported, output_tokens: Math.max(reported.output_tokens ?? 0, received) };
  }
}
