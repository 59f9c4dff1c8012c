import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCsv } from './csv.ts';

const one = (value: unknown) => toCsv([{ v: value }], [{ key: 'v', label: 'V' }]).slice('v\r\n'.length, -2);

/** Reads CSV as RFC 4180 has it. */
function fields(csv: string): string[] {
  return [...csv.matchAll(/(?:^|,|\r\n)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
  );
}

describe('CSV', () => {
  it('has a header and a line an object, ended by CR and LF', () => {
    const columns = [
      { key: 'name', label: 'Name' },
      { key: 'site', label: 'Site' },
    ];
    expect(toCsv([{ name: 'a', site: { name: 'DC14' } }, { name: 'b' }], columns)).toBe(
      'name,site\r\na,DC14\r\nb,\r\n',
    );
  });

  it('quotes what would end a field', () => {
    expect(one('a,b')).toBe('"a,b"');
    expect(one('say "hi"')).toBe('"say ""hi"""');
    expect(one('two\r\nlines')).toBe('"two\r\nlines"');
    expect(one(' padded ')).toBe('" padded "');
  });

  it('is no formula for a spreadsheet', () => {
    for (const text of ['=1+1', '+1+1', '-1+1', '@SUM(A1)', '＝1+1', '\t=1', '\r=1', ' =1', '|cmd', '%0A']) {
      expect(fields(one(text))[0]?.[0]).toBe("'");
    }
    expect(toCsv([], [{ key: '=cmd()', label: '' }])).toBe("'=cmd()\r\n");
  });

  it('leaves numbers alone', () => {
    expect(one(-12.5)).toBe('-12.5');
    expect(one('-12.5')).toBe('-12.5');
    expect(one('10.0.0.1/24')).toBe('10.0.0.1/24');
  });

  it('reads back as it was, but for the apostrophe', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ',', '"', '\r', '\n', '=', ' ', 'é') }), (text) => {
        const [, read = ''] = fields(toCsv([{ v: text }], [{ key: 'v', label: 'V' }]));
        expect([text, `'${text}`]).toContain(read);
      }),
    );
  });
});
