import { Lexer, type Token, type TokensList } from 'marked';

/**
 * What markdown that people mean never reaches. Beyond it the parser's time grows with the square of the text, or its
 * stack ends, and the text is shown as it is.
 */
export const BOUNDS = {
  /** Quotes and lists in each other; more would leave no width for words on a phone. */
  depth: 10,
  /** Emphasis and links in each other. */
  inlineDepth: 24,
  /** Of `[` in one paragraph, cell or line of a list. */
  brackets: 200,
  /** Of marks for emphasis, code and HTML in the same. */
  marks: 2_000,
  /** Of characters without a space between: each is tried as the beginning of an address. */
  run: 4_000,
} as const;

const RUN = new RegExp(`\\S{${BOUNDS.run + 1}}`);

function count(text: string, chars: RegExp, most: number): boolean {
  let n = 0;
  for (const _ of text.matchAll(chars)) {
    n += 1;
    if (n > most) return true;
  }
  return false;
}

function isWild(text: string): boolean {
  return (
    count(text, /\[/g, BOUNDS.brackets) ||
    count(text, /[*_~`<]/g, BOUNDS.marks) ||
    (text.length > BOUNDS.run && RUN.test(text))
  );
}

const asText = (raw: string): Token => ({ type: 'text', raw, text: raw, escaped: false });
const asParagraph = (raw: string): Token => ({ type: 'paragraph', raw, text: raw, tokens: [asText(raw)] });

/** The parser within {@link BOUNDS}: a model may write anything. */
class BoundedLexer extends Lexer {
  #depth = 0;
  #inlineDepth = 0;

  override blockTokens(src: string, tokens?: Token[], lastParagraphClipped?: boolean): Token[];
  override blockTokens(src: string, tokens?: TokensList, lastParagraphClipped?: boolean): TokensList;
  override blockTokens(src: string, tokens: Token[] = [], lastParagraphClipped = false): Token[] {
    if (this.#depth > BOUNDS.depth) {
      tokens.push(asParagraph(src));
      return tokens;
    }
    this.#depth += 1;
    try {
      return super.blockTokens(src, tokens, lastParagraphClipped);
    } finally {
      this.#depth -= 1;
    }
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    if (this.#inlineDepth > BOUNDS.inlineDepth || (this.#inlineDepth === 0 && isWild(src))) {
      tokens.push(asText(src));
      return tokens;
    }
    this.#inlineDepth += 1;
    try {
      return super.inlineTokens(src, tokens);
    } finally {
      this.#inlineDepth -= 1;
    }
  }
}

/** The blocks of a text; never throws. */
export function lex(text: string): TokensList {
  try {
    return new BoundedLexer({ gfm: true }).lex(text);
  } catch {
    return Object.assign([asParagraph(text)], { links: {} });
  }
}
