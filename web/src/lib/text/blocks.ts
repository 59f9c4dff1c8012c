import { marked, type Token, type TokensList } from 'marked';

/** One top-level piece of markdown. `done` while streaming: nothing that still comes can change it. */
export type Block = { key: number; token: Token; done: boolean };

const lex = (text: string): TokensList => marked.lexer(text, { gfm: true });

/**
 * Splits an answer into top-level blocks as it grows. Only the tail, from the last block on, is parsed again: text
 * that comes later can extend the last block, and nothing before it.
 */
export class BlockSplitter {
  #done: Block[] = [];
  #doneChars = 0;
  #text = '';

  /** The blocks of `text`. A text that does not continue the one before starts anew. */
  update(text: string, streaming: boolean): Block[] {
    // The end is parsed as a whole: references may point across blocks, and a list may have been split too early.
    if (!streaming) return this.#whole(text);
    if (!text.startsWith(this.#text)) this.#reset();
    this.#text = text;
    const tokens = lex(text.slice(this.#doneChars));
    const last = tokens.findLastIndex((token) => token.type !== 'space');
    const start = this.#done.length;
    for (const token of tokens.slice(0, Math.max(0, last))) {
      this.#doneChars += token.raw.length;
      if (token.type !== 'space') this.#done.push({ key: this.#done.length, token, done: true });
    }
    const tail = tokens[last];
    if (this.#done.length > start) this.#done = [...this.#done];
    return tail ? [...this.#done, { key: this.#done.length, token: tail, done: false }] : this.#done;
  }

  #whole(text: string): Block[] {
    this.#reset();
    return lex(text)
      .filter((token) => token.type !== 'space')
      .map((token, key) => ({ key, token, done: true }));
  }

  #reset(): void {
    this.#done = [];
    this.#doneChars = 0;
    this.#text = '';
  }
}
