import { describe, expect, test } from 'vitest';
import { beginningOf, sinceOf, slotOf, timelineOf } from './timeline.ts';
import { Zone } from './zone.ts';

const HOUR = 3_600_000;
const at = (iso: string): number => Date.parse(iso);
const BERLIN = new Zone('Europe/Berlin');
const UTC = new Zone('UTC');

describe('how far back a range looks', () => {
  const now = at('2026-10-26T15:20:00Z');
  test.each([
    ['24h', '2026-10-25T16:00:00.000Z'],
    ['7d', '2026-10-19T22:00:00.000Z'],
    ['30d', '2026-09-26T22:00:00.000Z'],
    ['all', '1970-01-01T00:00:00.000Z'],
  ] as const)('%s', (range, since) => {
    expect(new Date(sinceOf(range, now, BERLIN)).toISOString()).toBe(since);
  });

  test('24 hours are 24 slots, 30 days are 30, whatever the clock did in between', () => {
    for (const [range, slots] of [
      ['24h', 24],
      ['7d', 7],
      ['30d', 30],
    ] as const) {
      expect(timelineOf(sinceOf(range, now, BERLIN), now, BERLIN).slots).toHaveLength(slots);
    }
  });
});

describe('a timeline', () => {
  test.each([
    ['hour', 0],
    ['hour', 48],
    ['day', 48.01],
    ['day', 24 * 100],
    ['week', 24 * 100.01],
  ] as const)('goes by the %s for %d hours', (step, hours) => {
    const from = at('2026-06-01T00:00:00Z');
    expect(timelineOf(from, from + hours * HOUR, UTC).step).toBe(step);
  });

  test('has a bar for every day, also for those of 23 and 25 hours', () => {
    const { slots } = timelineOf(at('2026-10-23T22:00:00Z'), at('2026-10-27T08:00:00Z'), BERLIN);
    expect(slots.map(({ short }) => short)).toEqual(['24 Oct', '25 Oct', '26 Oct', '27 Oct']);
    expect(slots.map(({ start }, i) => ((slots[i + 1]?.start ?? 0) - start) / HOUR).slice(0, 3)).toEqual([
      24, 25, 24,
    ]);
    expect(slots[1]?.long).toBe('Sun 25 Oct 2026');
    const spring = timelineOf(at('2026-03-27T23:00:00Z'), at('2026-03-30T08:00:00Z'), BERLIN).slots;
    expect(spring.map(({ short }) => short)).toEqual(['28 Mar', '29 Mar', '30 Mar']);
    expect(((spring[2]?.start ?? 0) - (spring[1]?.start ?? 0)) / HOUR).toBe(23);
  });

  test('tells the hour that is repeated from the one before, and leaves none out', () => {
    const { slots } = timelineOf(at('2026-10-24T23:00:00Z'), at('2026-10-25T02:30:00Z'), BERLIN);
    expect(slots.map(({ short }) => short)).toEqual(['01:00', '02:00', '02:00', '03:00']);
    expect(slots.map(({ long }) => long)).toEqual([
      'Sun 25 Oct, 01:00',
      'Sun 25 Oct, 02:00 (UTC+2)',
      'Sun 25 Oct, 02:00 (UTC+1)',
      'Sun 25 Oct, 03:00',
    ]);
  });

  test('names the hours of a place that is half an hour off', () => {
    const { slots } = timelineOf(
      at('2026-11-22T18:00:00Z'),
      at('2026-11-22T19:10:00Z'),
      new Zone('Asia/Kolkata'),
    );
    expect(slots.map(({ long }) => long)).toEqual(['Sun 22 Nov, 23:30', 'Mon 23 Nov, 00:30']);
  });

  test('of weeks begins on the Monday before', () => {
    const timeline = timelineOf(at('2025-10-15T12:00:00Z'), at('2026-11-22T12:00:00Z'), BERLIN);
    expect(timeline.slots[0]?.long).toBe('Week of 13 Oct 2025');
    expect(timeline.slots.at(-1)?.long).toBe('Week of 16 Nov 2026');
    expect(timeline.slots).toHaveLength(58);
    expect(beginningOf(timeline)).toBe('the week of 13 Oct 2025');
  });

  test('of one moment has one slot', () => {
    const timeline = timelineOf(at('2026-11-22T12:10:00Z'), at('2026-11-22T12:10:00Z'), UTC);
    expect(timeline.slots.map(({ long }) => long)).toEqual(['Sun 22 Nov, 12:00']);
    expect(beginningOf(timeline)).toBe('Sun 22 Nov, 12:00');
  });
});

test('a moment is found in its slot, and one outside in the nearest', () => {
  const { slots } = timelineOf(at('2026-10-23T22:00:00Z'), at('2026-10-27T08:00:00Z'), BERLIN);
  const found = (iso: string) => slotOf(slots, at(iso));
  expect(found('2026-10-23T21:30:00Z')).toBe(0);
  expect(found('2026-10-24T21:59:59Z')).toBe(0);
  expect(found('2026-10-24T22:00:00Z')).toBe(1);
  expect(found('2026-10-25T22:59:59Z')).toBe(1);
  expect(found('2026-10-25T23:00:00Z')).toBe(2);
  expect(found('2027-01-01T00:00:00Z')).toBe(3);
});
