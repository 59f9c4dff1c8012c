import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { BlockSplitter } from './blocks.ts';
import { OpenFence } from './open-fence.ts';

const openAt = (text: string, start = 0) => OpenFence.at(text, start)?.isOpen(text) ?? null;

describe('an open fence', () => {
  it('begins with at least three marks and a whole line', () => {
    expect(openAt('```py\nx')).toBe(true);
    expect(openAt('~~~~\nx')).toBe(true);
    expect(openAt('Text\n\n```py\nx', 6)).toBe(true);
    expect(openAt('```py')).toBeNull();
    expect(openAt('``\nx')).toBeNull();
    expect(openAt('``` a`b\nx')).toBeNull();
    expect(openAt('    code\nx')).toBeNull();
  });

  it('ends at a line of the same marks, at least as many, and at no other', () => {
    expect(openAt('```\nx\n```')).toBe(false);
    expect(openAt('```\nx\n  `````  \n')).toBe(false);
    expect(openAt('````\nx\n```\n')).toBe(true);
    expect(openAt('```\nx\n~~~\n')).toBe(true);
    expect(openAt('```\nx\n``` not the end\n')).toBe(true);
    expect(openAt('```\nx\n    ```\n')).toBe(true);
  });

  it('names the language as the renderer does', () => {
    expect(OpenFence.at('```  python title=x\n', 0)?.language).toBe('python');
    expect(OpenFence.at('```\n', 0)?.language).toBe('');
  });

  it('is seen by the splitter exactly while the parser sees unfinished code', () => {
    const pieces = fc.constantFrom(
      '```',
      '~~~',
      '`',
      '\n',
      'js',
      ' ',
      'x = 1;',
      '\n\n',
      '- a',
      '    ',
      'Text',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 25 }), (parts) => {
        const splitter = new BlockSplitter();
        let text = '';
        for (const part of parts) {
          text += part;
          const tail = splitter.update(text, true).at(-1);
          if (!tail?.open) continue;
          const parsed = marked.lexer(tail.token.raw).filter((token) => token.type !== 'space');
          expect(parsed).toHaveLength(1);
          const [code] = parsed;
          if (code?.type !== 'code') throw new Error(`parsed as ${code?.type}`);
          expect(tail.open.code.replace(/\n$/, '')).toBe(code.text.replace(/\n$/, ''));
          expect(tail.open.language).toBe((code.lang ?? '').trim().split(/\s+/)[0] ?? '');
        }
      }),
      { numRuns: 400 },
    );
  });
});
