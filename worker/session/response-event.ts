import type { StopReason } from '../../shared/index.ts';
import type { AnswerDetail } from '../archive/rows.ts';
import type { TelemetryEvent } from '../telemetry/telemetry.ts';
import type { LiveRun } from './live-run.ts';

/** What the log says of an answer that has ended; null where nobody answered. */
export function responseEvent(run: LiveRun, stop: StopReason, detail: AnswerDetail): TelemetryEvent | null {
  if (run.actual === null) return null;
  const { usage, duration_ms, ttft_ms, cost_usd } = detail;
  const { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens } = usage ?? {};
  const counts = [input_tokens, output_tokens, cache_read_tokens, cache_write_tokens];
  return {
    event: 'model_response',
    model_id: run.actual.id,
    routing_path: run.actual.routing_path,
    connection_id: run.connectionId,
    duration_ms: duration_ms ?? 0,
    ttft_ms,
    stop_reason: stop,
    tokens: usage === null ? null : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0),
    usage,
    cost_usd,
  };
}
