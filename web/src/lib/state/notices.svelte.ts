import { ERROR_WORDS } from '#lib/text/words.ts';
import type { ErrorCode } from '#lib/wire.ts';

export type Notice = { id: number; tone: 'info' | 'problem'; title: string; detail: string };

/** News go by themselves after this time; problems stay until they are dismissed. */
const INFO_MS = 9_000;
const MOST = 4;

/** Short messages at the edge of the page, and the one polite status for screen readers. */
export class Notices {
  #list = $state.raw<Notice[]>([]);
  #status = $state('');
  #next = 1;

  get list(): Notice[] {
    return this.#list;
  }

  /** What a screen reader says next. */
  get status(): string {
    return this.#status;
  }

  announce(text: string): void {
    // The same words twice would not be read again without a difference.
    this.#status = text === this.#status ? `${text}\u00a0` : text;
  }

  info(title: string, detail = ''): void {
    const id = this.#add('info', title, detail);
    setTimeout(() => this.dismiss(id), INFO_MS);
  }

  /** Code that is loaded when it is needed is not to be had: the server has a newer version, or the line is down. */
  outdated(): void {
    this.info('This part of the page could not be loaded', 'Reload the page: there may be a newer version.');
  }

  problem(code: ErrorCode, detail: string): void {
    const words = ERROR_WORDS[code];
    this.#add('problem', words.title, detail || words.hint);
  }

  /** A dialog opens: news would lie on top of it, problems stay. */
  dismissNews(): void {
    this.#list = this.#list.filter((notice) => notice.tone === 'problem');
  }

  dismiss(id: number): void {
    this.#list = this.#list.filter((notice) => notice.id !== id);
  }

  #add(tone: Notice['tone'], title: string, detail: string): number {
    const id = this.#next++;
    const others = this.#list.filter((notice) => notice.title !== title || notice.detail !== detail);
    this.#list = [...others, { id, tone, title, detail }].slice(-MOST);
    this.announce(detail ? `${title}. ${detail}` : title);
    return id;
  }
}
