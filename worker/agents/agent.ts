import type { Usage } from '../../shared/index.ts';

/** What a model is told of a tool. */
export type ToolSpec = {
  /** `^[a-zA-Z0-9_-]{1,64}$`, unique among the tools of a request: both providers want it so. */
  name: string;
  /** For people; no model is told it. */
  title: string | null;
  description: string;
  /** JSON Schema of an object. */
  inputSchema: Record<string, unknown>;
};

/** A call that a model asked for. */
export type ToolUse = {
  /** The provider's own, or ours where it gave none or gave it twice: unique within a request and its answer. */
  id: string;
  name: string;
  /** Null where {@link raw} is no JSON, or JSON of something else than an object: a cut or malformed call. */
  arguments: Record<string, unknown> | null;
  /** The arguments as they came. */
  raw: string;
};

/** What a model is told about one of its calls; `id` is the call's. */
export type ToolAnswer = { id: string; ok: boolean; content: string };

/** One exchange inside a run: what the model said before its calls, the calls, and a result for each. */
export type ToolRound = {
  text: string;
  /** Empty where the model paused of itself and wants to go on. */
  calls: ToolUse[];
  results: ToolAnswer[];
  /**
   * The `echo` of the `end` event that these calls came with: the provider's own blocks as JSON, thinking with its
   * signature among them. It goes back unchanged inside the same run. Null for rounds of earlier runs (CONTRACT R12);
   * another provider passes over it.
   */
  echo: unknown;
};

/** One turn as every provider takes it: never thinking of another run (CONTRACT R12). */
export type Turn = {
  role: 'user' | 'assistant';
  /** Of an answer with rounds: what came after the last one; it may be empty then. */
  text: string;
  /** The tools that an earlier answer used, in order; its {@link text} follows them. Of users never. */
  rounds?: readonly ToolRound[];
};

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
  /** What may be called; none where left out. The same list in the same order keeps the prompt cache. */
  tools?: readonly ToolSpec[];
  /** The rounds of this run so far; they follow the last user turn. */
  rounds?: readonly ToolRound[];
  /** `none`: it has to answer now, from what it has. Not every home model keeps to it. */
  toolChoice?: 'auto' | 'none';
};

/**
 * How the upstream itself ended its answer. `refused` comes with HTTP 200. `tool_use`: it waits for the results of the
 * calls of this stream, or, without any, to go on where it paused.
 */
export type AgentStop = 'end_turn' | 'max_tokens' | 'refused' | 'tool_use';

/**
 * What every provider's stream is turned into; nothing else in the system knows a provider's shape.
 * `alive`: bytes came that carry nothing to show (a ping, an empty chunk): they feed the watchdog. `drafted`: a piece of
 * the arguments of a call that is not complete yet, which is paid for like text.
 * `usage`: the latest known counts of this request; a later one replaces the fields that it has.
 * `tool_use`: one call, complete, or cut by the token limit (`arguments` null).
 * The stream ends with exactly one `end`, or throws an {@link AgentError}. `end.echo` is there with every `tool_use`,
 * and with `max_tokens` after calls; it belongs into the {@link ToolRound}.
 */
export type AgentEvent =
  | { type: 'alive'; drafted?: string }
  | { type: 'text'; text: string }
  | { type: 'thinking'; text: string }
  | { type: 'tool_use'; call: ToolUse }
  | { type: 'usage'; usage: Partial<Usage> }
  | { type: 'end'; stop: AgentStop; echo?: unknown };

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
