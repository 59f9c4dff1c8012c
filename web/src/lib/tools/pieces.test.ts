import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOf } from './pieces.ts';
import { aCall } from './test-calls.ts';

const shape = (text: string, ...ats: (number | undefined)[]) =>
  piecesOf({ text, tools: ats.map((at, n) => aCall({ call_id: `c${n}`, at })) }).map((piece) =>
    piece.kind === 'text' ? piece.text : piece.calls.map(({ call_id }) => call_id),
  );

describe('an answer in pieces', () => {
  it('calls stand where they were made, those of one place together', () => {
    expect(shape('Let me look.\n\nIt is core-1.', 12, 12)).toEqual([
      'Let me look.',
      ['c0', 'c1'],
      'It is core-1.',
    ]);
    expect(shape('One.\n\nTwo.', 0, 4)).toEqual([['c0'], 'One.', ['c1'], 'Two.']);
  });

  it('without text there are only calls', () => {
    expect(shape('', 0, 0)).toEqual([['c0', 'c1']]);
  });

  it('a place beyond the text, or none, is its end or its beginning', () => {
    expect(shape('Text', 99)).toEqual(['Text', ['c0']]);
    expect(shape('Text', -5, Number.NaN)).toEqual([['c0', 'c1'], 'Text']);
    expect(shape('Text', undefined)).toEqual([['c0'], 'Text']);
  });

  it('keeps the indentation of code behind a call', () => {
    expect(shape('A\n\n    code', 1)).toEqual(['A', ['c0'], '    code']);
  });

  it('only what stands at the end can still grow', () => {
    const last = piecesOf({ text: 'A\n\nB', tools: [aCall({ at: 1 })] }).filter(
      ({ kind }) => kind === 'text',
    );
    expect(last.map((piece) => piece.kind === 'text' && piece.isLast)).toEqual([false, true]);
  });

  it('keeps every call and every word, whatever the places', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.integer({ min: -3, max: 40 })), (text, ats) => {
        const pieces = piecesOf({ text, tools: ats.map((at, n) => aCall({ call_id: `c${n}`, at })) });
        const words = pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('');
        expect(words.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
        expect(pieces.flatMap((piece) => (piece.kind === 'calls' ? piece.calls : []))).toHaveLength(
          ats.length,
        );
        expect(new Set(pieces.map(({ key }) => key)).size).toBe(pieces.length);
      }),
    );
  });
});
