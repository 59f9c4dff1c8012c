import { describe, expect, it } from 'vitest';
import { createTelemetry, describeFault, type TelemetryEvent } from './telemetry.ts';

const request: TelemetryEvent = {
  event: 'model_request',
  model_id: 'm',
  routing_path: 'sdk_direct',
  connection_id: 'c',
};
const failed: TelemetryEvent = {
  event: 'model_error',
  model_id: 'm',
  routing_path: 'sdk_direct',
  connection_id: 'c',
  error: 'It failed.',
  error_kind: 'transient',
  status: 529,
  fallback_used: false,
  fallback_model: null,
};
const down: TelemetryEvent = {
  event: 'health_changed',
  service: 'litellm',
  from: 'up',
  to: 'down',
  detail: 'gone',
};

function written(options: {
  logLevel?: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';
  logModelUsage?: boolean;
}): string[] {
  const lines: string[] = [];
  const telemetry = createTelemetry({
    logLevel: 'INFO',
    logModelUsage: true,
    now: () => 0,
    write: (line) => lines.push(line),
    ...options,
  });
  for (const event of [request, failed, down]) telemetry(event);
  return lines;
}
const names = (lines: string[]) => lines.map((line) => (JSON.parse(line) as { event: string }).event);

describe('CONTRACT 5', () => {
  it('one JSON object a line, with its time', () => {
    const [line] = written({});
    expect(line).not.toContain('\n');
    expect(JSON.parse(line ?? '')).toEqual({
      ...request,
      level: 'INFO',
      timestamp: '1970-01-01T00:00:00.000Z',
    });
  });

  it('LOG_LEVEL filters', () => {
    expect(names(written({ logLevel: 'INFO' }))).toEqual(['model_request', 'model_error', 'health_changed']);
    expect(names(written({ logLevel: 'WARNING' }))).toEqual(['model_error', 'health_changed']);
    expect(names(written({ logLevel: 'ERROR' }))).toEqual(['model_error']);
  });

  it('LOG_MODEL_USAGE=false silences requests and responses alone', () => {
    expect(names(written({ logModelUsage: false }))).toEqual(['model_error', 'health_changed']);
  });

  it('a fault of our own is described without its message, which can quote a person', () => {
    expect(describeFault(new TypeError('my password is hunter2'))).toMatch(/^TypeError at /);
    expect(describeFault(new TypeError('my password is hunter2'))).not.toContain('hunter2');
    expect(describeFault('hunter2')).toBe('not an Error');
  });
});
