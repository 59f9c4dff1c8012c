import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutSecrets } from './redact.ts';
import { cutResult, toToolText } from './result.ts';
import { asText } from './test-support.ts';

type Result = Parameters<typeof toToolText>[0];
const text = (result: object, max = 24_000) => toToolText(result as Result, max);

describe('a result, as a model reads it', () => {
  it('is its text', () => {
    expect(
      text({
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      }),
    ).toEqual({
      ok: true,
      content: 'a\nb',
      truncated: false,
    });
  });

  it('is its structured content where there is no text', () => {
    const structuredContent = { count: 2, results: [{ id: 1 }] };
    expect(text({ content: [], structuredContent }).content).toBe('{"count":2,"results":[{"id":1}]}');
    expect(text({ structuredContent }).content).toBe('{"count":2,"results":[{"id":1}]}');
    expect(text({ ...asText('two'), structuredContent }).content).toBe('two');
    const picture = { type: 'image', data: 'AAAA', mimeType: 'image/png' };
    expect(text({ content: [picture], structuredContent }).content).toBe(
      '{"count":2,"results":[{"id":1}]}\n[An image (image/png, 3 bytes), which is not passed on]',
    );
  });

  it('names what is no text', () => {
    const content = [
      { type: 'image', data: 'A'.repeat(4096), mimeType: 'image/png' },
      { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
      { type: 'resource_link', uri: 'netbox://1', name: 'one', description: 'The\nfirst' },
      { type: 'resource', resource: { uri: 'netbox://2', text: 'inside' } },
      { type: 'resource', resource: { uri: 'netbox://3', blob: 'AAAA' } },
      { type: 'hologram' },
    ];
    expect(text({ content }).content.split('\n')).toEqual([
      '[An image (image/png, 3 KB), which is not passed on]',
      '[A sound (audio/wav, 3 bytes), which is not passed on]',
      '[A link: one · netbox://1 · The first]',
      '[The resource netbox://2:]',
      'inside',
      '[The resource netbox://3 (unknown kind, 3 bytes), which is not passed on]',
      '[Something of a kind that is not known here]',
    ]);
  });

  it('is said in words where it is empty', () => {
    expect(text({ content: [] })).toMatchObject({ ok: true, content: '(The tool returned nothing.)' });
    expect(text({ content: [{ type: 'text', text: ' ' }], isError: true })).toMatchObject({
      ok: false,
      content: '(The tool failed, and did not say why.)',
    });
  });

  it('is an error where the server says so', () => {
    expect(text({ ...asText('no such site'), isError: true })).toMatchObject({
      ok: false,
      content: 'no such site',
    });
  });

  it('has a bounded length, with a note how to ask for less', () => {
    const whole = 'x'.repeat(1_000);
    expect(cutResult(whole, 1_000)).toEqual({ content: whole, truncated: false });
    const cut = cutResult(`${whole}y`, 1_000);
    expect(cut.truncated).toBe(true);
    expect(cut.content).toHaveLength(1_000);
    expect(cut.content).toMatch(/^x+\n\[Cut here: these are the first of 1001 characters\. Ask for less/);
  });

  it('is well-formed and within its bound, whatever a server sends', () => {
    const unit = fc.constantFrom('😀', '\ud83d', '\ude00', 'a', '\u0000', '\n', 'ä');
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 600 }), fc.integer({ min: 250, max: 400 }), (units, max) => {
        const { content, truncated } = text(asText(units.join('')), max);
        expect(content.isWellFormed()).toBe(true);
        expect(content.length).toBeLessThanOrEqual(max);
        expect(content).not.toContain('\u0000');
        if (!truncated && content.trim() !== '' && !content.startsWith('(')) {
          expect(content).toBe(units.join('').toWellFormed().replaceAll('\u0000', ''));
        }
      }),
    );
  });
});

describe('secrets', () => {
  it('are taken out of every text and every name, however deep', () => {
    const value = { a: ['Bearer abcd1234', { b: 'abcd1234abcd1234', abcd1234: 1 }], c: 5, d: null };
    expect(withoutSecrets(value, ['abcd1234', ''])).toEqual({
      a: ['Bearer [secret]', { b: '[secret][secret]', '[secret]': 1 }],
      c: 5,
      d: null,
    });
  });

  it('that would be found everywhere are left alone', () => {
    const value = { text: 'a cat' };
    expect(withoutSecrets(value, ['a', ''])).toBe(value);
  });
});
