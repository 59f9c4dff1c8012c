import type { ArchiveEntry, Conversation } from '#lib/wire.ts';
import { fetchArchives, fetchConversation, fetchExport, messageOf } from './api.ts';
import { joined, without } from './archive-entries.ts';
import { EarlierPages } from './earlier-pages.svelte.ts';
import { prependOlder } from './message-pages.ts';

type View =
  | { kind: 'none' }
  | { kind: 'loading'; id: string }
  | { kind: 'open'; conversation: Conversation }
  | { kind: 'failed'; id: string; message: string }
  /** Deleted from elsewhere while it was being read. */
  | { kind: 'deleted'; title: string };

/** Reading the archive over HTTP (H5): older pages of the list, and one conversation at a time, read-only. */
export class ArchiveReader {
  #view = $state.raw<View>({ kind: 'none' });
  #older = $state.raw<ArchiveEntry[]>([]);
  #cursor = $state.raw<string | null | undefined>(undefined);
  #busy = $state(false);
  #olderFailed = $state<string | null>(null);
  readonly #sessionId: () => string | null;
  readonly #problem: (message: string) => void;
  /** Earlier pages of the conversation that is read. */
  readonly earlier = new EarlierPages((conversation, before) => this.page(conversation.id, before));

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

  /** Why older entries could not be loaded; null when they could, or nobody asked. */
  get olderFailed(): string | null {
    return this.#olderFailed;
  }

  /** The list: the newest entries, which the `session` frame brought, then the older ones that were loaded. */
  entries(newest: readonly ArchiveEntry[]): ArchiveEntry[] {
    return joined(newest, this.#older);
  }

  /** The cursor of the next page; `first` is the one that the `session` frame brought. */
  next(first: string | null): string | null {
    return this.#cursor === undefined ? first : this.#cursor;
  }

  async loadOlder(first: string | null): Promise<void> {
    const session = this.#sessionId();
    const cursor = this.next(first);
    if (!session || !cursor || this.#busy) return;
    this.#busy = true;
    this.#olderFailed = null;
    try {
      const page = await fetchArchives(session, cursor);
      if (session !== this.#sessionId()) return;
      this.#older = joined(this.#older, page.conversations);
      this.#cursor = page.next;
    } catch (error) {
      this.#olderFailed = messageOf(error);
    } finally {
      this.#busy = false;
    }
  }

  /** A new session has another archive. */
  forget(): void {
    this.#older = [];
    this.#cursor = undefined;
    this.#olderFailed = null;
    this.close();
  }

  /** A conversation is gone; `here` when this page deleted it, so that nobody needs to be told. */
  removed(id: string, here: boolean): void {
    this.#older = without(this.#older, id);
    const view = this.#view;
    const shown = view.kind === 'open' ? view.conversation.id : 'id' in view ? view.id : null;
    if (shown !== id) return;
    const title = view.kind === 'open' ? view.conversation.title : '';
    this.#view = here ? { kind: 'none' } : { kind: 'deleted', title };
  }

  async show(id: string): Promise<void> {
    if (!this.#sessionId()) return;
    const loading: View = { kind: 'loading', id };
    this.#view = loading;
    this.earlier.forget();
    try {
      const conversation = await this.page(id, null);
      if (this.#view === loading) this.#view = { kind: 'open', conversation };
    } catch (error) {
      if (this.#view === loading) this.#view = { kind: 'failed', id, message: messageOf(error) };
    }
  }

  /** Whether there are more messages than before now. */
  async showEarlier(): Promise<boolean> {
    const view = this.#view;
    if (view.kind !== 'open') return false;
    const older = await this.earlier.before(view.conversation);
    if (!older || this.#view !== view) return false;
    this.#view = { kind: 'open', conversation: prependOlder(view.conversation, older) };
    return true;
  }

  /** A page of a conversation: the newest, or the one before a message. */
  page(id: string, before: string | null): Promise<Conversation> {
    return fetchConversation(this.#sessionId() ?? '', id, before);
  }

  close(): void {
    this.#view = { kind: 'none' };
  }

  async export(id: string, format: 'markdown' | 'json'): Promise<Blob | null> {
    try {
      return await fetchExport(this.#sessionId() ?? '', id, format);
    } catch (error) {
      this.#problem(messageOf(error));
      return null;
    }
  }
}
