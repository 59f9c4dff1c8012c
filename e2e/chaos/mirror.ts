import type { Conversation, ServerFrame } from '../../shared/index.ts';

/** A message as one client has it. */
export type Seen = {
  text: string;
  thinking: string;
  status: string;
  /** False when the client came after its beginning, with a cursor from the middle. */
  isWhole: boolean;
};

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
        this.messages.set(id, { text, thinking: '', status, isWhole: true });
        this.messages.set(frame.reply_id, { text: '', thinking: '', status: 'streaming', isWhole: true });
        return;
      }
      case 'text_delta':
        this.#message(frame.message_id).text += frame.text;
        return;
      case 'thinking_delta':
        this.#message(frame.message_id).thinking += frame.text;
        return;
      case 'message_end':
        this.#message(frame.message_id).status =
          frame.stop_reason === 'end_turn' ? 'complete' : frame.stop_reason;
        return;
    }
  }

  #message(id: string): Seen {
    let seen = this.messages.get(id);
    if (seen === undefined) {
      seen = { text: '', thinking: '', status: 'streaming', isWhole: false };
      this.messages.set(id, seen);
    }
    return seen;
  }
}
