import type { Token } from 'marked';
import type { BlockSplitter } from './blocks.ts';
import { escapeHtml } from './escape.ts';

type Render = (token: Token) => string;

/**
 * Markdown arrives after the first paint: until then answers are plain text, and code has no colours until its
 * grammars are there.
 */
export class RichText {
  #plain = $state.raw<Render | null>(null);
  #coloured = $state.raw<Render | null>(null);
  #splitter = $state.raw<typeof BlockSplitter | null>(null);

  #loading: Promise<void> | null = null;
  #colouring: Promise<void> | null = null;

  /** Splits and renders; null while the code for it is still on its way. */
  get splitter(): typeof BlockSplitter | null {
    return this.#plain && this.#splitter;
  }

  /** Safe HTML of one block. `colour` only for code that no longer grows. */
  render(token: Token, colour: boolean): string {
    const render = (colour && this.#coloured) || this.#plain;
    try {
      return render ? render(token) : '';
    } catch {
      // A model may write anything: what cannot be rendered is shown as it is.
      return `<p>${escapeHtml(token.raw)}</p>`;
    }
  }

  /** Fetches what renders markdown, and the grammars when a block of code needs them. Safe to call often. */
  load(): void {
    this.#loading ??= this.#load().catch(() => {
      // The text stays readable as it is; the next answer tries again.
      this.#loading = null;
    });
  }

  /** Called for a text that has code in it. */
  loadColours(): void {
    this.#colouring ??= import('./highlight.ts').then(
      async ({ highlight }) => {
        await this.#loading;
        const { safeRenderer } = await import('./html.ts');
        this.#coloured = safeRenderer(highlight);
      },
      () => {
        this.#colouring = null;
      },
    );
  }

  async #load(): Promise<void> {
    const [{ safeRenderer }, { BlockSplitter }] = await Promise.all([
      import('./html.ts'),
      import('./blocks.ts'),
    ]);
    this.#plain = safeRenderer(null);
    this.#splitter = BlockSplitter;
  }
}
