import Anthropic, { type ClientOptions } from '@anthropic-ai/sdk';
import type {
  Usage as ClaudeUsage,
  MessageDeltaUsage,
  RawMessageStreamEvent,
  StopReason,
} from '@anthropic-ai/sdk/resources/messages';
import type { Stream } from '@anthropic-ai/sdk/streaming';
import type { Usage } from '../../shared/index.ts';
import type { Agent, AgentEvent, AgentRequest, AgentStop } from './agent.ts';
import { ClaudeBlocks, echoedBlocks } from './claude-blocks.ts';
import { claudeBody } from './claude-request.ts';
import { cutError, noAnswerError, type Side, silenceError, toAgentError } from './errors.ts';
import { sentHistory } from './tool-rounds.ts';
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
    let stop: StopReason | null = null;
    let ended = false;
    const history = sentHistory(request, (echo) => echoedBlocks(echo) !== null);
    const blocks = new ClaudeBlocks(history.ids);
    try {
      const client = new Anthropic(clientOptions(options, fetcher));
      // `messages.create` is this call and a plain line on the log at every use of a deprecated model.
      const events = await client.post<Stream<RawMessageStreamEvent>>('/v1/messages', {
        body: claudeBody(request, history),
        stream: true,
        signal: watchdog.signal,
      });
      for await (const event of events) {
        switch (event.type) {
          case 'content_block_start':
            yield ended ? ALIVE : blocks.start(event);
            break;
          case 'content_block_delta':
            yield ended ? ALIVE : blocks.delta(event);
            break;
          case 'content_block_stop':
            yield ended ? ALIVE : blocks.stop(event);
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
              stop = event.delta.stop_reason;
              // What follows is only the goodbye, and a connection that hangs must not keep the answer open.
              watchdog.allow(LINGER_MS);
            }
            break;
          case 'message_stop':
            if (ended) break;
            ended = true;
            watchdog.allow(LINGER_MS);
            yield* endOf(stop ?? 'end_turn', blocks);
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
    if (stop !== null) yield* endOf(stop, blocks);
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

/** The last events of an answer: calls that were not told to be complete, and the end. */
function* endOf(reason: StopReason, blocks: ClaudeBlocks): Generator<AgentEvent, void, undefined> {
  yield* blocks.rest();
  const stop = stopOf(reason, blocks.calls > 0);
  const goesOn = stop === 'tool_use' || (stop === 'max_tokens' && blocks.calls > 0);
  yield { type: 'end', stop, ...(goesOn ? { echo: blocks.echo() } : {}) };
}

function stopOf(reason: StopReason, hasCalls: boolean): AgentStop {
  switch (reason) {
    case 'refusal':
      return 'refused';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'max_tokens';
    case 'pause_turn':
      return 'tool_use';
    default:
      // What counts is what came: a gateway may say `end_turn` after calls.
      return hasCalls ? 'tool_use' : 'end_turn';
  }
}
