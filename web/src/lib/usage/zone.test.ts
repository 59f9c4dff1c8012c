import { describe, expect, test } from 'vitest';
import { Zone } from './zone.ts';

const at = (iso: string): number => Date.parse(iso);
const iso = (ms: number): string => new Date(ms).toISOString();

describe('the offset from UTC', () => {
  test.each([
    ['UTC', '2026-07-01T12:00:00Z', 0],
    ['Europe/Berlin', '2026-07-01T12:00:00Z', 120],
    ['Europe/Berlin', '2026-10-25T00:59:59Z', 120],
    ['Europe/Berlin', '2026-10-25T01:00:00Z', 60],
    ['America/New_York', '2026-01-01T12:00:00Z', -300],
    ['Asia/Kolkata', '2026-11-22T12:00:00Z', 330],
    ['Australia/Lord_Howe', '2026-01-01T12:00:00Z', 660],
    ['Australia/Lord_Howe', '2026-06-01T12:00:00Z', 630],
  ])('%s at %s', (name, when, minutes) => {
    expect(new Zone(name).offset(at(when))).toBe(minutes * 60_000);
  });
});

describe('the beginning of a day', () => {
  test.each([
    ['UTC', '2026-11-22T15:00:00Z', 0, '2026-11-22T00:00:00.000Z'],
    ['Asia/Kolkata', '2026-11-22T18:29:59Z', 0, '2026-11-21T18:30:00.000Z'],
    ['Asia/Kolkata', '2026-11-22T18:30:00Z', 0, '2026-11-22T18:30:00.000Z'],
    // Over the end of summer time and back: a day is not 24 hours.
    ['Europe/Berlin', '2026-10-26T12:00:00Z', -1, '2026-10-24T22:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25T12:00:00Z', 1, '2026-10-25T23:00:00.000Z'],
    ['Europe/Berlin', '2026-03-29T12:00:00Z', 1, '2026-03-29T22:00:00.000Z'],
    // Where the clock goes from 00:00 to 01:00, the day begins at 01:00.
    ['America/Santiago', '2026-09-06T12:00:00Z', 0, '2026-09-06T04:00:00.000Z'],
    // Where it goes from 24:00 back to 23:00, the hour that is repeated belongs to the day before.
    ['America/Santiago', '2026-04-05T12:00:00Z', 0, '2026-04-05T04:00:00.000Z'],
    // Where it goes from 01:00 back to 00:00, midnight is twice.
    ['Atlantic/Azores', '2026-10-25T12:00:00Z', 0, '2026-10-25T00:00:00.000Z'],
    // A day that the place left out when it changed sides of the date line.
    ['Pacific/Apia', '2011-12-31T12:00:00Z', -1, '2011-12-30T10:00:00.000Z'],
  ])('%s, %s, %i days later', (name, when, days, start) => {
    expect(iso(new Zone(name).dayStart(at(when), days))).toBe(start);
  });

  test('a week begins on Monday', () => {
    const berlin = new Zone('Europe/Berlin');
    expect(iso(berlin.weekStart(at('2026-11-22T12:00:00Z')))).toBe('2026-11-15T23:00:00.000Z');
    expect(iso(berlin.weekStart(at('2026-11-22T23:30:00Z')))).toBe('2026-11-22T23:00:00.000Z');
    expect(iso(berlin.weekStart(at('2026-11-22T12:00:00Z'), -4))).toBe('2026-10-18T22:00:00.000Z');
  });
});
