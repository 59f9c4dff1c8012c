import { ToolFault } from './fault.ts';

/**
 * Settles with the work, or throws a {@link ToolFault} when the time or the signal is up first: nothing is waited for
 * for ever. The timer is taken back at once: one that is left keeps a Durable Object awake.
 * @param ms milliseconds
 */
export function within<T>(work: Promise<T>, ms: number, signal?: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const giveUp = () => done(() => reject(new ToolFault('aborted')));
    const timer = setTimeout(() => done(() => reject(new ToolFault('timeout'))), ms);
    function done(settle: () => void): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      settle();
    }
    work.then(
      (value) => done(() => resolve(value)),
      (error: unknown) => done(() => reject(error)),
    );
    if (signal?.aborted) giveUp();
    else signal?.addEventListener('abort', giveUp, { once: true });
  });
}
