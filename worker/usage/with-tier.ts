import type { UsageRow } from '../../shared/index.ts';
import type { ModelEntry } from '../models/types.ts';
import type { CountedRow } from './report.ts';

export type Models = { entries: ReadonlyMap<string, ModelEntry> };

/** A row with the tier that its model stands for today; null for the others, and for models that are gone. */
export function withTier(row: CountedRow, models: Models): UsageRow {
  const { hour, model, ...sums } = row;
  return { hour, model, tier: models.entries.get(model)?.tier ?? null, ...sums };
}
