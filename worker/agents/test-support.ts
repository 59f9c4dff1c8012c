import {
  type Agent,
  AgentError,
  type AgentEvent,
  type AgentRequest,
  type ToolRound,
  type ToolSpec,
  type ToolUse,
} from './agent.ts';
import { type Script, sse } from './scripted-upstream.ts';
import type { Timers } from './watchdog.ts';

export function aRequest(more: Partial<AgentRequest> = {}): AgentRequest {
  return {
    upstreamModel: 'claude-sonnet-5-5',
    turns: [{ role: 'user', text: 'Which prefixes are free?' }],
    system: 'You help network engineers.',
    maxTokens: 1000,
    thinking: 'none',
    ...more,
  };
}

export const GET_OBJECTS: ToolSpec = {
  name: 'get_objects',
  title: 'Get objects',
  description: 'Lists objects.',
  inputSchema: {
    type: 'object',
    properties: { object_type: { type: 'string' } },
    required: ['object_type'],
  },
};

/** A call as an agent reports it. */
export function aCall(id: string, args: Record<string, unknown> = {}, name = 'get_objects'): ToolUse {
  return { id, name, arguments: args, raw: JSON.stringify(args) };
}

/** A round whose calls all went well. */
export function aRound(calls: ToolUse[], more: Partial<ToolRound> = {}): ToolRound {
  const results = calls.map(({ id }) => ({ id, ok: true, content: `result of ${id}` }));
  return { text: '', calls, results, echo: null, ...more };
}

export type Outcome = {
  events: AgentEvent[];
  text: string;
  thinking: string;
  usage: Extract<AgentEvent, { type: 'usage' }>['usage'];
  calls: ToolUse[];
  stop: string | null;
  /** Of the end, where it has one. */
  echo?: unknown;
  error: AgentError | null;
};

/** Runs an agent to its end; an {@link AgentError} becomes part of the outcome, any other error is thrown. */
export async function run(
  agent: Agent,
  request: AgentRequest = aRequest(),
  signal: AbortSignal = new AbortController().signal,
  onEvent: (event: AgentEvent) => void = () => {},
): Promise<Outcome> {
  const outcome: Outcome = {
    events: [],
    text: '',
    thinking: '',
    usage: {},
    calls: [],
    stop: null,
    error: null,
  };
  try {
    for await (const event of agent.stream(request, signal)) {
      outcome.events.push(event);
      if (event.type === 'text') outcome.text += event.text;
      if (event.type === 'thinking') outcome.thinking += event.text;
      if (event.type === 'usage') Object.assign(outcome.usage, event.usage);
      if (event.type === 'tool_use') outcome.calls.push(event.call);
      if (event.type === 'end') {
        outcome.stop = event.stop;
        if ('echo' in event) outcome.echo = event.echo;
      }
      onEvent(event);
    }
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    outcome.error = error;
  }
  return outcome;
}

/** Time that moves only when told to. */
export class FakeTimers implements Timers {
  #now = 0;
  #waiting = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#waiting.add(timer);
    return () => this.#waiting.delete(timer);
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#waiting.size;
  }

  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = [...this.#waiting].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#waiting.delete(due);
      this.#now = due.at;
      due.run();
    }
    this.#now = until;
  }
}

export const START = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5-5',
    content: [],
    stop_reason: null,
    usage: {
      input_tokens: 25,
      cache_creation_input_tokens: 100,
      cache_read_input_tokens: 2000,
      output_tokens: 1,
    },
  },
};
export const textDelta = (text: string) => ({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text },
});
export const messageDelta = (stop_reason: string, usage: object = { output_tokens: 15 }) => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null },
  usage,
});

export function claudeAnswer(texts: string[], stop = 'end_turn', eol = '\n'): string {
  return [
    sse('message_start', START, eol),
    sse(
      'content_block_start',
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      eol,
    ),
    sse('ping', { type: 'ping' }, eol),
    ...texts.map((text) => sse('content_block_delta', textDelta(text), eol)),
    sse('content_block_stop', { type: 'content_block_stop', index: 0 }, eol),
    sse('message_delta', messageDelta(stop), eol),
    sse('message_stop', { type: 'message_stop' }, eol),
  ].join('');
}

export const stream =
  (text: string): Script =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.end(text);
  };
export const claudeStatus =
  (code: number, type: string, message = 'sk-ant-secret at https://internal.example'): Script =>
  (response) => {
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ type: 'error', error: { type, message } }));
  };
