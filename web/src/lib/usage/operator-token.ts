import { type KeyValue, tolerant } from '#lib/state/preferences.ts';

const KEY = 'chatbox.operator-token';

/** What can be sent in a header; anything else would fail before it reaches the server. */
const SENDABLE = /^[\x21-\x7e]+$/;

/** The operator's token, for as long as the tab is open: it is the key to the whole deployment's figures. */
export class OperatorToken {
  readonly #tab: KeyValue;

  constructor(tab: KeyValue = tolerant(() => sessionStorage)) {
    this.#tab = tab;
  }

  get current(): string | null {
    return this.#tab.getItem(KEY) || null;
  }

  /** False where it cannot be one. */
  keep(token: string): boolean {
    const trimmed = token.trim();
    if (!SENDABLE.test(trimmed)) return false;
    this.#tab.setItem(KEY, trimmed);
    return true;
  }

  forget(): void {
    this.#tab.removeItem(KEY);
  }
}
