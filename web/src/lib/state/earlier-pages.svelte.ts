import type { Conversation } from '#lib/wire.ts';
import { messageOf } from './api.ts';

/** The page before the first message of a conversation; at most one at a time, and a failure can be tried again. */
export class EarlierPages {
  #busy = $state(false);
  #failed = $state<string | null>(null);
  readonly #fetch: (conversation: Conversation, before: string) => Promise<Conversation>;

  constructor(fetch: (conversation: Conversation, before: string) => Promise<Conversation>) {
    this.#fetch = fetch;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Why the last try failed, in words; null when it did not. Nothing tries again by itself then. */
  get failed(): string | null {
    return this.#failed;
  }

  /** Null when there is none, one is under way, or it could not be had. */
  async before(conversation: Conversation): Promise<Conversation | null> {
    const first = conversation.messages[0];
    if (!first || !conversation.has_more || this.#busy) return null;
    this.#busy = true;
    this.#failed = null;
    try {
      return await this.#fetch(conversation, first.id);
    } catch (error) {
      this.#failed = messageOf(error);
      return null;
    } finally {
      this.#busy = false;
    }
  }

  /** Another conversation is shown: its first try has not been made. */
  forget(): void {
    this.#failed = null;
  }
}
