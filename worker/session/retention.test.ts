import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Retention } from '../archive/retention.ts';
import { judge, touch } from './retention.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-22T12:00:00Z');

describe('a touch', () => {
  it('the first one stores it and sets the alarm', () => {
    expect(touch(null, NOW, 90)).toEqual({ touchedAt: NOW, alarmAt: NOW + 91 * DAY });
  });

  it('writes nothing more on the same day', () => {
    const known = { touchedAt: NOW, alarmAt: NOW + 91 * DAY };
    expect(touch(known, NOW + 1, 90)).toBeNull();
    expect(touch(known, NOW + DAY - 1, 90)).toBeNull();
  });

  it('a day later it is stored; the alarm stays, and finds it when it rings', () => {
    const known = { touchedAt: NOW, alarmAt: NOW + 91 * DAY };
    expect(touch(known, NOW + DAY, 90)).toEqual({ touchedAt: NOW + DAY, alarmAt: NOW + 91 * DAY });
  });

  it('a retention that was made shorter moves the alarm at once', () => {
    const known = { touchedAt: NOW, alarmAt: NOW + 91 * DAY };
    expect(touch(known, NOW + 1, 30)).toEqual({ touchedAt: NOW + 1, alarmAt: NOW + 1 + 31 * DAY });
  });

  it('an alarm that should have rung long ago is set again', () => {
    const known = { touchedAt: NOW - 5, alarmAt: NOW - 1 };
    expect(touch(known, NOW, 90)?.alarmAt).toBe(NOW + 91 * DAY);
  });

  it('kept for ever: no alarm is set', () => {
    expect(touch(null, NOW, null)).toEqual({ touchedAt: NOW, alarmAt: null });
    expect(touch({ touchedAt: NOW, alarmAt: null }, NOW + 1, 90)?.alarmAt).toBe(NOW + 1 + 91 * DAY);
  });

  it('a clock that was ahead and is right again does not make a session look fresh', () => {
    expect(touch({ touchedAt: NOW + 400 * DAY, alarmAt: NOW + 80 * DAY }, NOW, 90)?.touchedAt).toBe(NOW);
  });
});

describe('the alarm', () => {
  const known = { touchedAt: NOW, alarmAt: NOW + 91 * DAY };

  it('untouched for the whole time: due', () => {
    expect(judge(known, NOW + 91 * DAY, 90, false)).toBe('due');
  });

  it('touched since: set again for the rest', () => {
    const used = { touchedAt: NOW + 10 * DAY, alarmAt: NOW + 91 * DAY };
    expect(judge(used, NOW + 91 * DAY, 90, false)).toEqual({ ...used, alarmAt: NOW + 101 * DAY });
  });

  it('with somebody at it, it is never due', () => {
    const now = NOW + 91 * DAY;
    expect(judge(known, now, 90, true)).toEqual({ touchedAt: now, alarmAt: now + 91 * DAY });
  });

  it('the retention of today counts: longer, shorter, for ever', () => {
    expect(judge(known, NOW + 91 * DAY, 365, false)).toEqual({ ...known, alarmAt: NOW + 366 * DAY });
    expect(judge(known, NOW + 31 * DAY, 30, false)).toBe('due');
    expect(judge(known, NOW + 91 * DAY, null, false)).toEqual({ ...known, alarmAt: null });
  });
});

it('property: a session lives at least the whole retention after its last touch, and at most a day longer', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 40 * DAY }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 120 }),
      (pauses, days) => {
        let now = NOW;
        let known: Retention | null = touch(null, now, days);
        let writes = 0;
        const ring = (until: number): number | null => {
          while (known?.alarmAt != null && known.alarmAt <= until) {
            const verdict = judge(known, known.alarmAt, days, false);
            if (verdict === 'due') return known.alarmAt;
            known = verdict;
          }
          return null;
        };
        for (const pause of pauses) {
          const gone = ring(now + pause);
          if (gone !== null) {
            expect(gone - now).toBeGreaterThanOrEqual(days * DAY);
            return;
          }
          now += pause;
          const changed = touch(known, now, days);
          if (changed !== null) writes += 1;
          known = changed ?? known;
        }
        expect(writes).toBeLessThanOrEqual((now - NOW) / DAY);
        const gone = ring(Number.MAX_SAFE_INTEGER) ?? 0;
        expect(gone - now).toBeGreaterThanOrEqual(days * DAY);
        expect(gone - now).toBeLessThanOrEqual((days + 1) * DAY);
      },
    ),
  );
});
