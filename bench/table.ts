import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ARMS } from './arms/arm.ts';
import type { Figure } from './stats.ts';

const COLUMNS = ['figure', 'arm', 'p50', 'p95', 'p99', 'beside', 'goal', ''] as const;
const OWN = new Set(['name', 'arm', 'p50', 'p95', 'p99', 'n', 'disk', 'goal', 'ok']);

function rowOf(figure: Figure, before: Figure | undefined): string[] {
  const { name, arm, p50, p95, p99, goal, ok, disk } = figure;
  const cell = (value: unknown) => (value === undefined || value === null ? '' : String(value));
  const beside = Object.entries(figure)
    .filter(([key, value]) => !OWN.has(key) && value !== null)
    .map(([key, value]) => `${key.replaceAll('_', ' ')} ${value}`)
    .join(', ');
  const isSame = before?.name === name && before.disk === disk;
  return [
    isSame ? '' : `${name}${disk === 'disk' ? ' (on disk)' : ''}`,
    cell(arm),
    cell(p50),
    cell(p95),
    cell(p99),
    beside,
    cell(goal),
    ok === undefined ? '' : ok ? 'ok' : 'MISSED',
  ];
}

function rowsOf(figures: readonly Figure[]): string[][] {
  return figures.map((figure, i) => rowOf(figure, figures[i - 1]));
}

/** For a terminal; times in milliseconds. */
export function asText(figures: readonly Figure[]): string {
  const rows = [[...COLUMNS], ...rowsOf(figures)];
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const HEADINGS = ['direct', 'bare relay', 'this Worker', 'peer'];

function numberOf(figure: Figure | undefined, key: string): string {
  const value = figure?.[key];
  return value === undefined || value === null ? '' : String(value);
}

/** One figure's rows: p50 and p95 of each arm, then whatever stands beside them. */
function pivoted(name: string, figures: readonly Figure[]): string[][] {
  const arms = ARMS.map((arm) => figures.find((figure) => figure.arm === arm));
  const judged = figures.find((figure) => figure.ok !== undefined);
  const goal = judged === undefined ? '' : `${judged.goal}: ${judged.ok ? 'ok' : '**missed**'}`;
  const times = arms.map((figure) =>
    figure?.p50 === undefined ? '' : `${figure.p50} / ${numberOf(figure, 'p95')}`,
  );
  const beside = new Set(figures.flatMap(Object.keys).filter((key) => !OWN.has(key)));
  const more = [...beside]
    .map((key) => [key.replaceAll('_', ' '), ...arms.map((figure) => numberOf(figure, key))])
    // Nothing was lost: the goal says so.
    .filter(([key, ...cells]) => key !== 'lost' || cells.some((cell) => Number(cell) > 0));
  const hasTimes = times.some((cell) => cell !== '');
  const [first = [], ...rest] = hasTimes ? [['', ...times], ...more] : more;
  const label = hasTimes ? name : `${name}: ${first[0]}`;
  return [[label, ...first.slice(1), goal], ...rest.map(([key, ...cells]) => [`… ${key}`, ...cells, ''])];
}

/** For docs/performance.md: of all that the arms have in common, one line a figure and one column an arm. */
export function asMarkdown(figures: readonly Figure[]): string {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
  const compared = figures.filter((figure) => figure.arm !== undefined);
  const names = [...new Set(compared.map(({ name }) => name))];
  const rows = names.flatMap((name) =>
    pivoted(
      name,
      compared.filter((figure) => figure.name === name),
    ),
  );
  const heading = ['ms, p50 / p95', ...HEADINGS, 'goal'];
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n');
}

// node bench/table.ts < figures.jsonl
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lines = (await text(process.stdin)).split('\n').filter((line) => line.startsWith('{'));
  const figures = lines.map((line) => JSON.parse(line) as Figure);
  for (const disk of ['memory', 'disk']) {
    const here = figures.filter((figure) => figure.disk === disk);
    if (here.length > 0) process.stdout.write(`${disk}\n\n${asMarkdown(here)}\n\n`);
  }
}
