import { type ErrorCode, LIMITS } from '../../shared/index.ts';
import { pick, type Random, seededRandom, seedOf } from '../../simulator/random.ts';
import { between, chance } from '../chaos/script.ts';
import { anyJson, anyMembers, anyText, nearMiss, nested, REFUSED } from './values.ts';

/** What a client sends, and what must come of it. */
export type Frame = {
  data: string | Uint8Array<ArrayBuffer>;
  expect: /** One `error` with one of these codes, and nothing else. */
    | { kind: 'refused'; codes: readonly ErrorCode[] }
    | { kind: 'nothing' }
    | { kind: 'models' }
    | { kind: 'pong' }
    /** The socket closes with 1009. */
    | { kind: 'closed' }
    /** A question like any other: answered, stored and paid for, once. */
    | { kind: 'answered'; text: string };
};

/** Ids that exist, though not all for the session that is under attack. */
export type Ids = { archived: string; others: string; message: string; model: string };

const refused = (data: Frame['data'], ...codes: ErrorCode[]): Frame => ({
  data,
  expect: { kind: 'refused', codes: codes.length === 0 ? ['bad_frame'] : codes },
});
const text = (value: string) => JSON.stringify(value);
const member = (name: string, json: string) => `${text(name)}:${json}`;

/** JSON that is no string, or none that the field takes. */
function wrongText(random: Random): string {
  const long = text('x'.repeat(LIMITS.idChars + between(random, 1, 2_000)));
  const json = pick(random, [
    'null',
    '1e999',
    '[]',
    '{}',
    'true',
    '""',
    '["x"]',
    '{"0":"x"}',
    long,
    '[[[]]]',
  ]);
  return chance(random, 0.2) ? nested(random, between(random, 1, 300)) : json;
}

function wrongFlag(random: Random): string {
  return pick(random, ['"true"', '0', '1', 'null', '[]', '{}', '1e999']);
}

const TYPES = [
  'chat',
  'model_change',
  'reset',
  'stop',
  'open',
  'tool_decision',
  'models',
  'redo',
  'edit',
] as const;

function unknownType(random: Random): string {
  const type = pick(random, TYPES);
  return pick(random, [
    text(type.toUpperCase()),
    text(`${type} `),
    text(`${type}\u0000`),
    text(type.slice(1)),
    text(`__proto__`),
    text('constructor'),
    text('session'),
    text('message_accepted'),
    text(anyText(random) + REFUSED),
    `[${text(type)}]`,
    `{"type":${text(type)}}`,
    'null',
    '0',
    'true',
  ]);
}

/** The frames that a client may send, each with one thing that makes it none. */
function brokenFrame(random: Random): Frame {
  const message = member('message', text(`${REFUSED} ${anyText(random)}`));
  const chat = pick(random, ['"type":"chat",', '']);
  const frames: readonly [string, ...string[]] = [
    `"type":"chat"`,
    `${chat}"message":${pick(random, ['null', '5', '[]', '{}', 'true', '""', '" "', '"\\n\\t\\u00a0"', '["x"]'])}`,
    `${chat}${message},"client_id":${wrongText(random)}`,
    `${chat}${message},"trim":${wrongFlag(random)}`,
    `${chat}${message},"attachments":${pick(random, ['[1]', '[null]', '{}', '"x"', '5', `[${nested(random, 200)}]`])}`,
    `${chat}${message},${message},"trim":7`,
    `"type":"stop","type":${unknownType(random)}`,
    `"type":"model_change"`,
    `"type":"model_change","model":${wrongText(random)}`,
    `"type":"open"`,
    `"type":"open","conversation_id":${wrongText(random)}`,
    `"type":"tool_decision","call_id":${wrongText(random)},"allow":true`,
    `"type":"tool_decision","call_id":"c","allow":${wrongFlag(random)}`,
    `"type":"tool_decision","call_id":"c","allow":true,"remember":${wrongFlag(random)}`,
    `"type":"redo","message_id":${wrongText(random)}`,
    `"type":"redo","message_id":"m","tier":${wrongText(random)}`,
    `"type":"edit","message_id":"m"`,
    `"type":"edit","message_id":${wrongText(random)},${message}`,
    `"type":${unknownType(random)},${message}`,
    `"__proto__":{"type":"chat",${message}}`,
    `"constructor":{"prototype":{"type":"chat"}},"Message":"x"`,
    `"type":${unknownType(random)}`,
  ];
  const extra = chance(random, 0.3) ? anyMembers(random, 2) : '';
  return refused(`{${pick(random, frames)}${extra === '' ? '' : `,${extra}`}}`);
}

function nearMisses(random: Random, ids: Ids): Frame {
  const open = (id: string) => refused(JSON.stringify({ type: 'open', conversation_id: id }), 'not_found');
  switch (between(random, 0, 5)) {
    case 0:
      return open(nearMiss(random, pick(random, [ids.archived, ids.message])));
    case 1:
      // Of somebody else's session.
      return open(ids.others);
    case 2:
      return open(ids.message);
    case 3: {
      const model = nearMiss(random, ids.model);
      return refused(JSON.stringify({ type: 'model_change', model }), 'unknown_model');
    }
    case 4: {
      const model = pick(random, ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'AUTO', 'auto ']);
      return refused(JSON.stringify({ type: 'model_change', model }), 'unknown_model');
    }
    default: {
      const call_id = nearMiss(random, ids.message);
      return refused(JSON.stringify({ type: 'tool_decision', call_id, allow: true }), 'not_found');
    }
  }
}

/** No object at all, or half of one. */
function noFrame(random: Random, ids: Ids): Frame {
  const whole = JSON.stringify({ type: 'open', conversation_id: ids.archived, note: REFUSED });
  switch (between(random, 0, 7)) {
    case 0:
      return refused(
        anyText(random)
          .toWellFormed()
          .replace(/^ping$/, ''),
      );
    case 1:
      return refused(`[${anyJson(random)}]`);
    case 2:
      return refused(whole.slice(0, between(random, 0, whole.length - 1)));
    case 3:
      return refused(whole + pick(random, ['}', ',', '\u0000', ' {}', whole, '//']));
    case 4:
      return refused(`\ufeff${whole}`);
    case 5:
      return refused(nested(random, pick(random, [10, 1_000, 20_000, 100_000])));
    case 6:
      return refused(
        pick(random, [
          '',
          ' ',
          'ping ',
          'PING',
          'pong',
          '"ping"',
          'null',
          '0',
          '{}',
          '[]',
          "{'type':'stop'}",
        ]),
      );
    default:
      return refused(
        `{${member('type', text(anyText(random) + REFUSED))}${chance(random, 0.5) ? `,"deep":${nested(random, 5_000)}` : ''}}`,
      );
  }
}

function binary(random: Random): Frame {
  const valid = new TextEncoder().encode(JSON.stringify({ type: 'chat', message: REFUSED }));
  const noise = Uint8Array.from({ length: between(random, 0, 200) }, () => between(random, 0, 255));
  return refused(pick(random, [valid, noise, new Uint8Array(0)]));
}

function tooLong(random: Random): Frame {
  const over = LIMITS.messageChars + between(random, 1, 3);
  const message = pick(random, ['x'.repeat(over), `${REFUSED}${'😀'.repeat(LIMITS.messageChars / 2)}`]);
  const type = pick(random, ['chat', 'edit']);
  return refused(JSON.stringify({ type, message_id: 'm', message }), 'message_too_long');
}

/** A frame of exactly so many bytes. */
function ofBytes(bytes: number): string {
  const frame = (message: string) => JSON.stringify({ type: 'chat', message, note: REFUSED });
  return frame('x'.repeat(bytes - frame('').length));
}

function huge(random: Random): Frame {
  if (chance(random, 0.5)) {
    const size = LIMITS.frameBytes - between(random, 0, 1);
    return chance(random, 0.5)
      ? refused(ofBytes(size), 'message_too_long')
      : refused(new Uint8Array(size).fill(0x5b));
  }
  const size = LIMITS.frameBytes + 1;
  return { data: chance(random, 0.7) ? ofBytes(size) : new Uint8Array(size), expect: { kind: 'closed' } };
}

/** What looks like an attack and is a question like any other. */
function odd(random: Random, index: number): Frame {
  const words = `question ${index} ${anyText(random).replaceAll(REFUSED, '')}`;
  const client_id = chance(random, 0.5) ? `,"client_id":"odd-${index}"` : '';
  const data = `{"type":"chat","message":"","__proto__":{"trim":true},"message":${text(words)}${client_id},"seq":-1}`;
  return { data, expect: { kind: 'answered', text: words.toWellFormed() } };
}

/** The input of that number: the same for the same seed, whatever the others are. */
export function frameAt(seed: number, index: number, ids: Ids): Frame {
  const random = seededRandom(seedOf(`frame ${index}`, seed));
  const dice = random();
  if (dice < 0.004) return huge(random);
  if (dice < 0.01) return tooLong(random);
  if (dice < 0.025) return odd(random, index);
  if (dice < 0.05) return binary(random);
  if (dice < 0.06) return { data: 'ping', expect: { kind: 'pong' } };
  if (dice < 0.07) return { data: `{"type":"models","x":${anyJson(random)}}`, expect: { kind: 'models' } };
  if (dice < 0.1) return { data: `{"x":${anyJson(random)},"type":"stop"}`, expect: { kind: 'nothing' } };
  if (dice < 0.3) return nearMisses(random, ids);
  if (dice < 0.5) return noFrame(random, ids);
  return brokenFrame(random);
}
