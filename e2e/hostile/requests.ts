import { pick, type Random, seededRandom, seedOf } from '../../simulator/random.ts';
import { between, chance } from '../chaos/script.ts';
import { almost, headerText, wrongBearer, wrongCookie, wrongOrigin } from './credentials.ts';
import type { Outgoing } from './exchange.ts';
import type { Door, Prey } from './prey.ts';
import { TARGETS, type Target } from './targets.ts';
import { anyJson, anyText, nested } from './values.ts';

export type Attack = Outgoing & {
  /** The doors of this address that it does not open; null where everybody may come. */
  shut: readonly Door[] | null;
  /** Whether it shows who sends it and whose session it is, wherever it goes. */
  mayRead: boolean;
};

const METHODS = ['PUT', 'PATCH', 'OPTIONS', 'HEAD', 'POST', 'GET', 'DELETE', 'TRACE', 'PROPFIND'] as const;

function strangeHeaders(random: Random): Record<string, string> {
  const one = (): [string, string] =>
    pick(random, [
      ['Content-Type', headerText(anyText(random)) || 'x'],
      [
        'CF-Connecting-IP',
        pick(random, [
          '203.0.113.7',
          '2001:db8::1',
          '::',
          ':::',
          '999.1.1.1',
          '1.2.3.4, 5.6.7.8',
          "' OR 1=1",
          'x'.repeat(500),
        ]),
      ],
      ['Cf-Access-Jwt-Assertion', pick(random, ['x', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'])],
      ['X-Forwarded-Host', 'evil.example'],
      ['X-HTTP-Method-Override', 'DELETE'],
      ['Accept', pick(random, ['text/html', '*/*', '', 'text/event-stream'])],
      ['Range', 'bytes=0-1,5-6,-1'],
      ['If-None-Match', '*'],
      ['Sec-Fetch-Site', 'cross-site'],
      ['Expect', '100-continue'],
    ] as const as readonly [[string, string], ...[string, string][]]);
  return Object.fromEntries(Array.from({ length: between(random, 0, 3) }, one));
}

const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

function upgradeHeaders(random: Random, prey: Prey, isOpen: boolean): Record<string, string> {
  // Only with a session of their own: otherwise who may come in gets a new one.
  const near = almost(random, prey.session).replace(/[^\w.%-]/g, 'x');
  const session = isOpen ? prey.session : near;
  const protocol = pick(random, [
    `chatbox.v1, session.${session}`,
    `session.${session}`,
    `session.${session}, chatbox.v2`,
  ]);
  return { ...UPGRADE, 'Sec-WebSocket-Protocol': protocol };
}

const BIG = '['.repeat(1_048_577);

/** The request of that number: the same for the same seed and prey. */
export function attackAt(seed: number, index: number, prey: Prey): Attack {
  const random = seededRandom(seedOf(`request ${index}`, seed));
  const target = pick(random, TARGETS);
  const needed = target.doors.filter((door) => door !== 'cookie' || prey.cookie !== null);
  const isStrange = chance(random, 0.08);
  const method = isStrange ? pick(random, METHODS) : target.method;
  const shut = new Set(needed.filter(() => chance(random, 0.35)));
  // Another method may be another request, which would change something.
  if (isStrange) shut.add('origin').add('bearer');
  if (target.changes && shut.size === 0) for (const door of needed.slice(0, 1)) shut.add(door);
  const opens = (door: Door) => !shut.has(door) && (needed.includes(door) || chance(random, 0.5));
  const path = target.path(random, prey);
  const [origin, cookie, bearer] = [opens('origin'), opens('cookie'), opens('bearer')];
  const headers: Record<string, string> = {
    Host: new URL(prey.origin).host,
    ...strangeHeaders(random),
    ...(origin ? { Origin: prey.origin } : wrongOrigin(random, prey)),
    ...(cookie && prey.cookie !== null ? { Cookie: prey.cookie } : wrongCookie(random, prey)),
    ...(/^\/ws(\?|$)/.test(path)
      ? upgradeHeaders(random, prey, bearer)
      : bearer
        ? { Authorization: `Bearer ${prey.session}` }
        : wrongBearer(random, prey)),
  };
  return {
    method,
    path,
    headers,
    body: /^(POST|PUT|PATCH)$/.test(method) ? bodyOf(random, target, prey, index) : null,
    shut: needed.length === 0 ? null : needed.filter((door) => shut.has(door)),
    mayRead: (prey.cookie === null || cookie) && bearer,
  };
}

function bodyOf(random: Random, target: Target, prey: Prey, index: number): string | Uint8Array {
  const dice = random();
  if (dice < 0.01) return BIG;
  if (!target.changes && dice < 0.05) return Uint8Array.from({ length: 40 }, () => between(random, 0, 255));
  if (!target.changes && dice < 0.08) return nested(random, 10_000);
  if (target.body !== undefined) return target.body(random, prey, index);
  return chance(random, 0.2) ? anyJson(random) : '';
}
