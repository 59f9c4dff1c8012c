import Anthropic, { type ClientOptions } from '@anthropic-ai/sdk';
import type {
  Usage as ClaudeUsage,
  MessageCreateParamsStreaming,
  MessageDeltaUsage,
  RawContentBlockDeltaEvent,
  RawContentBlockStartEvent,
  RawMessageStreamEvent,
  StopReason,
} from '@anthropic-ai/sdk/resources/messages';
import type { Stream } from '@anthropic-ai/sdk/streaming';
import type { Usage } from '../../shared/index.ts';
import type { Agent, AgentEvent, AgentRequest, AgentStop } from './agent.ts';
import { cutError, noAnswerError, type Side, silenceError, toAgentError } from './errors.ts';
import { type Fetch, guardedFetch } from './upstream.ts';
import { systemTimers, type Timers, Watchdog } from './watchdog.ts';

export type ClaudeAgentOptions = {
  apiKey: string;
  /** Origin and path prefix without `/v1`: the SDK adds `/v1/messages` itself. */
  baseUrl: string;
  /** Extra headers, e.g. the tunnel's service token. */
  headers: Record<string, string>;
  /** Silence after which the request is given up, milliseconds. */
  timeoutMs: number;
  /** `claude_via_litellm` where the proxy stands in between (scenario 3). Only words depend on it. */
  side?: Extract<Side, 'anthropic' | 'claude_via_litellm'>;
  fetch?: Fetch;
  timers?: Timers;
};

/** After its stop reason an upstream says goodbye and closes the connection by itself; this is how long it may take. */
const LINGER_MS = 1000;

const ALIVE: AgentEvent = { type: 'alive' };

/** Claude through the Messages API: Anthropic's own, or that of a LiteLLM proxy. */
export function createClaudeAgent(options: ClaudeAgentOptions): Agent {
  const side = options.side ?? 'anthropic';

  async function* stream(
    request: AgentRequest,
    signal: AbortSignal,
  ): AsyncGenerator<AgentEvent, void, undefined> {
    if (signal.aborted) return;
    const watchdog = new Watchdog(options.timeoutMs, signal, options.timers ?? systemTimers);
    const fetcher = guardedFetch(options.fetch ?? fetch, watchdog, side);
    let started = false;
    let stop: AgentStop | null = null;
    let ended = false;
    try {
      const client = new Anthropic(clientOptions(options, fetcher));
      // `messages.create` is this call and a plain line on the log at every use of a deprecated model.
      const events = await client.post<Stream<RawMessageStreamEvent>>('/v1/messages', {
        body: bodyOf(request),
        stream: true,
        signal: watchdog.signal,
      });
      for await (const event of events) {
        switch (event.type) {
          case 'content_block_start':
          case 'content_block_delta':
            yield ended ? ALIVE : outputOf(event);
            break;
          case 'message_start':
            // LiteLLM may send it twice; the second one knows no more than the first.
            if (!started && event.message?.usage)
              yield { type: 'usage', usage: usageOf(event.message.usage) };
            started = true;
            break;
          case 'message_delta':
            if (event.usage) yield { type: 'usage', usage: usageOf(event.usage) };
            if (event.delta?.stop_reason) {
              stop = stopOf(event.delta.stop_reason);
              // What follows is only the goodbye, and a connection that hangs must not keep the answer open.
              watchdog.allow(LINGER_MS);
            }
            break;
          case 'message_stop':
            if (ended) break;
            ended = true;
            watchdog.allow(LINGER_MS);
            yield { type: 'end', stop: stop ?? 'end_turn' };
            break;
          default:
            yield ALIVE;
        }
      }
    } catch (error) {
      if (!ended && stop === null && !signal.aborted) {
        if (watchdog.timedOut) throw silenceError(side, options.timeoutMs);
        throw toAgentError(error, side, request.upstreamModel);
      }
    } finally {
      watchdog.stop();
    }
    if (ended || signal.aborted) return;
    // The stop reason is the last thing of an answer: what is missing after it was only the goodbye.
    if (stop !== null) yield { type: 'end', stop };
    else if (watchdog.timedOut) throw silenceError(side, options.timeoutMs);
    else throw started ? cutError(side) : noAnswerError(side);
  }

  return { stream };
}

function clientOptions(options: ClaudeAgentOptions, fetcher: Fetch): ClientOptions {
  return {
    // Given explicitly: otherwise the SDK looks for credentials in the environment and in files.
    apiKey: options.apiKey,
    baseURL: options.baseUrl,
    defaultHeaders: options.headers,
    // Falling back to another model is ours (CONTRACT R9), and it should not wait for a second attempt.
    maxRetries: 0,
    // Silence is the watchdog's; this one must never be first.
    timeout: options.timeoutMs + 60_000,
    // On a broken line the SDK would log the text of the message.
    logLevel: 'off',
    openTelemetry: false,
    fetch: fetcher,
  };
}

/** Sampling parameters, a prefill and `thinking: enabled` are refused with 400 by today's models. */
function bodyOf(request: AgentRequest): MessageCreateParamsStreaming {
  return {
    model: request.upstreamModel,
    max_tokens: request.maxTokens,
    stream: true,
    // Automatic caching: one breakpoint on the last block, moved on with every turn.
    cache_control: { type: 'ephemeral' },
    ...(request.system === '' ? {} : { system: request.system }),
    ...(request.thinking === 'adaptive' ? { thinking: { type: 'adaptive', display: 'summarized' } } : {}),
    messages: request.turns.map((turn) => ({ role: turn.role, content: turn.text })),
  };
}

/**
 * What of a block is shown. By the part's own type: LiteLLM sends thinking inside blocks that it opened as text, and
 * a gateway may put the first words into the start of a block. What is not text, whatever its name, is passed over.
 */
function outputOf(event: RawContentBlockStartEvent | RawContentBlockDeltaEvent): AgentEvent {
  const part: unknown = event.type === 'content_block_start' ? event.content_block : event.delta;
  if (typeof part !== 'object' || part === null || !('type' in part)) return ALIVE;
  if ((part.type === 'text_delta' || part.type === 'text') && 'text' in part) return shown('text', part.text);
  if ((part.type === 'thinking_delta' || part.type === 'thinking') && 'thinking' in part) {
    return shown('thinking', part.thinking);
  }
  return ALIVE;
}

function shown(type: 'text' | 'thinking', text: unknown): AgentEvent {
  return typeof text === 'string' && text !== '' ? { type, text } : ALIVE;
}

/** The fields that this event has; counts are cumulative, so the last event that has a field is right. */
function usageOf(from: ClaudeUsage | MessageDeltaUsage): Partial<Usage> {
  const usage: Partial<Usage> = {};
  if (typeof from.input_tokens === 'number') usage.input_tokens = from.input_tokens;
  if (typeof from.output_tokens === 'number') usage.output_tokens = from.output_tokens;
  if (typeof from.cache_read_input_tokens === 'number')
    usage.cache_read_tokens = from.cache_read_input_tokens;
  if (typeof from.cache_creation_input_tokens === 'number') {
    usage.cache_write_tokens = from.cache_creation_input_tokens;
  }
  const thinking = from.output_tokens_details?.thinking_tokens;
  if (typeof thinking === 'number') usage.thinking_tokens = thinking;
  return usage;
}

function stopOf(reason: StopReason): AgentStop {
  switch (reason) {
    case 'refusal':
      return 'refused';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'max_tokens';
    default:
      return 'end_turn';
  }
}
