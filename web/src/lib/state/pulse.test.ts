import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HTTP_RHYTHM, judge, Pulse, type Rhythm, SOCKET_RHYTHM } from './pulse.ts';

const AT = 1_000_000;
const signs = (over: Partial<Parameters<typeof judge>[0]> = {}) => ({
  heardAt: AT,
  tickedAt: AT,
  ...over,
});

describe('the judgement of a line', () => {
  it.each([
    ['a socket that spoke lately', SOCKET_RHYTHM, { heardAt: AT - 24_000 }, 'wait'],
    ['a silent socket', SOCKET_RHYTHM, { heardAt: AT - 25_000 }, 'ask'],
    ['a stream between two comments', HTTP_RHYTHM, { heardAt: AT - 16_000 }, 'wait'],
    ['a stream without its comment', HTTP_RHYTHM, { heardAt: AT - 22_000 }, 'dead'],
  ] as const)('%s', (_name, rhythm: Rhythm, over, verdict) => {
    expect(judge(signs(over), AT, rhythm, true)).toBe(verdict);
  });

  it('takes a late tick of a page in view for sleep, and one of a hidden page for what it is', () => {
    const slept = signs({ tickedAt: AT - 60_000, heardAt: AT - 1_000 });
    expect(judge(slept, AT, SOCKET_RHYTHM, true)).toBe('dead');
    expect(judge(slept, AT, SOCKET_RHYTHM, false)).toBe('wait');
  });
});

describe('the watch over a line', () => {
  let asked = 0;
  let deaths = 0;
  let isAnswering = false;
  let pulse: Pulse;

  beforeEach(() => {
    vi.useFakeTimers();
    asked = 0;
    deaths = 0;
    isAnswering = false;
    pulse = new Pulse({
      now: () => Date.now(),
      inView: () => true,
      ask: () => {
        asked += 1;
        if (isAnswering) pulse.heard();
      },
      dead: () => {
        deaths += 1;
        pulse.stop();
      },
    });
  });
  afterEach(() => vi.useRealTimers());

  it('asks a silent socket, and buries one that does not answer', () => {
    pulse.start(SOCKET_RHYTHM);
    vi.advanceTimersByTime(26_000);
    expect([asked, deaths]).toEqual([1, 0]);
    vi.advanceTimersByTime(5_000);
    expect([asked, deaths]).toEqual([1, 1]);
  });

  it('lets one live that answers', () => {
    isAnswering = true;
    pulse.start(SOCKET_RHYTHM);
    vi.advanceTimersByTime(600_000);
    expect([asked, deaths]).toEqual([24, 0]);
  });

  it('is quick about a person who comes back', () => {
    pulse.start(SOCKET_RHYTHM);
    pulse.check();
    vi.advanceTimersByTime(2_000);
    expect([asked, deaths]).toEqual([1, 1]);
  });

  it('lets a line be that answers a person who comes back, and one that is not there', () => {
    pulse.check();
    pulse.start(SOCKET_RHYTHM);
    pulse.check();
    pulse.heard();
    vi.advanceTimersByTime(4_000);
    expect([asked, deaths]).toEqual([1, 0]);
  });

  it('never asks a stream, and buries it without its comments', () => {
    pulse.start(HTTP_RHYTHM);
    pulse.check();
    vi.advanceTimersByTime(30_000);
    expect([asked, deaths]).toEqual([0, 1]);
  });
});
