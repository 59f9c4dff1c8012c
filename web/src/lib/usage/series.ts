import { TIERS } from '#lib/state/tiers.ts';
import type { UsageRow } from '#lib/wire.ts';
import type { Unit } from './amounts.ts';
import { slotOf, type Timeline } from './timeline.ts';

/**
 * What a series is told apart by: a colour (Swatch.svelte) and a pattern (tones.ts). What is of one of the three tiers has
 * its tone on every chart, and nothing else has it.
 */
export type Tone = 'haiku' | 'sonnet' | 'opus' | 'fourth' | 'fifth' | 'rest';

export type Series = {
  name: string;
  tone: Tone;
  /** One for each slot of the timeline; null where nothing was measured. */
  values: readonly (number | null)[];
  /** Of the whole time; null where nothing was measured. */
  total: number | null;
};

/** `stacked`: bars that add up. `beside`: bars that do not. `lines`: figures that cannot be added at all. */
export type Chart = {
  id: 'cost' | 'tokens' | 'share' | 'wait' | 'trouble';
  title: string;
  /** What there is to see, in a sentence or two. */
  summary: string;
  /** What must be known to read it right. */
  note: string | null;
  unit: Unit;
  kind: 'stacked' | 'beside' | 'lines';
  /** None: there is nothing to draw. */
  series: readonly Series[];
};

/** The rows of each slot. */
export function bySlot(rows: readonly UsageRow[], { slots }: Timeline): UsageRow[][] {
  const groups = slots.map((): UsageRow[] => []);
  for (const row of rows) groups[slotOf(slots, Date.parse(row.hour))]?.push(row);
  return groups;
}

export function sumOf(rows: readonly UsageRow[], of: (row: UsageRow) => number): number {
  return rows.reduce((sum, row) => sum + of(row), 0);
}

/** A series of sums. */
export function added(
  name: string,
  tone: Tone,
  groups: readonly UsageRow[][],
  of: (row: UsageRow) => number,
): Series {
  const values = groups.map((rows) => sumOf(rows, of));
  return { name, tone, values, total: values.reduce((sum, value) => sum + value, 0) };
}

/** Some models that are shown as one series. */
export type ModelGroup = { name: string; tone: Tone; models: ReadonlySet<string> };

const MORE_TONES: readonly Tone[] = ['fourth', 'fifth'];

/**
 * The series that the models of a report make: Haiku, Sonnet and Opus first and in their own tones, then the others, the
 * dearest first; where these are too many to be told apart, the last ones together.
 */
export function modelGroups(rows: readonly UsageRow[], nameOf: (model: string) => string): ModelGroup[] {
  const costs = new Map<string, number>();
  for (const { model, cost_usd } of rows) costs.set(model, (costs.get(model) ?? 0) + cost_usd);
  const models = [...costs]
    .sort(([a, costA], [b, costB]) => costB - costA || (a < b ? -1 : 1))
    .map(([model]) => model);
  const tierOf = new Map(rows.map(({ model, tier }) => [model, tier]));
  const own: ModelGroup[] = TIERS.flatMap((tier) => {
    const model = models.find((one) => tierOf.get(one) === tier);
    return model === undefined ? [] : [{ name: nameOf(model), tone: tier, models: new Set([model]) }];
  });
  const others = models.filter((model) => !own.some((group) => group.models.has(model)));
  const toned = others.length > MORE_TONES.length + 1 ? MORE_TONES : [...MORE_TONES, 'rest' as const];
  const single = others
    .slice(0, toned.length)
    .map(
      (model, i): ModelGroup => ({ name: nameOf(model), tone: toned[i] ?? 'rest', models: new Set([model]) }),
    );
  const rest = new Set(others.slice(toned.length));
  return [
    ...own,
    ...single,
    ...(rest.size > 0 ? [{ name: 'Other models', tone: 'rest' as const, models: rest }] : []),
  ];
}
