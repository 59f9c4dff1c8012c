import type { Token } from 'marked';
import { lex } from './bounded-lexer.ts';
import { OpenFence } from './open-fence.ts';

/**
 * One top-level piece of markdown. `done` while streaming: nothing that still comes can change it. `open`: code whose
 * fence has not ended, so that all that can happen to it is more text at its end.
 */
export type Block = { key: number; token: Token; done: boolean; open?: OpenCode };
export type OpenCode = { language: string; code: string };

/**
 * Splits an answer into top-level blocks as it grows. Only the tail, from the last block on, is parsed again: text
 * that comes later can extend the last block, and nothing before it. An open block of code is not even parsed: it is
 * only looked at for its end.
 */
export class BlockSplitter {
  #done: Block[] = [];
  #doneChars = 0;
  #text = '';
  #fence: OpenFence | null = null;

  /** The blocks of a text. One that does not continue the one before starts anew. */
  update(source: string, streaming: boolean): Block[] {
    // The parser reads other ends of lines as this one; places in the text must be counted in the same.
    const text = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
    // The end is parsed as a whole: references may point across blocks, and a list may have been split too early.
    if (!streaming) return this.#whole(text);
    if (!text.startsWith(this.#text)) this.#reset();
    this.#text = text;
    if (this.#fence?.isOpen(text)) return [...this.#done, this.#openBlock(this.#fence)];
    const tokens = lex(text.slice(this.#doneChars));
    const last = tokens.findLastIndex((token) => token.type !== 'space');
    const start = this.#done.length;
    for (const token of tokens.slice(0, Math.max(0, last))) {
      this.#doneChars += token.raw.length;
      if (token.type !== 'space') this.#done.push({ key: this.#done.length, token, done: true });
    }
    const tail = tokens[last];
    if (this.#done.length > start) this.#done = [...this.#done];
    this.#fence = tail?.type === 'code' ? OpenFence.at(text, this.#doneChars) : null;
    if (this.#fence?.isOpen(text)) return [...this.#done, this.#openBlock(this.#fence)];
    return tail ? [...this.#done, { key: this.#done.length, token: tail, done: false }] : this.#done;
  }

  #openBlock({ start, bodyStart, language }: OpenFence): Block {
    const code = this.#text.slice(bodyStart);
    const token: Token = { type: 'code', raw: this.#text.slice(start), lang: language, text: code };
    return { key: this.#done.length, token, done: false, open: { language, code } };
  }

  #whole(text: string): Block[] {
    const before = this.#done;
    this.#reset();
    const tokens = lex(text);
    // With references anywhere, a block may look different although its own text is the same.
    const reusable = Object.keys(tokens.links).length === 0;
    return tokens
      .filter((token) => token.type !== 'space')
      .map((token, key) => {
        const known = before[key];
        return reusable && known?.token.raw === token.raw ? known : { key, token, done: true };
      });
  }

  #reset(): void {
    this.#done = [];
    this.#doneChars = 0;
    this.#text = '';
    this.#fence = null;
  }
}
