import type { ServerFrame, SessionFrame } from '#lib/wire.ts';
import type { ChatState } from './chat-state.ts';
import type { Target } from './transport.ts';

/** From where the page goes on when it connects again (R2). */
export class Resume {
  /** The next connection asks for the whole truth instead of a resume. */
  #wantsSnapshot = false;
  /** A resume is told how far it goes before its frames come: until then nobody knows what was accepted. */
  #to: { conversation: string; seq: number } | null = null;

  /** Whether frames come that were sent before. */
  get isReplaying(): boolean {
    return this.#to !== null;
  }

  target(sessionId: string | null, chat: ChatState): Target {
    const known = sessionId === chat.sessionId && !this.#wantsSnapshot;
    return { sessionId, conversationId: known ? (chat.conversation?.id ?? null) : null, after: chat.lastSeq };
  }

  /** Frames are missing. */
  gap(): void {
    this.#wantsSnapshot = true;
  }

  began({ resumed_after, conversation, last_seq }: SessionFrame): void {
    this.#wantsSnapshot = false;
    this.#to = resumed_after === null ? null : { conversation: conversation.id, seq: last_seq };
  }

  /** A frame is in the state. */
  reached({ conversation, lastSeq }: ChatState): void {
    if (this.#to?.conversation !== conversation?.id || lastSeq >= (this.#to?.seq ?? 0)) this.#to = null;
  }

  /** Whether what the frame says is of now. */
  isLive(frame: ServerFrame): boolean {
    return !this.isReplaying || !('seq' in frame && typeof frame.seq === 'number');
  }
}
