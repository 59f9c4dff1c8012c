import { pick, type Random } from '../../simulator/random.ts';
import { between, chance } from '../chaos/script.ts';

/** Stands in everything that must be refused: it must be found nowhere afterwards, neither on disk nor in the log. */
export const REFUSED = 'zqx-refused';

const TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'x\udfff\ud800',
  '\u202e\u2066',
  '\ufeff',
  '\u2028',
  '😀'.repeat(50),
  "' OR 1=1 --",
  "'; DROP TABLE messages; --",
  '") UNION SELECT value FROM session --',
  '%',
  '_'.repeat(13),
  '../../etc/passwd',
  '%2e%2e%2f',
  '{{7*7}}<%= 7*7 %>',
  '<script>alert(1)</script>',
  '\r\nSet-Cookie: a=b',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'null',
  'NaN',
  '0x10',
  '-1',
  '1e999',
  '9'.repeat(400),
] as const;

const NUMBERS = ['0', '-0', '-1', '1.5', '1e308', '1e999', '-1e999', '9007199254740993', '1'.repeat(400)];

/** Every unit that a string may have, half of a pair included. */
function noise(random: Random, length: number): string {
  return String.fromCharCode(...Array.from({ length }, () => between(random, 0, 0xffff)));
}

/** @param most length, characters */
export function anyText(random: Random, most = 300): string {
  const mark = chance(random, 0.5) ? REFUSED : '';
  if (chance(random, 0.5)) return mark + pick(random, TEXTS);
  if (chance(random, 0.3)) return mark + 'x'.repeat(between(random, 1, most));
  return mark + noise(random, between(random, 1, Math.min(most, 60)));
}

/** A number as JSON text: also one that no number can hold. */
const anyNumber = (random: Random) => pick(random, ['7', ...NUMBERS]);

/** JSON text of any shape. */
export function anyJson(random: Random, depth = 4): string {
  const kind = between(random, 0, depth > 0 ? 7 : 4);
  switch (kind) {
    case 0:
      return pick(random, ['null', 'true', 'false']);
    case 1:
      return anyNumber(random);
    case 2:
    case 3:
    case 4:
      return JSON.stringify(anyText(random));
    case 5:
      return `[${Array.from({ length: between(random, 0, 5) }, () => anyJson(random, depth - 1)).join(',')}]`;
    default:
      return anyObject(random, depth);
  }
}

const KEYS = ['__proto__', 'constructor', 'toString', 'then', 'toJSON', 'length', '', 'seq', 'id'] as const;

/** The members of an object whose keys are none of a frame's, but may be there twice. */
export function anyMembers(random: Random, depth: number): string {
  const one = () => `${JSON.stringify(pick(random, KEYS))}:${anyJson(random, depth - 1)}`;
  return Array.from({ length: between(random, 0, 5) }, one).join(',');
}

function anyObject(random: Random, depth: number): string {
  return `{${anyMembers(random, depth)}}`;
}

/** JSON text that nests this deep. */
export function nested(random: Random, depth: number): string {
  return chance(random, 0.5)
    ? `${'['.repeat(depth)}${']'.repeat(depth)}`
    : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

/** An id that is almost this one. */
export function nearMiss(random: Random, id: string): string {
  const at = between(random, 0, Math.max(0, id.length - 1));
  const last = id.charAt(id.length - 1);
  return pick(random, [
    id.slice(0, -1),
    id.slice(1),
    `${id} `,
    ` ${id}`,
    `${id}\u0000`,
    `${id}0`,
    `${id}.1`,
    `${id}%00`,
    `${id}' --`,
    `${id}/../${id}`,
    `${id.slice(0, at)}%${id.slice(at)}`,
    `${id.slice(0, -1)}${last === '0' ? '1' : '0'}`,
    id.split('').reverse().join('').replace(/^/, 'z'),
    REFUSED,
  ]);
}
