import { describeFault, type Telemetry } from '../telemetry/telemetry.ts';
import { type AnsweredOnce, sumsOf } from './report.ts';

/** Where each answer of the deployment is counted, once, at its end. */
export interface UsageLine {
  /** Returns at once and never throws: nobody waits for a statistic, and what is lost of it is lost. */
  record(one: AnsweredOnce): void;
}

/** What of an Analytics Engine dataset is used here. */
export interface Dataset {
  writeDataPoint(point: { indexes: string[]; blobs: string[]; doubles: number[] }): void;
}

export type UsageLineDeps = {
  /** The Ledger object, over the network. */
  ledger: { recordAnswer(one: AnsweredOnce): Promise<void> };
  /** The copy for Analytics Engine; null where no dataset is bound. */
  dataset: Dataset | null;
  telemetry: Telemetry;
  /** Keeps the object alive until the promise settles. */
  keepAlive: (work: Promise<unknown>) => void;
};

export function createUsageLine({ ledger, dataset, telemetry, keepAlive }: UsageLineDeps): UsageLine {
  const reportFault = (error: unknown) =>
    telemetry({ event: 'internal_error', where: 'usage', error: describeFault(error) });
  return {
    record(one) {
      keepAlive(ledger.recordAnswer(one).catch(reportFault));
      try {
        dataset?.writeDataPoint(dataPoint(one));
      } catch (error) {
        reportFault(error);
      }
    },
  };
}

/**
 * One answer as a point of Analytics Engine (docs/spending.md lists the fields; a new one is only ever added at the
 * end). A point has no null: a cost that is not known, and a first word that never came, are -1.
 */
export function dataPoint(one: AnsweredOnce): Parameters<Dataset['writeDataPoint']>[0] {
  const sums = sumsOf(one);
  const { haiku, sonnet, opus } = one.alwaysUsd ?? { haiku: null, sonnet: null, opus: null };
  return {
    indexes: [one.model.slice(0, 32)],
    blobs: [one.model],
    doubles: [
      sums.automatic,
      sums.fallbacks,
      sums.errors,
      one.costUsd ?? -1,
      haiku ?? -1,
      sonnet ?? -1,
      opus ?? -1,
      sums.input_tokens,
      sums.output_tokens,
      sums.cache_read_tokens,
      sums.cache_write_tokens,
      one.ttftMs ?? -1,
    ],
  };
}
