import { pick, type Random } from '../../simulator/random.ts';
import { between, chance } from '../chaos/script.ts';
import { type Frame, frameAt } from './frames.ts';
import type { Door, Prey } from './prey.ts';
import { anyJson, anyText, nearMiss, REFUSED } from './values.ts';

/** An address of the API, and a way to ask it for something. */
export type Target = {
  method: string;
  path: (random: Random, prey: Prey) => string;
  /** What of these it asks for. */
  doors: readonly Door[];
  /** It would change something, so at least one door must stay shut. */
  changes: boolean;
  body?: (random: Random, prey: Prey, index: number) => string;
};

const everywhere = ['origin', 'cookie', 'bearer'] as const;

function query(random: Random, prey: Prey): string {
  const value = () =>
    encodeURIComponent(
      pick(random, [
        anyText(random).toWellFormed(),
        '0',
        '-1',
        '1',
        '50',
        '51',
        '999999',
        '1e3',
        '1.5',
        '９',
        prey.message,
        nearMiss(random, prey.message).toWellFormed(),
        `${prey.archived}.999999999`,
      ]),
    );
  const name = () =>
    pick(random, [
      'before',
      'limit',
      'cursor',
      'after',
      'conversation',
      'all',
      'create',
      'subprotocol',
      '__proto__',
      'x',
    ]);
  const parts = Array.from({ length: between(random, 0, 4) }, () =>
    chance(random, 0.1)
      ? pick(random, ['&', '=', '%', '%zz', '%00', '%ff%fe', 'limit', 'limit=%', 'before=%E0%A4%A'])
      : `${name()}=${value()}`,
  );
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** A part of a path, in the forms that a server may take for another one. */
function segment(random: Random, id: string): string {
  return pick(random, [
    id,
    encodeURIComponent(nearMiss(random, id).toWellFormed()),
    [...id].map((one) => `%${one.charCodeAt(0).toString(16)}`).join(''),
    `${id}/`,
    `./${id}`,
    `%2e%2e%2f${id}`,
    `${id}%00`,
    `${id};x=1`,
    `${id}.json`,
    encodeURIComponent("' OR ''='"),
    'x'.repeat(between(random, 100, 8_000)),
    '%',
    '%zz',
    '%ff',
    '__proto__',
  ]);
}

const plain = (path: string) => (random: Random, prey: Prey) => path + query(random, prey);
const ANY_SEED = 7;

/** A byte order mark before a body of UTF-8 is no part of it, so what follows would be a frame. */
const refusedFrame = (random: Random, prey: Prey, index: number): string => {
  const { data, expect }: Frame = frameAt(ANY_SEED, index, prey);
  const isRefused = typeof data === 'string' && expect.kind === 'refused' && !data.startsWith('\ufeff');
  return isRefused ? data : anyJson(random);
};

/** HMAC fills its key up with zeros (RFC 2104), so those behind a passphrase do not count. */
const guess = (random: Random, { passphrase }: Prey): string => {
  const near = nearMiss(random, passphrase);
  return JSON.stringify({ passphrase: near === `${passphrase}\u0000` ? `${near}x` : near });
};

export const TARGETS: readonly [Target, ...Target[]] = [
  { method: 'GET', path: plain('/conversations'), doors: ['cookie', 'bearer'], changes: false },
  {
    method: 'GET',
    path: (random, prey) => `/conversations/${segment(random, prey.archived)}${query(random, prey)}`,
    doors: ['cookie', 'bearer'],
    changes: false,
  },
  {
    method: 'GET',
    path: (random, prey) =>
      `/conversations/${prey.archived}?format=${pick(random, ['markdown', 'json', 'JSON', '', 'html', '..%2f', '__proto__'])}`,
    doors: ['cookie', 'bearer'],
    changes: false,
  },
  {
    method: 'DELETE',
    path: (random, prey) => `/conversations/${segment(random, prey.archived)}`,
    doors: everywhere,
    changes: true,
  },
  { method: 'DELETE', path: plain('/sessions'), doors: everywhere, changes: true },
  { method: 'POST', path: plain('/sessions'), doors: ['origin', 'cookie'], changes: true },
  { method: 'POST', path: plain('/frames'), doors: everywhere, changes: false, body: refusedFrame },
  {
    method: 'POST',
    path: plain('/frames'),
    doors: everywhere,
    changes: true,
    body: () => JSON.stringify({ message: REFUSED }),
  },
  { method: 'GET', path: plain('/stream'), doors: everywhere, changes: false },
  { method: 'POST', path: plain('/links'), doors: everywhere, changes: true },
  {
    method: 'POST',
    path: plain('/links/redeem'),
    doors: ['origin', 'cookie'],
    changes: true,
    body: (_, prey) => JSON.stringify({ code: prey.link }),
  },
  {
    method: 'POST',
    path: plain('/links/redeem'),
    doors: ['origin', 'cookie'],
    changes: false,
    body: (random, prey) => JSON.stringify({ code: nearMiss(random, prey.link) }),
  },
  {
    method: 'POST',
    path: plain('/links/redeem'),
    doors: ['origin', 'cookie'],
    changes: false,
    body: (random) => anyJson(random),
  },
  {
    method: 'POST',
    path: plain('/sign-in'),
    doors: ['origin'],
    changes: true,
    body: (_, prey) => JSON.stringify({ passphrase: prey.passphrase }),
  },
  { method: 'POST', path: plain('/sign-in'), doors: ['origin'], changes: false, body: guess },
  {
    method: 'POST',
    path: plain('/sign-in'),
    doors: ['origin'],
    changes: false,
    body: (random) => anyJson(random),
  },
  { method: 'POST', path: plain('/sign-out'), doors: ['origin'], changes: true },
  { method: 'GET', path: plain('/ws'), doors: everywhere, changes: false },
  { method: 'GET', path: plain('/models'), doors: [], changes: false },
  { method: 'GET', path: plain('/access'), doors: [], changes: false },
  {
    method: 'GET',
    path: (random, prey) =>
      `/${segment(random, pick(random, ['models', 'conversations', '_app', 'ws', 'index.html']))}${query(random, prey)}`,
    doors: [],
    changes: false,
  },
  {
    method: 'GET',
    path: (random, prey) =>
      pick(random, [
        `//conversations`,
        `/conversations/`,
        `/CONVERSATIONS`,
        `/./conversations`,
        `/x/../conversations`,
        `/%63onversations`,
        `/conversations%2f${prey.archived}`,
        `/_app/%2e%2e/%2e%2e/.dev.vars`,
        '/.dev.vars',
        '/.env',
        '/_headers',
        '/wrangler.toml',
        '/worker/index.ts',
        '/connect?create=1',
        '/\\evil.example',
        '//evil.example/%2f..',
        `/${'a/'.repeat(500)}`,
      ]),
    doors: ['cookie', 'bearer'],
    changes: false,
  },
];
