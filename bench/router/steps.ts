import { routeLine } from '../../scripts/route-lines.ts';
import type { Step } from './data.ts';

const RANK: Record<string, number> = { low: 0, mid: 1, mid_high: 2, high: 3, haiku: 0, sonnet: 1, opus: 3 };

export type StepResult = { steps: number; exact: number; pass: number };

/**
 * TwinRouterBench's two measures, over message lists as the command takes them: the tier is exactly right, and it is
 * at least the one that was needed. Sonnet stands for `mid`; `mid_high` cannot be met exactly by three tiers.
 */
export function stepsResult(steps: readonly Step[], fixed: 'haiku' | 'opus' | null): StepResult {
  const found = steps.map(({ id, messages, tier }) => {
    const answer: unknown = JSON.parse(routeLine(JSON.stringify({ id, messages })).output);
    const chosen =
      fixed ?? (typeof answer === 'object' && answer !== null && 'tier' in answer ? String(answer.tier) : '');
    return { got: RANK[chosen] ?? -1, needed: RANK[tier] ?? 0 };
  });
  const share = (test: (row: { got: number; needed: number }) => boolean) =>
    found.filter(test).length / found.length;
  return {
    steps: found.length,
    exact: share(({ got, needed }) => got === needed),
    pass: share(({ got, needed }) => got >= needed),
  };
}
