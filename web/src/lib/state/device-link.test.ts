import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from './api.ts';
import { DeviceLink, linkAddress, timeLeft } from './device-link.svelte.ts';

const ORIGIN = 'https://chat.example.com';

describe('a link to another device', () => {
  let clock = 0;
  beforeEach(() => {
    clock = 0;
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  const link = (create: ConstructorParameters<typeof DeviceLink>[1]) => new DeviceLink(() => clock, create);
  function pass(seconds: number): void {
    clock += seconds * 1_000;
    vi.advanceTimersByTime(seconds * 1_000);
  }

  it('carries its code in the fragment, which browsers send to nobody', () => {
    const url = new URL(linkAddress(ORIGIN, 'a-b_c'));
    expect([url.hash, url.pathname + url.search]).toEqual(['#link=a-b_c', '/']);
  });

  it('counts down and expires', async () => {
    const made = link(async () => ({ code: 'x', livesMs: 600_000 }));
    await made.make('s1', ORIGIN);
    expect(made.state).toEqual({ kind: 'ready', address: `${ORIGIN}/#link=x`, secondsLeft: 600 });
    pass(90);
    expect(made.state).toMatchObject({ kind: 'ready', secondsLeft: 510 });
    pass(510);
    expect(made.state).toEqual({ kind: 'expired' });
  });

  it('says why there is none', async () => {
    const refused = link(() => Promise.reject(new ApiError('rate_limited', 'Slow down.')));
    await refused.make('s1', ORIGIN);
    expect(refused.state).toEqual({ kind: 'failed', message: 'Slow down.' });
    await refused.make(null, ORIGIN);
    expect(refused.state).toMatchObject({ kind: 'failed', message: expect.stringMatching(/no connection/) });
  });

  it('is not shown any more when it comes after the dialog was closed, or after a newer one', async () => {
    const answers: ((code: string) => void)[] = [];
    const slow = link(
      () => new Promise((resolve) => answers.push((code) => resolve({ code, livesMs: 60_000 }))),
    );
    const first = slow.make('s1', ORIGIN);
    const second = slow.make('s1', ORIGIN);
    answers[1]?.('new');
    answers[0]?.('old');
    await Promise.all([first, second]);
    expect(slow.state).toMatchObject({ kind: 'ready', address: `${ORIGIN}/#link=new` });
    const third = slow.make('s1', ORIGIN);
    slow.forget();
    answers[2]?.('late');
    await third;
    expect(slow.state).toEqual({ kind: 'none' });
  });

  it('says what is left as people count', () => {
    expect([600, 541, 61, 60, 45, 1].map(timeLeft)).toEqual([
      '10 minutes',
      '10 minutes',
      '2 minutes',
      '1 minute',
      '45 seconds',
      '1 second',
    ]);
  });
});
