import * as z from 'zod/mini';

/** Kinds of values that several settings have. */

export const flag = z.stringbool({
  truthy: ['true', '1', 'yes', 'on'],
  falsy: ['false', '0', 'no', 'off'],
  error: 'must be true or false',
});

/** A count from `min` to `max`. */
export const wholeNumber = (min: number, max: number) =>
  z.coerce
    .number({ error: `must be a whole number from ${min} to ${max}` })
    .check(
      z.refine(
        (n) => Number.isInteger(n) && n >= min && n <= max,
        `must be a whole number from ${min} to ${max}`,
      ),
    );

/** http(s), nothing but origin and path: `fetch` refuses a user name in a URL, and a query would break the paths. */
function isWebAddress(value: string): boolean {
  const url = URL.parse(value);
  return (
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === ''
  );
}

export const webAddress = z
  .string()
  .check(
    z.refine(
      isWebAddress,
      'must be an address that starts with http:// or https://, without user name or query',
    ),
  );

/** Whether an address is one that a request reaches without crossing the internet. */
export function isHomeAddress(address: string): boolean {
  const hostname = URL.parse(address)?.hostname ?? '';
  if (hostname.startsWith('[')) return /^\[(::1\]|f[cd]|fe80:)/.test(hostname);
  return (
    !hostname.includes('.') ||
    /^(127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\./.test(hostname) ||
    /\.(localhost|local|internal|lan|home\.arpa)$/.test(hostname)
  );
}

/** Whether a text can stand in a header. */
export const isToken = (value: string): boolean => /^[\x21-\x7e]*$/.test(value);
