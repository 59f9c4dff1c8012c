import { beforeEach, describe, expect, it } from 'vitest';
import type { TelemetryEvent } from '../telemetry/telemetry.ts';
import type { AnsweredOnce } from './report.ts';
import { anAnswer, tokens } from './test-support.ts';
import { createUsageLine, type Dataset, dataPoint } from './usage-line.ts';

let events: TelemetryEvent[];
let work: Promise<unknown>[];
let recorded: AnsweredOnce[];

beforeEach(() => {
  events = [];
  work = [];
  recorded = [];
});

function line(dataset: Dataset | null, recordAnswer?: (one: AnsweredOnce) => Promise<void>) {
  return createUsageLine({
    ledger: {
      recordAnswer:
        recordAnswer ??
        (async (one) => {
          recorded.push(one);
        }),
    },
    dataset,
    telemetry: (event) => events.push(event),
    keepAlive: (promise) => work.push(promise),
  });
}

describe('an answer is counted', () => {
  it('once in the ledger, and once in the dataset where there is one', async () => {
    const points: unknown[] = [];
    line({ writeDataPoint: (point) => points.push(point) }).record(anAnswer());
    line(null).record(anAnswer());
    await Promise.all(work);
    expect(recorded).toEqual([anAnswer(), anAnswer()]);
    expect(points).toEqual([dataPoint(anAnswer())]);
    expect(events).toEqual([]);
  });

  it('or it is not: that is logged, and nobody else notices', async () => {
    const broken: Dataset = {
      writeDataPoint: () => {
        throw new TypeError('a confidential word');
      },
    };
    line(broken, () => Promise.reject(new Error('a confidential word'))).record(anAnswer());
    await Promise.all(work);
    expect(events).toHaveLength(2);
    for (const event of events) expect(event).toMatchObject({ event: 'internal_error', where: 'usage' });
    expect(JSON.stringify(events)).not.toContain('confidential');
  });
});

describe('a point of Analytics Engine', () => {
  it('has its fields in the order that is documented', () => {
    const usage = tokens({ input_tokens: 1, output_tokens: 2, cache_read_tokens: 3, cache_write_tokens: 4 });
    const alwaysUsd = { haiku: 0.5, sonnet: 10, opus: 20 };
    expect(dataPoint(anAnswer({ automatic: true, fallback: true, error: true, usage, alwaysUsd }))).toEqual({
      indexes: ['claude-haiku-5-5'],
      blobs: ['claude-haiku-5-5'],
      doubles: [1, 1, 1, 0.25, 0.5, 10, 20, 1, 2, 3, 4, 400],
    });
  });

  it('says -1 where there is nothing to say, and keeps its index under 96 bytes', () => {
    const model = '😀'.repeat(100);
    const { indexes, doubles } = dataPoint(
      anAnswer({ model, costUsd: null, alwaysUsd: null, usage: null, ttftMs: null }),
    );
    expect(doubles).toEqual([0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0, -1]);
    expect(new TextEncoder().encode(indexes[0]).length).toBeLessThanOrEqual(96);
  });
});
