import { describe, expect, it } from 'vitest';
import { FramePace, pauseAfter, type Waits } from './frame-pace.ts';

/** A page whose frames and timers a test turns by hand. */
class FakePage implements Waits {
  clock = 0;
  #waiting: { at: number; then: () => void }[] = [];

  readonly now = (): number => this.clock;
  readonly frame = (then: () => void): (() => void) => this.later(then, 16);
  readonly later = (then: () => void, ms: number): (() => void) => {
    const entry = { at: this.clock + ms, then };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  };

  pass(ms: number): void {
    const until = this.clock + ms;
    for (;;) {
      const next = this.#waiting.toSorted((a, b) => a.at - b.at)[0];
      if (!next || next.at > until) break;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.clock = Math.max(this.clock, next.at);
      next.then();
    }
    this.clock = Math.max(this.clock, until);
  }
}

function aPage(work: (page: FakePage) => void = () => {}) {
  const page = new FakePage();
  const seen = { runs: 0 };
  const pace = new FramePace(() => {
    seen.runs += 1;
    work(page);
  }, page);
  return { page, seen, pace };
}

describe('the pace of rendering', () => {
  it('is once a frame, however often it is asked for', () => {
    const { page, seen, pace } = aPage();
    for (let i = 0; i < 5; i += 1) pace.request();
    page.pass(20);
    expect(seen.runs).toBe(1);
    pace.request();
    page.pass(20);
    expect(seen.runs).toBe(2);
  });

  it('is not lost when it is asked for while it renders', () => {
    const { page, seen, pace } = aPage(() => {
      if (seen.runs === 1) pace.request();
    });
    pace.request();
    page.pass(60);
    expect(seen.runs).toBe(2);
  });

  it('rests three times as long as heavy work took', () => {
    const { page, seen, pace } = aPage((during) => {
      during.clock += 50;
    });
    pace.request();
    page.pass(16);
    expect(seen.runs).toBe(1);
    page.pass(0);
    pace.request();
    page.pass(150);
    expect(seen.runs).toBe(1);
    page.pass(16);
    expect(seen.runs).toBe(2);
  });

  it('ends when it is cancelled, and can begin again', () => {
    const { page, seen, pace } = aPage();
    pace.request();
    pace.cancel();
    page.pass(100);
    expect(seen.runs).toBe(0);
    pace.request();
    page.pass(20);
    expect(seen.runs).toBe(1);
  });

  it('costs at most a quarter of the time, and never rests for longer than a second', () => {
    expect([4, 8, 20, 5_000].map(pauseAfter)).toEqual([0, 0, 60, 1_000]);
  });
});
