import type { Usage } from '../../shared/index.ts';

/** One turn as every provider takes it: plain text, never thinking of another run (CONTRACT R12). */
export type Turn = { role: 'user' | 'assistant'; text: string };

export type AgentRequest = {
  /** The id that the upstream knows: a pinned Anthropic id, or a `model_name` of LiteLLM. */
  upstreamModel: string;
  /** Ends with a user turn; roles alternate. */
  turns: Turn[];
  system: string;
  /** Upper bound of the answer in tokens, thinking included. */
  maxTokens: number;
  /** `adaptive`: send summarised adaptive thinking. `none`: send no thinking parameter at all. */
  thinking: 'adaptive' | 'none';
};

/** How the upstream itself ended its answer. `refused` comes with HTTP 200. */
export type AgentStop = 'end_turn' | 'max_tokens' | 'refused';

/**
 * What every provider's stream is turned into; nothing else in the system knows a provider's shape.
 * `alive`: bytes came that carry nothing to show (a ping, an empty chunk): they feed the watchdog.
 * `usage`: the latest known counts; a later one replaces the fields that it has.
 * The stream ends with exactly one `end`, or throws an {@link AgentError}.
 */
export type AgentEvent =
  | { type: 'alive' }
  | { type: 'text'; text: string }
  | { type: 'thinking'; text: string }
  | { type: 'usage'; usage: Partial<Usage> }
  | { type: 'end'; stop: AgentStop };

/**
 * Why an upstream did not answer, in the rows of CONTRACT R9's table.
 * transient: 429, 5xx, 529, connection lost, silence, an `error` event, a body that is not the format.
 * auth: 401, 402, 403. model_missing: 404 for the model. context_too_long, bad_request: 400, 413, 422.
 */
export type FailureKind = 'transient' | 'auth' | 'model_missing' | 'context_too_long' | 'bad_request';

export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly kind: FailureKind;
  /** HTTP status, or null where none came (connection lost, silence, an error inside the stream). */
  readonly status: number | null;
  /** True when the watchdog ended a silent stream. */
  readonly timedOut: boolean;

  /** @param message one sentence for a person: no key, no address, nothing of the upstream's body. */
  constructor(kind: FailureKind, message: string, more: { status?: number | null; timedOut?: boolean } = {}) {
    super(message);
    this.kind = kind;
    this.status = more.status ?? null;
    this.timedOut = more.timedOut ?? false;
  }
}

export interface Agent {
  /**
   * Streams one answer. Aborting `signal` closes the upstream connection at once and ends the iteration
   * (it may end silently or throw; the caller looks at the signal).
   * @throws {AgentError} for everything an upstream can do wrong.
   */
  stream(request: AgentRequest, signal: AbortSignal): AsyncIterable<AgentEvent>;
}
