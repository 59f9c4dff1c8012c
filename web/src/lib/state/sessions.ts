import type { Place } from './arrival.svelte.ts';
import type { ChatState } from './chat-state.ts';
import type { Deletions } from './deletions.svelte.ts';
import type { Notices } from './notices.svelte.ts';
import type { Preferences } from './preferences.ts';

export type SessionsWorld = {
  preferences: Preferences;
  notices: Notices;
  deletions: Deletions;
  chat: () => ChatState;
  /** What the page knows is of another session now: it forgets that, and connects anew. */
  changed: () => void;
  /** What was written and not sent shall not be kept either. */
  discardUnsent: () => void;
  /** All of the page begins anew. */
  reload: () => void;
};

/** Which session this page is on. */
export class Sessions {
  readonly #world: SessionsWorld;

  constructor(world: SessionsWorld) {
    this.#world = world;
  }

  startSeparate(): void {
    this.#world.preferences.startSeparate();
    this.#world.changed();
  }

  joinShared(): void {
    this.#world.preferences.joinShared();
    this.#world.changed();
  }

  /** Back to the chat that was here before one of another device; that one can be gone back to in turn. */
  swap(): void {
    this.#world.preferences.swapSessions();
    this.#world.changed();
  }

  /** What there is to lose sight of here. `unknown`: a session that has not spoken yet. */
  own(): 'none' | 'empty' | 'used' | 'unknown' {
    const { conversation, archives } = this.#world.chat();
    if (conversation) return conversation.message_count > 0 || archives.length > 0 ? 'used' : 'empty';
    return this.#world.preferences.sessionId === null ? 'none' : 'unknown';
  }

  /** A one-time link has brought the session of another device. */
  adopt(sessionId: string, place: Place): void {
    const { preferences, notices, changed } = this.#world;
    if (sessionId === preferences.sessionId) {
      notices.info('This chat is open here already', 'The link was for the very same one.');
      return;
    }
    const keep = place === 'everywhere' && this.own() === 'used';
    if (place === 'this-tab') preferences.startSeparate();
    preferences.adopt(sessionId, keep);
    changed();
    notices.info(
      'This is the chat from your other device',
      keep ? 'The one that was here is kept: the settings, under History, lead back to it.' : '',
    );
  }

  /** Deletes the session, and what this browser keeps of it; a fresh one follows. The words of a failure, or null. */
  async deleteEverything(): Promise<string | null> {
    const { preferences, notices, deletions, chat, discardUnsent } = this.#world;
    const id = chat().sessionId;
    if (id === null) return 'There is no connection. Try again when it is back.';
    const failure = await deletions.session(id);
    if (failure !== null) return failure;
    discardUnsent();
    preferences.forgetModel();
    // The server closes the sockets, which may already have brought a new session.
    if (chat().sessionId === id) this.#leave(id);
    notices.info('Everything is deleted', 'A new, empty session was started.');
    return null;
  }

  /** The server does not know the session (any more). */
  lost(): boolean {
    const { preferences, notices, deletions, chat } = this.#world;
    const used = chat().sessionId ?? preferences.sessionId;
    if (!used) return false;
    this.#leave(used);
    if (!deletions.isOwn(used)) {
      notices.info(
        'Your earlier session is gone',
        'A new one was started. What you write now is kept in it.',
      );
    }
    return true;
  }

  /** Nobody sees the chats of who was signed in here before. `name` is null where nobody has one. */
  person(name: string | null): void {
    if (name !== null && this.#world.preferences.changePerson(name)) this.#world.reload();
  }

  #leave(sessionId: string): void {
    this.#world.preferences.forgetSession(sessionId);
    this.#world.changed();
  }
}
