import type { Json } from './json.ts';
import { type Column, cellOf } from './table.ts';

/**
 * Spreadsheets run what begins like a formula (OWASP, CSV injection), also after a tab or in wide letters. Such a text
 * gets an apostrophe in front; numbers stay numbers.
 */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠|%]/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

function field(text: string): string {
  const safe =
    FORMULA.test(text.trimStart()) || /^[\t\r\n]/.test(text) ? (NUMBER.test(text) ? text : `'${text}`) : text;
  return /[",;\r\n\t]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A list as CSV (RFC 4180): a header, then one line an object, ended by CR and LF. Nested objects stand by their names. */
export function toCsv(objects: readonly Json[], columns: readonly Column[]): string {
  const lines = [columns.map(({ key }) => field(key)).join(',')];
  for (const object of objects)
    lines.push(columns.map(({ key }) => field(cellOf(object, key).text)).join(','));
  return `${lines.join('\r\n')}\r\n`;
}
