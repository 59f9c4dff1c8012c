import { describe, expect, it } from 'vitest';
import type { UsageRow } from '../../shared/index.ts';
import { toCsv } from './csv.ts';
import { countRows } from './report.ts';
import { anAnswer, registry } from './test-support.ts';
import { withTier } from './with-tier.ts';

const NAMES =
  'hour,model,tier,answers,automatic,fallbacks,errors,cost_usd,compared_usd,always_haiku_usd,always_sonnet_usd,always_opus_usd,input_tokens,output_tokens,cache_read_tokens,cache_write_tokens,ttft_p50_ms,ttft_p95_ms\r\n';

function aRow(part: Partial<UsageRow> = {}): UsageRow {
  const [row] = countRows([anAnswer()]);
  return { ...withTier(row!, registry), ...part };
}

describe('a report as CSV', () => {
  it('is a line of names and one a row, ended by CRLF, with nothing for null', () => {
    const row = aRow({ ttft_p95_ms: null, always_usd: { haiku: 1.5, sonnet: 2, opus: null } });
    expect(toCsv({ rows: [row] })).toBe(
      `${NAMES}2026-11-22T12:00:00.000Z,claude-haiku-5-5,haiku,1,0,0,0,0.25,0,1.5,2,,10,5,0,0,400,\r\n`,
    );
    expect(toCsv({ rows: [] })).toBe(NAMES);
  });

  it.each([
    [1e-8, '0.00000001'],
    [1.25e-7, '0.000000125'],
    [0.1 + 0.2, '0.3'],
    [1234567, '1234567'],
    [100.5, '100.5'],
    [0, '0'],
  ])('writes %d without an exponent', (cost_usd, text) => {
    expect(
      toCsv({ rows: [aRow({ cost_usd })] })
        .split('\r\n')[1]
        ?.split(',')[7],
    ).toBe(text);
  });

  it.each([
    ['=HYPERLINK("http://evil")', `"'=HYPERLINK(""http://evil"")"`],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', `"'\rx"`],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a\nb', '"a\nb"'],
  ])('makes no formula of the model %j, and no second field', (model, field) => {
    const line = toCsv({ rows: [aRow({ model })] }).slice(NAMES.length);
    expect(line.startsWith(`2026-11-22T12:00:00.000Z,${field},haiku,1,`)).toBe(true);
  });
});
