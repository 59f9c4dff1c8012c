import * as z from 'zod/mini';
import { type AutoMode, autoModeSchema } from '#lib/wire.ts';
import type { Way } from './way.ts';

/** The part of `Storage` that is used here. */
export type KeyValue = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export type Theme = 'system' | 'light' | 'dark';

const KEYS = {
  session: 'chatbox.session',
  model: 'chatbox.model',
  autoMode: 'chatbox.auto-mode',
  /** Read by static/theme.js too, before the first paint. */
  theme: 'chatbox.theme',
  /** Only in a tab's own storage: this tab has a session of its own. */
  separate: 'chatbox.separate',
  outbox: 'chatbox.outbox',
  draft: 'chatbox.draft',
  /** Only in a tab's own storage: over which way the server was reached last. */
  way: 'chatbox.way',
  /** The session that was here before one of another device took its place. */
  previous: 'chatbox.previous',
  /** Whose sessions these are, where people have names. */
  person: 'chatbox.person',
} as const;

/** Where the session of somebody waits who is not signed in now. */
const sessionKeyOf = (name: string): string => `${KEYS.session} of ${name}`;

/** Storage that may be blocked, full or absent: then what is kept lives as long as the page. */
export function tolerant(open: () => KeyValue): KeyValue {
  const memory = new Map<string, string>();
  const attempt = <T>(action: (storage: KeyValue) => T, otherwise: () => T): T => {
    try {
      return action(open());
    } catch {
      return otherwise();
    }
  };
  return {
    getItem: (key) =>
      memory.get(key) ??
      attempt(
        (storage) => storage.getItem(key),
        () => null,
      ),
    setItem: (key, value) =>
      attempt(
        (storage) => {
          storage.setItem(key, value);
          memory.delete(key);
        },
        () => void memory.set(key, value),
      ),
    removeItem: (key) => {
      memory.delete(key);
      attempt(
        (storage) => storage.removeItem(key),
        () => undefined,
      );
    },
  };
}

/**
 * What the page remembers. `shared` is one for all tabs (localStorage), `own` is this tab's (sessionStorage): a tab
 * that started a separate session keeps that session's id there.
 */
export class Preferences {
  readonly #shared: KeyValue;
  readonly #own: KeyValue;

  constructor(shared: KeyValue, own: KeyValue) {
    this.#shared = shared;
    this.#own = own;
  }

  get separate(): boolean {
    return this.#own.getItem(KEYS.separate) === 'yes';
  }

  get sessionId(): string | null {
    return this.#sessionStore.getItem(KEYS.session) || null;
  }

  rememberSession(id: string): void {
    this.#sessionStore.setItem(KEYS.session, id);
  }

  /** Forgets `id`, unless another tab has already put a newer one in its place. */
  forgetSession(id: string): void {
    if (this.sessionId === id) this.#sessionStore.removeItem(KEYS.session);
    if (this.previousSession === id) this.#sessionStore.removeItem(KEYS.previous);
  }

  /** From now on this tab has its own session, which the server is still to mint. */
  startSeparate(): void {
    this.#own.setItem(KEYS.separate, 'yes');
    this.#own.removeItem(KEYS.session);
  }

  joinShared(): void {
    this.#own.removeItem(KEYS.separate);
    this.#own.removeItem(KEYS.session);
  }

  /** The session that `adopt` put aside, if any. */
  get previousSession(): string | null {
    return this.#sessionStore.getItem(KEYS.previous) || null;
  }

  /** Puts a session of another device in the place of the own one; `keep`: that one can be gone back to. */
  adopt(id: string, keep: boolean): void {
    const own = this.sessionId;
    if (keep && own !== null) this.#sessionStore.setItem(KEYS.previous, own);
    this.rememberSession(id);
  }

  /** The two change places. */
  swapSessions(): void {
    const { previousSession, sessionId } = this;
    if (previousSession === null) return;
    this.rememberSession(previousSession);
    if (sessionId === null) this.#sessionStore.removeItem(KEYS.previous);
    else this.#sessionStore.setItem(KEYS.previous, sessionId);
  }

  /**
   * From now on the shared session is this person's; that of the one before waits for them to come back. True when
   * there was another one, whose chat this page may show and whose unsent words are gone now.
   */
  changePerson(name: string): boolean {
    const before = this.#shared.getItem(KEYS.person);
    if (before === name) return false;
    this.#shared.setItem(KEYS.person, name);
    if (before === null) return false;
    const left = this.#shared.getItem(KEYS.session);
    if (left !== null) this.#shared.setItem(sessionKeyOf(before), left);
    const own = this.#shared.getItem(sessionKeyOf(name));
    if (own === null) this.#shared.removeItem(KEYS.session);
    else this.#shared.setItem(KEYS.session, own);
    this.#shared.removeItem(sessionKeyOf(name));
    this.#shared.removeItem(KEYS.previous);
    for (const key of [KEYS.separate, KEYS.session, KEYS.previous, KEYS.outbox, KEYS.draft]) {
      this.#own.removeItem(key);
    }
    return true;
  }

  get way(): Way {
    return this.#own.getItem(KEYS.way) === 'http' ? 'http' : 'socket';
  }

  keepWay(way: Way): void {
    if (way === 'http') this.#own.setItem(KEYS.way, way);
    else this.#own.removeItem(KEYS.way);
  }

  get model(): string | null {
    return this.#shared.getItem(KEYS.model) || null;
  }

  chooseModel(id: string): void {
    this.#shared.setItem(KEYS.model, id);
  }

  forgetModel(): void {
    this.#shared.removeItem(KEYS.model);
  }

  /** How Automatic is to weigh quality against price; null where the person has not said. */
  get autoMode(): AutoMode | null {
    const parsed = z.safeParse(autoModeSchema, this.#shared.getItem(KEYS.autoMode));
    return parsed.success ? parsed.data : null;
  }

  chooseAutoMode(mode: AutoMode): void {
    this.#shared.setItem(KEYS.autoMode, mode);
  }

  get theme(): Theme {
    const stored = this.#shared.getItem(KEYS.theme);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  }

  chooseTheme(theme: Theme): void {
    if (theme === 'system') this.#shared.removeItem(KEYS.theme);
    else this.#shared.setItem(KEYS.theme, theme);
  }

  /** Unsent messages of this tab, as JSON; they survive a reload. */
  get outbox(): string | null {
    return this.#own.getItem(KEYS.outbox);
  }

  keepOutbox(json: string | null): void {
    if (json === null) this.#own.removeItem(KEYS.outbox);
    else this.#own.setItem(KEYS.outbox, json);
  }

  /** What this tab has written and not sent. */
  get draft(): string {
    return this.#own.getItem(KEYS.draft) ?? '';
  }

  keepDraft(text: string): void {
    if (text === '') this.#own.removeItem(KEYS.draft);
    else this.#own.setItem(KEYS.draft, text);
  }

  get #sessionStore(): KeyValue {
    return this.separate ? this.#own : this.#shared;
  }
}

/** The preferences of a browser's page. */
export function browserPreferences(): Preferences {
  return new Preferences(
    tolerant(() => localStorage),
    tolerant(() => sessionStorage),
  );
}
