import { deleteConversation, deleteSession, messageOf } from './api.ts';

/** What a person deletes for good from this page. The words of a failure come back; null means that it is done. */
export class Deletions {
  #busy = $state(false);
  /** Asked for here: the server's word of it is no news to this page. */
  readonly #own = new Set<string>();

  get busy(): boolean {
    return this.#busy;
  }

  /** Whether the deletion of this conversation or session was asked for here. */
  isOwn(id: string): boolean {
    return this.#own.has(id);
  }

  conversation(sessionId: string, id: string): Promise<string | null> {
    return this.#delete(id, () => deleteConversation(sessionId, id));
  }

  session(sessionId: string): Promise<string | null> {
    return this.#delete(sessionId, () => deleteSession(sessionId));
  }

  async #delete(id: string, ask: () => Promise<void>): Promise<string | null> {
    this.#busy = true;
    this.#own.add(id);
    try {
      await ask();
      return null;
    } catch (error) {
      this.#own.delete(id);
      return messageOf(error);
    } finally {
      this.#busy = false;
    }
  }
}
