import type { RoutingPath, ServiceName, ServiceStatus, Usage } from '../../shared/index.ts';
import type { LogLevel } from '../config.ts';

/**
 * Everything that is ever logged (CONTRACT 5). No message text, no key, no session id: `connection_id` is a
 * random id of the socket. Fields are those of the requirements plan, plus the token split and `ttft_ms`.
 */
export type TelemetryEvent =
  | { event: 'model_request'; model_id: string; routing_path: RoutingPath; connection_id: string }
  | {
      event: 'model_response';
      model_id: string;
      routing_path: RoutingPath;
      connection_id: string;
      duration_ms: number;
      ttft_ms: number | null;
      stop_reason: string;
      /** Input and output together, cached input included; null when the upstream never said. */
      tokens: number | null;
      usage: Usage | null;
      cost_usd: number | null;
    }
  | {
      event: 'model_error';
      model_id: string;
      routing_path: RoutingPath;
      connection_id: string;
      error: string;
      error_kind: string;
      status: number | null;
      fallback_used: boolean;
      fallback_model: string | null;
    }
  | {
      event: 'routing_decision';
      model_id: string;
      actual_model: string;
      requested_path: RoutingPath;
      actual_path: RoutingPath;
      connection_id: string;
      reason: string;
      reason_code: string;
    }
  | {
      event: 'health_changed';
      /** A server of tools by its name. */
      service: ServiceName | `tools:${string}`;
      from: ServiceStatus | 'unknown';
      to: ServiceStatus;
      detail: string;
    }
  | {
      event: 'tool_call';
      server: string;
      tool: string;
      connection_id: string;
      ok: boolean;
      /** Why it came to no result; null where the server itself answered. */
      fault: string | null;
      truncated: boolean;
      /** Length of what the model reads, UTF-16 units. */
      chars: number;
      duration_ms: number;
    }
  | { event: 'internal_error'; where: string; error: string };

export type Telemetry = (event: TelemetryEvent) => void;

const ORDER: Record<LogLevel, number> = { DEBUG: 0, INFO: 1, WARNING: 2, ERROR: 3 };

function levelOf(event: TelemetryEvent): LogLevel {
  switch (event.event) {
    case 'model_request':
    case 'model_response':
    case 'routing_decision':
    case 'tool_call':
      return 'INFO';
    case 'health_changed':
      return event.to === 'down' ? 'WARNING' : 'INFO';
    case 'model_error':
      return event.fallback_used ? 'WARNING' : 'ERROR';
    case 'internal_error':
      return 'ERROR';
  }
}

/** The one place that writes events: one JSON object a line. */
export function createTelemetry(options: {
  logLevel: LogLevel;
  logModelUsage: boolean;
  now: () => number;
  write: (line: string) => void;
}): Telemetry {
  return (event) => {
    const level = levelOf(event);
    if (ORDER[level] < ORDER[options.logLevel]) return;
    if (!options.logModelUsage && (event.event === 'model_request' || event.event === 'model_response'))
      return;
    options.write(JSON.stringify({ ...event, level, timestamp: new Date(options.now()).toISOString() }));
  };
}

/**
 * A fault of our own for the log: its kind and where it was thrown. Never its message, which can quote what
 * a person wrote.
 */
export function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return 'not an Error';
  const at = error.stack?.split('\n').find((line) => line.trimStart().startsWith('at '));
  return at === undefined ? error.name : `${error.name} ${at.trim()}`;
}
