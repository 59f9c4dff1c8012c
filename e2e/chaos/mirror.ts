import type { Conversation, ServerFrame, ToolCall } from '../../shared/index.ts';

/** A message as one client has it. */
export type Seen = {
  text: string;
  thinking: string;
  status: string;
  /** Its calls of tools by their ids, each as a line. */
  tools: Map<string, string>;
  /** False when the client came after its beginning, with a cursor from the middle. */
  isWhole: boolean;
};

/** What a client must know of a call. Why one failed is told to those who saw it fail, not to those who saw the end. */
export function callLine({
  name,
  arguments: args,
  state,
  ok,
  content,
}: Omit<ToolCall, 'call_id' | 'truncated' | 'duration_ms'>): string {
  return JSON.stringify([name, args, state, ok, ok ? content : null]);
}

const NOT_OVER = { ok: null, content: null } as const;

/** What one client has of the current conversation: made of snapshots and of frames, never of both for one thing. */
export class Mirror {
  conversation = '';
  /** The number of the last frame. */
  last = 0;
  messages = new Map<string, Seen>();

  /** A snapshot replaces everything (R2's second case). */
  replace(conversation: Conversation, lastSeq: number): void {
    this.conversation = conversation.id;
    this.last = lastSeq;
    this.messages = new Map(
      conversation.messages.map((message) => [
        message.id,
        {
          text: message.text,
          thinking: message.role === 'assistant' ? (message.thinking ?? '') : '',
          status: message.status,
          tools: new Map(
            message.role === 'assistant' ? message.tools?.map((call) => [call.call_id, callLine(call)]) : [],
          ),
          isWhole: true,
        },
      ]),
    );
  }

  /** A new, empty conversation. */
  begin(conversation: string): void {
    this.conversation = conversation;
    this.last = 0;
    this.messages = new Map();
  }

  /** What follows is what comes after this number: with an older one than its own, it forgets what it had. */
  resume(conversation: string, after: number): void {
    if (conversation !== this.conversation || after !== this.last) this.messages = new Map();
    this.conversation = conversation;
    this.last = after;
  }

  apply(frame: ServerFrame): void {
    switch (frame.type) {
      case 'message_accepted': {
        const { id, text, status } = frame.message;
        this.messages.set(id, { ...empty(), text, status });
        this.messages.set(frame.reply_id, empty());
        return;
      }
      case 'tool_request':
      case 'tool_call': {
        const state = frame.type === 'tool_call' ? 'running' : 'waiting';
        const line = callLine({ ...frame, ...NOT_OVER, state });
        this.#message(frame.message_id).tools.set(frame.call_id, line);
        return;
      }
      case 'tool_result':
        this.#end(frame.message_id, frame.call_id, frame.ok, frame.content);
        return;
      case 'text_delta':
        this.#message(frame.message_id).text += frame.text;
        return;
      case 'thinking_delta':
        this.#message(frame.message_id).thinking += frame.text;
        return;
      case 'message_end': {
        const message = this.#message(frame.message_id);
        message.status = frame.stop_reason === 'end_turn' ? 'complete' : frame.stop_reason;
        for (const [id, line] of message.tools) {
          if (!isOver(line)) this.#end(frame.message_id, id, false, null);
        }
        return;
      }
    }
  }

  #end(message: string, call: string, ok: boolean, content: string | null): void {
    const { tools } = this.#message(message);
    const [name, args] = JSON.parse(tools.get(call) ?? '[]') as [string, unknown];
    tools.set(call, callLine({ name, arguments: args, state: 'done', ok, content }));
  }

  #message(id: string): Seen {
    let seen = this.messages.get(id);
    if (seen === undefined) {
      seen = { ...empty(), isWhole: false };
      this.messages.set(id, seen);
    }
    return seen;
  }
}

const empty = (): Seen => ({ text: '', thinking: '', status: 'streaming', tools: new Map(), isWhole: true });

const isOver = (line: string): boolean => (JSON.parse(line) as unknown[])[2] === 'done';
