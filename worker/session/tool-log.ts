import type { SequencedFrame, ToolCall } from '../../shared/index.ts';

/** A call as it is announced: what, with what, whose, and where in its answer. */
export type Called = Pick<ToolCall, 'call_id' | 'name' | 'arguments' | 'server' | 'title' | 'round' | 'at'>;

/** What came of it; `content` is what the model is told. */
export type CallResult = { ok: boolean; content: string; truncated: boolean; duration_ms: number };

const NOT_OVER = { ok: null, content: null, truncated: false, duration_ms: null };

function argumentChars({ arguments: args }: ToolCall): number {
  return JSON.stringify(args)?.length ?? 0;
}

/** The tool calls of one answer, for its message. */
export class ToolLog {
  #calls: ToolCall[];
  #chars = 0;

  constructor(calls: readonly ToolCall[] = []) {
    this.#calls = [...calls];
    for (const call of calls) this.#chars += argumentChars(call) + (call.content?.length ?? 0);
  }

  get calls(): readonly ToolCall[] {
    return this.#calls;
  }

  /** UTF-16 units of all arguments and results. */
  get chars(): number {
    return this.#chars;
  }

  /** A call that is announced next: calls stand in the order in which they were asked for, not announced. */
  expect(called: Called, state: 'waiting' | 'running'): void {
    if (!this.#calls.some((one) => one.call_id === called.call_id))
      this.#put({ ...called, ...NOT_OVER, state });
  }

  waiting(called: Called): void {
    this.#put({ ...called, ...NOT_OVER, state: 'waiting' });
  }

  running(called: Called): void {
    this.#put({ ...called, ...NOT_OVER, state: 'running' });
  }

  ended(callId: string, result: CallResult): void {
    const call = this.#calls.find((one) => one.call_id === callId);
    if (call === undefined) return;
    this.#chars += result.content.length;
    this.#put({ ...call, ...result, state: 'done' });
  }

  /** The answer is over: what is not, has failed. @returns whether anything was not */
  close(why: string): boolean {
    const open = this.#calls.filter((one) => one.state !== 'done');
    for (const call of open) this.#put({ ...call, ok: false, content: why, state: 'done' });
    return open.length > 0;
  }

  #put(call: ToolCall): void {
    const at = this.#calls.findIndex((one) => one.call_id === call.call_id);
    if (at === -1) {
      this.#calls = [...this.#calls, call];
      this.#chars += argumentChars(call);
    } else this.#calls = this.#calls.with(at, call);
  }

  /** Takes up a frame that was sent before; anything but a frame of tools is passed over. */
  replay(frame: SequencedFrame): void {
    if (frame.type === 'tool_request' || frame.type === 'tool_call') {
      const { type: _type, seq: _seq, message_id: _message, ...called } = frame;
      if (frame.type === 'tool_call') this.running(called);
      else this.waiting(called);
    } else if (frame.type === 'tool_result') {
      const { call_id, ok, content, truncated, duration_ms } = frame;
      this.ended(call_id, { ok, content, truncated, duration_ms });
    }
  }
}
