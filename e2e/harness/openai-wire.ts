import type { ServerResponse } from 'node:http';
import type { ScriptedCall } from './tool-wire.ts';
import type { EndReason, Stream } from './upstream.ts';

/** Of the calls of all answers. */
let calls = 0;

/** The stream of `/v1/chat/completions` as LiteLLM sends it for a local model. */
export class OpenAiStream implements Stream {
  readonly response: ServerResponse;
  #model: string;
  #characters = 0;
  #calls = 0;

  constructor(response: ServerResponse, model: string) {
    this.response = response;
    this.#model = model;
  }

  #chunk(choices: unknown[], more: Record<string, unknown> = {}): void {
    const chunk = {
      id: 'chatcmpl-test',
      object: 'chat.completion.chunk',
      created: 1,
      model: this.#model,
      choices,
      ...more,
    };
    this.response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  }

  #delta(delta: Record<string, unknown>, finish_reason: string | null = null): void {
    this.#chunk([{ index: 0, delta, finish_reason }]);
  }

  start(): void {
    this.response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'x-litellm-version': '1.104.2',
    });
    this.#delta({ role: 'assistant', content: '' });
  }

  text(piece: string): void {
    this.#characters += piece.length;
    this.#delta({ content: piece });
  }

  thinking(piece: string): void {
    this.#characters += piece.length;
    this.#delta({ reasoning_content: piece });
  }

  tools(asked: readonly ScriptedCall[]): void {
    for (const { name, id = `call_${++calls}`, args = {}, raw = JSON.stringify(args) } of asked) {
      this.#characters += raw.length;
      const index = this.#calls++;
      const first = { index, id, type: 'function', function: { name, arguments: '' } };
      this.#delta({ tool_calls: [first] });
      for (const piece of raw.match(/[\s\S]{1,7}/g) ?? []) {
        this.#delta({ tool_calls: [{ index, function: { arguments: piece } }] });
      }
    }
  }

  ping(): void {
    this.response.write(': ping\n\n');
  }

  end(reason: EndReason = this.#calls > 0 ? 'tool_use' : 'end_turn'): void {
    const finish = {
      end_turn: 'stop',
      max_tokens: 'length',
      refusal: 'content_filter',
      tool_use: 'tool_calls',
    }[reason];
    this.#delta({}, finish);
    const completion_tokens = Math.max(1, Math.ceil(this.#characters / 4));
    const usage = { prompt_tokens: 12, completion_tokens, total_tokens: 12 + completion_tokens };
    this.#chunk([], { usage });
    this.response.end('data: [DONE]\n\n');
  }

  fail(): void {
    const error = { message: 'as the test says', type: 'server_error', param: null, code: '500' };
    this.response.end(`data: ${JSON.stringify({ error })}\n\n`);
  }

  cut(): void {
    this.response.socket?.resetAndDestroy();
  }

  refuse(status: number, type = 'error', message = 'as the test says'): void {
    this.response.writeHead(status, { 'content-type': 'application/json', 'x-litellm-version': '1.104.2' });
    this.response.end(JSON.stringify({ error: { message, type, param: null, code: String(status) } }));
  }
}
