import type { AlwaysUsd, Usage } from '../../shared/index.ts';
import type { AnsweredOnce } from './report.ts';

/** What of an answer's `detail` is counted (archive/rows.ts); nothing else of it is looked at. */
export type CountedDetail = {
  actual_model: string | null;
  fallback_reason: string | null;
  stop_reason: string | null;
  cost_usd: number | null;
  always_usd?: AlwaysUsd | null;
  usage: Usage | null;
  ttft_ms: number | null;
};

/** An answer that has ended, as it is counted. */
export function answeredOnce(answer: {
  /** When its question was accepted, milliseconds since 1970. */
  acceptedAt: number;
  /** Registry id of its conversation's model. */
  bound: string;
  /** Whether that is the one that chooses for itself. */
  automatic: boolean;
  detail: CountedDetail;
}): AnsweredOnce {
  const { acceptedAt, bound, automatic, detail } = answer;
  return {
    at: acceptedAt,
    model: detail.actual_model ?? bound,
    automatic,
    fallback: detail.fallback_reason !== null,
    error: detail.stop_reason === 'error',
    costUsd: detail.cost_usd,
    alwaysUsd: detail.always_usd ?? null,
    usage: detail.usage,
    ttftMs: detail.ttft_ms,
  };
}
