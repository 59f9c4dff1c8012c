/** Those of the platform's location hints that are used here. */
type LocationHint = 'apac-ne' | 'weur';

/**
 * Where a new object should live. An object is made near the first visitor, and the providers refuse
 * requests that come from some places (Hong Kong among them): visitors from there get an object next door.
 * A hint is a best effort; a refusal that comes all the same is told as what it is.
 */
const ELSEWHERE: Readonly<Record<string, LocationHint>> = {
  HK: 'apac-ne',
  MO: 'apac-ne',
  CN: 'apac-ne',
  RU: 'weur',
  BY: 'weur',
};

/** @param country ISO 3166-1 alpha-2 as `request.cf.country` has it */
export function locationHint(country: unknown): LocationHint | undefined {
  return typeof country === 'string' ? ELSEWHERE[country] : undefined;
}
