import OpenAI, { type ClientOptions } from 'openai';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { CompletionUsage } from 'openai/resources/completions';
import type { Usage } from '../../shared/index.ts';
import type { Agent, AgentEvent, AgentRequest, AgentStop } from './agent.ts';
import { cutError, noAnswerError, silenceError, toAgentError } from './errors.ts';
import { StreamedCalls } from './litellm-calls.ts';
import { chatBody } from './litellm-request.ts';
import { sentHistory } from './tool-rounds.ts';
import { type Fetch, guardedFetch } from './upstream.ts';
import { systemTimers, type Timers, Watchdog } from './watchdog.ts';

export type LiteLlmAgentOptions = {
  apiKey: string;
  /** Origin and path prefix of the proxy without `/v1`. */
  proxyUrl: string;
  /** Extra headers, e.g. the tunnel's service token. */
  headers: Record<string, string>;
  /** Silence after which the request is given up, milliseconds; the retries are within it. */
  timeoutMs: number;
  /** Attempts after the first one, only while no byte of an answer has come. */
  maxRetries: number;
  fetch?: Fetch;
  timers?: Timers;
};

/** After the finish reason come at most the usage and the end of the stream; this is how long they may take. */
const LINGER_MS = 2000;

const ALIVE: AgentEvent = { type: 'alive' };

/**
 * Home models through the proxy's `/v1/chat/completions`: its `/v1/messages` has open faults in the
 * streams of other providers than Anthropic.
 */
export function createLiteLlmAgent(options: LiteLlmAgentOptions): Agent {
  async function* stream(
    request: AgentRequest,
    signal: AbortSignal,
  ): AsyncGenerator<AgentEvent, void, undefined> {
    if (signal.aborted) return;
    const watchdog = new Watchdog(options.timeoutMs, signal, options.timers ?? systemTimers);
    const fetcher = guardedFetch(options.fetch ?? fetch, watchdog, 'litellm');
    let started = false;
    let stop: AgentStop | null = null;
    const history = sentHistory(request, () => false);
    const calls = new StreamedCalls();
    try {
      const client = new OpenAI(clientOptions(options, fetcher));
      const chunks = await client.chat.completions.create(chatBody(request, history), {
        signal: watchdog.signal,
      });
      for await (const chunk of chunks) {
        started = true;
        let shown = false;
        // The chunk with the usage has no choices.
        const choice = chunk.choices?.[0];
        if (choice !== undefined) {
          const thinking = thinkingOf(choice.delta);
          if (thinking !== '') {
            shown = true;
            yield { type: 'thinking', text: thinking };
          }
          const text = choice.delta?.content;
          if (typeof text === 'string' && text !== '') {
            shown = true;
            yield { type: 'text', text };
          }
          const drafted = calls.take(choice.delta);
          if (drafted !== '') {
            shown = true;
            yield { type: 'alive', drafted };
          }
          if (choice.finish_reason && stop === null) {
            stop = stopOf(choice.finish_reason);
            watchdog.allow(LINGER_MS);
          }
        }
        if (chunk.usage) {
          shown = true;
          yield { type: 'usage', usage: usageOf(chunk.usage) };
        }
        if (!shown) yield ALIVE;
      }
    } catch (error) {
      if (stop === null && !signal.aborted) {
        if (watchdog.timedOut) throw silenceError('litellm', options.timeoutMs);
        throw toAgentError(error, 'litellm', request.upstreamModel);
      }
    } finally {
      watchdog.stop();
    }
    if (signal.aborted) return;
    // What is missing after the finish reason is only the receipt, not the answer.
    if (stop !== null) yield* endOf(stop, calls.uses(history.ids));
    else if (watchdog.timedOut) throw silenceError('litellm', options.timeoutMs);
    else throw started ? cutError('litellm') : noAnswerError('litellm');
  }

  return { stream };
}

function clientOptions(options: LiteLlmAgentOptions, fetcher: Fetch): ClientOptions {
  return {
    // All given explicitly: otherwise the SDK reads OPENAI_* of the environment.
    apiKey: options.apiKey,
    adminAPIKey: null,
    organization: null,
    project: null,
    baseURL: `${options.proxyUrl}/v1`,
    defaultHeaders: options.headers,
    maxRetries: options.maxRetries,
    // Silence is the watchdog's; this one must never be first.
    timeout: options.timeoutMs + 60_000,
    logLevel: 'off',
    fetch: fetcher,
  };
}

/** Reasoning is no part of OpenAI's format; LiteLLM calls it the one, vLLM and Ollama the other. */
function thinkingOf(delta: ChatCompletionChunk.Choice.Delta | undefined): string {
  if (!delta) return '';
  if ('reasoning_content' in delta && typeof delta.reasoning_content === 'string')
    return delta.reasoning_content;
  if ('reasoning' in delta && typeof delta.reasoning === 'string') return delta.reasoning;
  return '';
}

/** `prompt_tokens` counts the cached part too; our `input_tokens` is the uncached one. */
function usageOf(from: CompletionUsage): Partial<Usage> {
  const usage: Partial<Usage> = {};
  if (typeof from.prompt_tokens === 'number') usage.input_tokens = from.prompt_tokens;
  if (typeof from.completion_tokens === 'number') usage.output_tokens = from.completion_tokens;
  const cached = from.prompt_tokens_details?.cached_tokens;
  if (typeof cached === 'number') {
    usage.cache_read_tokens = cached;
    usage.input_tokens = Math.max(0, (usage.input_tokens ?? 0) - cached);
  }
  const thinking = from.completion_tokens_details?.reasoning_tokens;
  if (typeof thinking === 'number') usage.thinking_tokens = thinking;
  return usage;
}

/** Calls are known to be complete only here: their last pieces may come together with the finish reason. */
function* endOf(
  stop: AgentStop,
  uses: Extract<AgentEvent, { type: 'tool_use' }>[],
): Generator<AgentEvent, void, undefined> {
  yield* uses;
  if (uses.length === 0 || stop === 'refused') yield { type: 'end', stop };
  // What counts is what came: many servers say `stop` after calls.
  else yield { type: 'end', stop: stop === 'max_tokens' ? stop : 'tool_use', echo: null };
}

function stopOf(reason: ChatCompletionChunk.Choice['finish_reason']): AgentStop {
  switch (reason) {
    case 'content_filter':
      return 'refused';
    case 'length':
      return 'max_tokens';
    default:
      return 'end_turn';
  }
}
