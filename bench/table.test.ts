import { expect, it } from 'vitest';
import { asMarkdown, asText } from './table.ts';

const FIGURES = [
  { name: 'lag', arm: 'direct', p50: 0.3, p95: 1, p99: 2, n: 10, lost: 0, disk: 'memory' },
  {
    name: 'lag',
    arm: 'session',
    p50: 0.8,
    p95: 2,
    p99: 4,
    n: 10,
    lost: 0,
    cpu: 83,
    goal: 'p95 < 5',
    ok: true,
  },
  { name: 'rows', arm: 'session', rows: 36, goal: 'rows <= 35', ok: false },
];

it('the page has one line a figure and one column an arm', () => {
  expect(asMarkdown(FIGURES).split('\n').slice(2)).toEqual([
    '| lag | 0.3 / 1 |  | 0.8 / 2 |  | p95 < 5: ok |',
    '| … cpu |  |  | 83 |  |  |',
    '| rows: rows |  |  | 36 |  | rows <= 35: **missed** |',
  ]);
});

it('what was lost is shown where something was', () => {
  const lost = FIGURES.map((figure) => ({ ...figure, lost: 3 }));
  expect(asMarkdown(lost)).toContain('| … lost | 3 |  | 3 |  |  |');
});

it('the terminal has a line for each, and a missed goal stands out', () => {
  const lines = asText(FIGURES).split('\n');
  expect(lines).toHaveLength(FIGURES.length + 1);
  expect(lines[3]).toMatch(/^rows .* rows 36 .* rows <= 35 +MISSED$/);
});
