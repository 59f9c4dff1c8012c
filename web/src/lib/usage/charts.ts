import { TIER_NAMES, TIERS } from '#lib/state/tiers.ts';
import type { UsageRow } from '#lib/wire.ts';
import { quantileOf, type Spread } from './quantiles.ts';
import { added, bySlot, type Chart, modelGroups, type Series, sumOf, type Tone } from './series.ts';
import { costWords, shareWords, tokenWords, troubleWords, waitWords } from './summaries.ts';
import type { Timeline } from './timeline.ts';

/** Everything that the charts of a report show. @param nameOf the name that people know a model by */
export function chartsOf(
  rows: readonly UsageRow[],
  timeline: Timeline,
  nameOf: (model: string) => string,
): Chart[] {
  const groups = bySlot(rows, timeline);
  return [
    costChart(rows, groups, timeline, nameOf),
    tokenChart(groups, timeline),
    shareChart(rows, groups, timeline),
    waitChart(rows, groups, timeline),
    troubleChart(rows, groups, timeline),
  ];
}

function costChart(
  rows: readonly UsageRow[],
  groups: readonly UsageRow[][],
  timeline: Timeline,
  nameOf: (model: string) => string,
): Chart {
  const series = modelGroups(rows, nameOf).map(({ name, tone, models }) =>
    added(name, tone, groups, ({ model, cost_usd }) => (models.has(model) ? cost_usd : 0)),
  );
  return {
    id: 'cost',
    title: `Cost by model, per ${timeline.step}`,
    summary: costWords(series, timeline),
    note: null,
    unit: 'usd',
    kind: 'stacked',
    series: drawn(series),
  };
}

function tokenChart(groups: readonly UsageRow[][], timeline: Timeline): Chart {
  const series = [
    added('Input', 'fourth', groups, (row) => row.input_tokens + row.cache_write_tokens),
    added('Input from the cache', 'rest', groups, (row) => row.cache_read_tokens),
    added('Output', 'fifth', groups, (row) => row.output_tokens),
  ];
  return {
    id: 'tokens',
    title: `Tokens, per ${timeline.step}`,
    summary: tokenWords(series),
    note: 'What is read from the cache was sent before, and costs a fraction of new input.',
    unit: 'tokens',
    kind: 'stacked',
    series: drawn(series),
  };
}

const isAutomatic = ({ automatic }: UsageRow): boolean => automatic > 0;

function shareChart(rows: readonly UsageRow[], groups: readonly UsageRow[][], timeline: Timeline): Chart {
  const chosen = rows.filter(isAutomatic);
  const share = (of: readonly UsageRow[], tier: UsageRow['tier']): number | null => {
    const all = sumOf(of, (row) => row.automatic);
    return all === 0 ? null : sumOf(of, (row) => (row.tier === tier ? row.automatic : 0)) / all;
  };
  const tiers: [UsageRow['tier'], string, Tone][] = TIERS.map((tier) => [tier, TIER_NAMES[tier], tier]);
  // An earlier model, or one that stood in for another.
  if (chosen.some(({ tier }) => tier === null)) tiers.push([null, 'Another model', 'rest']);
  const series = tiers.map(
    ([tier, name, tone]): Series => ({
      name,
      tone,
      values: groups.map((group) => share(group, tier)),
      total: share(chosen, tier),
    }),
  );
  return {
    id: 'share',
    title: `Which model answered for Automatic, per ${timeline.step}`,
    summary: shareWords(
      series,
      sumOf(chosen, (row) => row.automatic),
    ),
    note: null,
    unit: 'share',
    kind: 'stacked',
    series: chosen.length > 0 ? series : [],
  };
}

function waitChart(rows: readonly UsageRow[], groups: readonly UsageRow[][], timeline: Timeline): Chart {
  const quantiles = (name: string, tone: Tone, share: 0.5 | 0.95): Series => ({
    name,
    tone,
    values: groups.map((group) => quantileOf(spreadsOf(group), share)),
    total: quantileOf(spreadsOf(rows), share),
  });
  const series = [
    quantiles('Median (p50)', 'rest', 0.5),
    quantiles('95 of 100 within (p95)', 'fourth', 0.95),
  ];
  return {
    id: 'wait',
    title: `Time to the first word, per ${timeline.step}`,
    summary: waitWords(series),
    note: 'Where a time holds several hours or models, both figures are estimated from those of each.',
    unit: 'ms',
    kind: 'lines',
    series: series.every(({ total }) => total !== null) ? series : [],
  };
}

function spreadsOf(rows: readonly UsageRow[]): Spread[] {
  return rows.flatMap(({ ttft_p50_ms: p50, ttft_p95_ms: p95, answers }) =>
    p50 === null || p95 === null ? [] : [{ p50, p95, answers }],
  );
}

function troubleChart(rows: readonly UsageRow[], groups: readonly UsageRow[][], timeline: Timeline): Chart {
  const series = [
    added('Fallbacks', 'fourth', groups, (row) => row.fallbacks),
    added('Errors', 'fifth', groups, (row) => row.errors),
  ];
  return {
    id: 'trouble',
    title: `Fallbacks and errors, per ${timeline.step}`,
    summary: troubleWords(
      series,
      sumOf(rows, (row) => row.answers),
    ),
    note: 'A fallback is an answer that another model gave in the place of the one that was asked first.',
    unit: 'answers',
    kind: 'beside',
    series: drawn(series),
  };
}

/** Nothing but zeros is no picture. */
function drawn(series: Series[]): Series[] {
  return series.some(({ total }) => total !== null && total > 0) ? series : [];
}
