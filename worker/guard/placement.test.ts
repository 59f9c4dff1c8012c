import { expect, it } from 'vitest';
import { locationHint } from './placement.ts';

it('visitors from where providers refuse requests get an object next door, all others the nearest', () => {
  expect(locationHint('HK')).toBe('apac-ne');
  expect(locationHint('RU')).toBe('weur');
  for (const country of ['DE', 'US', '', 'hk', undefined, null, 7])
    expect(locationHint(country)).toBeUndefined();
});
