import { describe, expect, it } from 'vitest';
import { FakeTimers } from './test-support.ts';
import { Watchdog } from './watchdog.ts';

function aWatchdog(silenceMs = 60_000) {
  const timers = new FakeTimers();
  const caller = new AbortController();
  return { timers, caller, watchdog: new Watchdog(silenceMs, caller.signal, timers) };
}

describe('Watchdog', () => {
  it('ends a request that was silent from its start (R9)', () => {
    const { timers, watchdog } = aWatchdog();
    timers.advance(59_999);
    expect(watchdog.signal.aborted).toBe(false);
    timers.advance(1);
    expect(watchdog.signal.aborted).toBe(true);
    expect(watchdog.timedOut).toBe(true);
    expect(timers.pending).toBe(0);
  });

  it('counts silence from the last byte, to the millisecond', () => {
    const { timers, watchdog } = aWatchdog();
    for (const pause of [59_000, 59_999, 1, 30_000]) {
      timers.advance(pause);
      watchdog.alive();
    }
    timers.advance(59_999);
    expect(watchdog.timedOut).toBe(false);
    timers.advance(1);
    expect(watchdog.timedOut).toBe(true);
  });

  it('passes the abort of its caller on at once, and that is no timeout', () => {
    const { timers, caller, watchdog } = aWatchdog();
    caller.abort();
    expect(watchdog.signal.aborted).toBe(true);
    timers.advance(120_000);
    expect(watchdog.timedOut).toBe(false);
    expect(timers.pending).toBe(0);
  });

  it('is aborted from the start when its caller is', () => {
    const timers = new FakeTimers();
    const watchdog = new Watchdog(1000, AbortSignal.abort(), timers);
    expect(watchdog.signal.aborted).toBe(true);
    expect(timers.pending).toBe(0);
  });

  it('leaves no timer behind when the stream is over, and never aborts it afterwards', () => {
    const { timers, caller, watchdog } = aWatchdog();
    watchdog.stop();
    expect(timers.pending).toBe(0);
    caller.abort();
    expect(watchdog.signal.aborted).toBe(false);
  });

  it('can be told to allow less', () => {
    const { timers, watchdog } = aWatchdog();
    timers.advance(50_000);
    watchdog.allow(1000);
    timers.advance(999);
    expect(watchdog.timedOut).toBe(false);
    timers.advance(1);
    expect(watchdog.timedOut).toBe(true);
  });

  it('is not woken again by a change after its end', () => {
    const { timers, watchdog } = aWatchdog();
    watchdog.stop();
    watchdog.allow(1000);
    expect(timers.pending).toBe(0);
  });
});
