import { pick, type Random } from '../../simulator/random.ts';
import { between, chance } from '../chaos/script.ts';
import type { Prey } from './prey.ts';
import { anyJson, nearMiss } from './values.ts';

/** Headers that show nothing of what they should, each in a way that may be taken for it. */

export function wrongOrigin(random: Random, { origin }: Prey): Record<string, string> {
  const url = new URL(origin);
  const value = pick(random, [
    'null',
    'https://evil.example',
    `${origin}.evil.example`,
    `${origin}/`,
    `${origin}#`,
    origin.replace('http:', 'https:'),
    `http://localhost.:${url.port}`,
    `http://evil@localhost:${url.port}`,
    `http://LOCALHOST:${url.port}`,
    `http://127.1:${url.port}`,
    `http://localhost:${Number(url.port) + 1}`,
    `${origin}, ${origin}`,
    'file://',
    '*',
    'x'.repeat(between(random, 1, 3_000)),
  ]);
  return chance(random, 0.3) ? {} : { Origin: value };
}

/** What may stand in a header, which is bytes. */
export const headerText = (text: string) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?').trim();

export function wrongCookie(random: Random, { cookie }: Prey): Record<string, string> {
  const [name = 'chatbox', value = ''] = (cookie ?? '').split(/=(.*)/);
  const [payload = '', signature = ''] = value.split('.');
  const claims = (who: string) =>
    Buffer.from(JSON.stringify({ who, mode: 'password', expires: 9e15 })).toString('base64url');
  const at = between(random, 0, Math.max(0, signature.length - 3));
  const flipped = signature.charAt(at) === 'A' ? 'B' : 'A';
  const forged = pick(random, [
    '',
    '.',
    payload,
    `${payload}.`,
    `.${signature}`,
    `${claims('alice')}.${signature}`,
    `${claims('__proto__')}.${signature}`,
    `${claims('alice')}.${'A'.repeat(43)}`,
    `${payload}.${signature.slice(0, at)}${flipped}${signature.slice(at + 1)}`,
    `${payload}.${signature.slice(0, -1)}`,
    `${payload}x.${signature}`,
    `${payload}.${signature}.${signature}`,
    `${Buffer.from(anyJson(random)).toString('base64url')}.${signature}`,
    `%00${value}`,
    'x'.repeat(between(random, 1, 6_000)),
  ]);
  if (chance(random, 0.2)) return {};
  const other = chance(random, 0.2) ? pick(random, ['Chatbox', '__Host-chatbox', '__proto__', ' ']) : name;
  return { Cookie: headerText(`${other}=${other === name ? forged : value}`) };
}

export function wrongBearer(random: Random, { session }: Prey): Record<string, string> {
  if (chance(random, 0.2)) return {};
  const near = almost(random, session);
  return {
    Authorization: headerText(
      pick(random, [
        `Bearer ${near}`,
        `bearer ${session}`,
        `Bearer  ${session}x`,
        `Bearer ${session}, Bearer ${session}`,
        `Bearer ${session.toUpperCase()}A`,
        `Basic ${Buffer.from(`x:${session}`).toString('base64')}`,
        session,
        'Bearer',
        'Bearer null',
        `Bearer ${'0'.repeat(64)}`,
        `Bearer ${'f'.repeat(64)}`,
        `Bearer ${'x'.repeat(between(random, 1, 6_000))}`,
      ]),
    ),
  };
}

/** Spaces around a header's value do not count. */
export function almost(random: Random, id: string): string {
  const near = headerText(nearMiss(random, id));
  return near === id ? `${id}x` : near;
}
