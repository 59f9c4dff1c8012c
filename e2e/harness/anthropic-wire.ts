import type { ServerResponse } from 'node:http';
import type { ScriptedCall } from './tool-wire.ts';
import type { EndReason, Stream } from './upstream.ts';

/** Of the calls of all answers: the provider never gives one twice. */
let calls = 0;

/** The Messages API's event stream, written from its documentation. */
export class AnthropicStream implements Stream {
  readonly response: ServerResponse;
  #model: string;
  #block: { index: number; type: 'text' | 'thinking' } | null = null;
  #blocks = 0;
  #characters = 0;
  #hasCalls = false;

  constructor(response: ServerResponse, model: string) {
    this.response = response;
    this.#model = model;
  }

  #event(data: { type: string } & Record<string, unknown>): void {
    this.response.write(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  start(): void {
    this.response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'request-id': 'req_test',
    });
    this.#event({
      type: 'message_start',
      message: {
        id: 'msg_test',
        type: 'message',
        role: 'assistant',
        model: this.#model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: {
          input_tokens: 12,
          cache_read_input_tokens: 3,
          cache_creation_input_tokens: 4,
          output_tokens: 1,
        },
      },
    });
    this.ping();
  }

  #open(type: 'text' | 'thinking'): number {
    if (this.#block?.type === type) return this.#block.index;
    this.#close();
    const index = this.#blocks++;
    this.#block = { index, type };
    const content_block = type === 'text' ? { type, text: '' } : { type, thinking: '', signature: '' };
    this.#event({ type: 'content_block_start', index, content_block });
    return index;
  }

  #close(): void {
    if (!this.#block) return;
    const { index, type } = this.#block;
    if (type === 'thinking') {
      this.#event({
        type: 'content_block_delta',
        index,
        delta: { type: 'signature_delta', signature: 'c2ln' },
      });
    }
    this.#event({ type: 'content_block_stop', index });
    this.#block = null;
  }

  text(piece: string): void {
    this.#characters += piece.length;
    this.#event({
      type: 'content_block_delta',
      index: this.#open('text'),
      delta: { type: 'text_delta', text: piece },
    });
  }

  thinking(piece: string): void {
    this.#characters += piece.length;
    const delta = { type: 'thinking_delta', thinking: piece };
    this.#event({ type: 'content_block_delta', index: this.#open('thinking'), delta });
  }

  tools(asked: readonly ScriptedCall[]): void {
    for (const { name, id = `toolu_${++calls}`, args = {}, raw = JSON.stringify(args) } of asked) {
      this.#close();
      this.#hasCalls = true;
      this.#characters += raw.length;
      const index = this.#blocks++;
      const content_block = { type: 'tool_use', id, name, input: {} };
      this.#event({ type: 'content_block_start', index, content_block });
      for (const partial_json of ['', ...(raw.match(/[\s\S]{1,7}/g) ?? [])]) {
        this.#event({
          type: 'content_block_delta',
          index,
          delta: { type: 'input_json_delta', partial_json },
        });
      }
      this.#event({ type: 'content_block_stop', index });
    }
  }

  ping(): void {
    this.#event({ type: 'ping' });
  }

  end(reason: EndReason = this.#hasCalls ? 'tool_use' : 'end_turn'): void {
    this.#close();
    const usage = { output_tokens: Math.max(1, Math.ceil(this.#characters / 4)) };
    this.#event({ type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage });
    this.#event({ type: 'message_stop' });
    this.response.end();
  }

  fail(): void {
    this.#event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
    this.response.end();
  }

  cut(): void {
    this.response.socket?.resetAndDestroy();
  }

  refuse(status: number, type = errorType(status), message = 'as the test says'): void {
    this.response.writeHead(status, { 'content-type': 'application/json' });
    this.response.end(JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_test' }));
  }
}

function errorType(status: number): string {
  const types: Record<number, string> = {
    400: 'invalid_request_error',
    401: 'authentication_error',
    402: 'billing_error',
    403: 'permission_error',
    404: 'not_found_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    529: 'overloaded_error',
  };
  return types[status] ?? 'api_error';
}

/** Today's models as `GET /v1/models` lists them. */
export function anthropicModels(): unknown {
  const ids = [
    'claude-haiku-5-5',
    'claude-sonnet-5-5',
    'claude-opus-5-5',
    'claude-haiku-4-5-20251001',
    'claude-sonnet-4-5-20250929',
  ];
  const data = ids.map((id) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: '2026-01-01T00:00:00Z',
    line: null,
    lifecycle: id === 'claude-sonnet-4-5-20250929' ? 'deprecated' : 'active',
    deprecated_at: null,
    retires_at: id === 'claude-sonnet-4-5-20250929' ? '2026-11-30T00:00:00Z' : null,
    max_input_tokens: 200_000,
    max_tokens: 64_000,
    capabilities: null,
  }));
  return { data, has_more: false, first_id: data[0]?.id, last_id: data.at(-1)?.id };
}
