import type { ArchiveEntry, Conversation } from '#lib/wire.ts';
import { ApiError, fetchArchives, fetchConversation, fetchExport } from './api.ts';
import { prependOlder } from './chat-state.ts';

type View =
  | { kind: 'none' }
  | { kind: 'loading'; id: string }
  | { kind: 'open'; conversation: Conversation }
  | { kind: 'failed'; id: string; message: string };

function messageOf(error: unknown): string {
  return error instanceof ApiError ? error.message : 'It could not be loaded.';
}

/** Reading the archive over HTTP (H5): older pages of the list, and one conversation at a time, read-only. */
export class ArchiveReader {
  #view = $state.raw<View>({ kind: 'none' });
  #older = $state.raw<ArchiveEntry[]>([]);
  #cursor = $state.raw<string | null | undefined>(undefined);
  #busy = $state(false);
  readonly #sessionId: () => string | null;
  readonly #problem: (message: string) => void;

  /** `problem` is told in words when something beside the view could not be loaded. */
  constructor(sessionId: () => string | null, problem: (message: string) => void) {
    this.#sessionId = sessionId;
    this.#problem = problem;
  }

  get view(): View {
    return this.#view;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Entries beyond those of the `session` frame. */
  get older(): ArchiveEntry[] {
    return this.#older;
  }

  /** The cursor of the next page; `first` is the one that the `session` frame brought. */
  next(first: string | null): string | null {
    return this.#cursor === undefined ? first : this.#cursor;
  }

  async loadOlder(first: string | null): Promise<void> {
    const session = this.#sessionId();
    const cursor = this.next(first);
    if (!session || !cursor || this.#busy) return;
    await this.#during(async () => {
      const page = await fetchArchives(session, cursor);
      if (session !== this.#sessionId()) return;
      this.#older = [...this.#older, ...page.conversations];
      this.#cursor = page.next;
    });
  }

  /** A new session has another archive. */
  forget(): void {
    this.#older = [];
    this.#cursor = undefined;
    this.close();
  }

  async show(id: string): Promise<void> {
    const session = this.#sessionId();
    if (!session) return;
    this.#view = { kind: 'loading', id };
    try {
      const conversation = await fetchConversation(session, id);
      if (this.#view.kind === 'loading' && this.#view.id === id) this.#view = { kind: 'open', conversation };
    } catch (error) {
      if (this.#view.kind === 'loading' && this.#view.id === id) {
        this.#view = { kind: 'failed', id, message: messageOf(error) };
      }
    }
  }

  async showEarlier(): Promise<void> {
    const view = this.#view;
    const session = this.#sessionId();
    if (view.kind !== 'open' || !session) return;
    const older = await this.earlierThan(view.conversation);
    if (older && this.#view === view) {
      this.#view = { kind: 'open', conversation: prependOlder(view.conversation, older) };
    }
  }

  /** The page before the first message of a conversation; null when it could not be had. */
  async earlierThan(conversation: Conversation): Promise<Conversation | null> {
    const session = this.#sessionId();
    const first = conversation.messages[0];
    if (!session || !first || this.#busy) return null;
    return this.#during(() => fetchConversation(session, conversation.id, first.id));
  }

  close(): void {
    this.#view = { kind: 'none' };
  }

  async export(id: string, format: 'markdown' | 'json'): Promise<Blob | null> {
    const session = this.#sessionId();
    return session ? this.#during(() => fetchExport(session, id, format)) : null;
  }

  async #during<T>(work: () => Promise<T>): Promise<T | null> {
    this.#busy = true;
    try {
      return await work();
    } catch (error) {
      this.#problem(messageOf(error));
      return null;
    } finally {
      this.#busy = false;
    }
  }
}
