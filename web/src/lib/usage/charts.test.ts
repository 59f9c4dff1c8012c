import { describe, expect, test } from 'vitest';
import type { UsageRow } from '#lib/wire.ts';
import { chartsOf } from './charts.ts';
import type { Chart } from './series.ts';
import { aRow } from './test-rows.ts';
import { timelineOf } from './timeline.ts';
import { Zone } from './zone.ts';

const UTC = new Zone('UTC');
const NAMES: Record<string, string> = {
  'claude-haiku-5-5': 'Claude Haiku 5.5',
  'claude-sonnet-5-5': 'Claude Sonnet 5.5',
  'claude-opus-5-5': 'Claude Opus 5.5',
};
/** Three hours: 08:00, 09:00, 10:00. */
const TIMELINE = timelineOf(Date.parse('2026-11-22T08:00:00Z'), Date.parse('2026-11-22T10:30:00Z'), UTC);
const hour = (n: number): string => `2026-11-22T${String(n).padStart(2, '0')}:00:00.000Z`;
const haiku = (over: Partial<UsageRow> = {}) => aRow(over);
const sonnet = (over: Partial<UsageRow> = {}) =>
  aRow({ model: 'claude-sonnet-5-5', tier: 'sonnet', ...over });
const opus = (over: Partial<UsageRow> = {}) => aRow({ model: 'claude-opus-5-5', tier: 'opus', ...over });

function chart(id: Chart['id'], rows: UsageRow[]): Chart {
  const found = chartsOf(rows, TIMELINE, (model) => NAMES[model] ?? model).find((one) => one.id === id);
  if (!found) throw new Error(`There is no chart ${id}.`);
  return found;
}
const plain = (words: string): string => words.replaceAll('\u202f', ' ');
const values = ({ series }: Chart) => Object.fromEntries(series.map((one) => [one.name, one.values]));

describe('cost', () => {
  test('is added up by model and hour; a time without any is 0, not left out', () => {
    const drawn = chart('cost', [
      opus({ hour: hour(8), cost_usd: 0.5 }),
      haiku({ hour: hour(8), cost_usd: 0.125 }),
      haiku({ hour: hour(10), cost_usd: 0.25 }),
    ]);
    expect(values(drawn)).toEqual({ 'Claude Haiku 5.5': [0.125, 0, 0.25], 'Claude Opus 5.5': [0.5, 0, 0] });
    expect(drawn.series.map(({ total }) => total)).toEqual([0.375, 0.5]);
    expect(plain(drawn.summary)).toBe(
      '$0.875 in all, 57 % of it by Claude Opus 5.5. Most in one hour: $0.625 (Sun 22 Nov, 08:00).',
    );
    expect(drawn.title).toBe('Cost by model, per hour');
  });

  test('of a single answer needs no comparison of hours', () => {
    expect(chart('cost', [haiku({ cost_usd: 0.00031 })]).summary).toBe(
      '$0.0003 in all, all of it by Claude Haiku 5.5.',
    );
  });

  test('of nothing draws nothing', () => {
    const drawn = chart('cost', [haiku({ cost_usd: 0 })]);
    expect(drawn.series).toEqual([]);
    expect(drawn.summary).toBe('Nothing was spent in this time.');
  });

  test('every model that can be told apart has its own series; the cheapest of many stand together', () => {
    const others = ['a', 'b', 'c', 'd'].map((model, n) => aRow({ model, tier: null, cost_usd: n + 1 }));
    const three = chart('cost', [...others.slice(1), sonnet({ cost_usd: 1 })]);
    expect(three.series.map(({ name, tone }) => `${name} ${tone}`)).toEqual([
      'Claude Sonnet 5.5 sonnet',
      'd fourth',
      'c fifth',
      'b rest',
    ]);
    const four = chart('cost', [...others, sonnet({ cost_usd: 1 })]);
    expect(four.series.map(({ name, tone, total }) => `${name} ${tone} ${total}`)).toEqual([
      'Claude Sonnet 5.5 sonnet 1',
      'd fourth 4',
      'c fifth 3',
      'Other models rest 3',
    ]);
  });

  test('no two series look the same', () => {
    const rows = ['a', 'b', 'c', 'd', 'e'].map((model, n) => aRow({ model, tier: null, cost_usd: n }));
    const { series } = chart('cost', [...rows, haiku({ cost_usd: 1 }), sonnet(), opus()]);
    expect(new Set(series.map(({ tone }) => tone)).size).toBe(series.length);
    expect(new Set(series.map(({ name }) => name)).size).toBe(series.length);
  });
});

test('tokens: what is written to the cache is input, what is read from it stands apart', () => {
  const drawn = chart('tokens', [
    haiku({ input_tokens: 100, cache_write_tokens: 50, cache_read_tokens: 450, output_tokens: 30 }),
  ]);
  expect(values(drawn)).toEqual({
    Input: [0, 150, 0],
    'Input from the cache': [0, 450, 0],
    Output: [0, 30, 0],
  });
  expect(plain(drawn.summary)).toBe('600 tokens of input, 75 % of it from the cache, and 30 of output.');
  expect(chart('tokens', [haiku()]).summary).toBe('No tokens were counted in this time.');
  expect(chart('tokens', [haiku({ output_tokens: 5 })]).summary).toBe('0 tokens of input, and 5 of output.');
});

describe('shares of Automatic', () => {
  test('count its answers only; an hour without any has no share', () => {
    const drawn = chart('share', [
      haiku({ hour: hour(8), answers: 5, automatic: 3 }),
      opus({ hour: hour(8), answers: 1, automatic: 1 }),
      sonnet({ hour: hour(9), answers: 9, automatic: 0 }),
    ]);
    expect(values(drawn)).toEqual({
      Haiku: [0.75, null, null],
      Sonnet: [0, null, null],
      Opus: [0.25, null, null],
    });
    expect(plain(drawn.summary)).toBe('Of 4 answers in conversations of Automatic: Haiku 75 %, Opus 25 %.');
  });

  test('a model that stood in is shown, so that the shares are whole', () => {
    const drawn = chart('share', [haiku({ automatic: 1 }), aRow({ model: 'old', tier: null, automatic: 1 })]);
    expect(drawn.series.map(({ name, total }) => [name, total])).toEqual([
      ['Haiku', 0.5],
      ['Sonnet', 0],
      ['Opus', 0],
      ['Another model', 0.5],
    ]);
  });

  test('without Automatic there are none', () => {
    const drawn = chart('share', [haiku({ answers: 4 })]);
    expect(drawn.series).toEqual([]);
    expect(drawn.summary).toBe('Automatic was not asked in this time.');
  });
});

test('time to the first word: exact of one row, and nothing where none had one', () => {
  const drawn = chart('wait', [haiku({ ttft_p50_ms: 640, ttft_p95_ms: 2_100 }), opus({ errors: 1 })]);
  expect(Object.values(values(drawn))).toEqual([
    [null, 640, null],
    [null, 2_100, null],
  ]);
  expect(plain(drawn.summary)).toBe('Half of the answers began within 640 ms, 95 of 100 within 2.1 s.');
  const none = chart('wait', [opus({ errors: 1 })]);
  expect(none.series).toEqual([]);
  expect(none.summary).toBe('No answer had a first word in this time.');
});

describe('fallbacks and errors', () => {
  test('are counted apart, as one answer may be both', () => {
    const drawn = chart('trouble', [sonnet({ hour: hour(10), answers: 7, fallbacks: 2, errors: 1 })]);
    expect(drawn.kind).toBe('beside');
    expect(values(drawn)).toEqual({ Fallbacks: [0, 0, 2], Errors: [0, 0, 1] });
    expect(drawn.summary).toBe('Among 7 answers: 2 fallbacks, 1 error.');
  });

  test('where there are none, there is nothing to draw', () => {
    const drawn = chart('trouble', [haiku()]);
    expect(drawn.series).toEqual([]);
    expect(drawn.summary).toBe('None among 1 answer.');
    expect(chart('trouble', []).summary).toBe('There was no answer in this time.');
  });
});
