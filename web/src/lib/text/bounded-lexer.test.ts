import { marked, type Token } from 'marked';
import { describe, expect, it } from 'vitest';
import { BOUNDS, lex } from './bounded-lexer.ts';

/** How many quotes stand in each other. */
function depthOf(tokens: Token[] | undefined): number {
  const inner = (tokens ?? []).map((token) =>
    token.type === 'blockquote' ? 1 + depthOf(token.tokens) : depthOf('tokens' in token ? token.tokens : []),
  );
  return Math.max(0, ...inner);
}
function typesOf(text: string): string[] {
  const [first] = lex(text);
  return first && 'tokens' in first ? (first.tokens ?? []).map(({ type }) => type) : [];
}

describe('the bounded parser', () => {
  it('reads what people mean as the parser does', () => {
    const text =
      '# A *b*\n\n> - [x](https://e.example) `c`\n>   1. d\n\n| a | b |\n|---|---|\n| **c** | d |\n\n<b>e</b>';
    expect(lex(text)).toEqual(marked.lexer(text));
  });

  it('quotes in each other: so deep and no deeper, and no text is lost', () => {
    expect(depthOf(lex(`${'> '.repeat(BOUNDS.depth)}x`))).toBe(BOUNDS.depth);
    const deep = lex(`${'>'.repeat(10_000)} x`);
    expect(depthOf(deep)).toBe(BOUNDS.depth + 1);
    expect(deep.map(({ raw }) => raw).join('')).toBe(`${'>'.repeat(10_000)} x`);
  });

  it('brackets: as many as the bound are read, one more is plain text', () => {
    const brackets = (n: number) => `*a* ${'['.repeat(n)}`;
    expect(typesOf(brackets(BOUNDS.brackets))).toContain('em');
    expect(typesOf(brackets(BOUNDS.brackets + 1))).toEqual(['text']);
  });

  it('marks and words without end are plain text', () => {
    expect(typesOf('*a '.repeat(BOUNDS.marks + 1))).toEqual(['text']);
    expect(typesOf(`*a* ${'b'.repeat(BOUNDS.run)}`)).toContain('em');
    expect(typesOf(`*a* ${'b'.repeat(BOUNDS.run + 1)}`)).toEqual(['text']);
  });

  it.each(['- ', '1. ', '> - ', '* * '])('%j ten thousand times ends the stack of nobody', (piece) => {
    const text = `${piece.repeat(10_000)}a`;
    expect(() => marked.parser(lex(text))).not.toThrow();
  });
});
