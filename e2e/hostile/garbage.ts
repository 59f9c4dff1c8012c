import { pick, type Random, seededRandom, seedOf } from '../../simulator/random.ts';
import { between, chance } from '../chaos/script.ts';
import type { Prey } from './prey.ts';
import { REFUSED } from './values.ts';

function upgradeOf({ origin, cookie, session }: Prey): string {
  return [
    'GET /ws HTTP/1.1',
    `Host: ${new URL(origin).host}`,
    `Origin: ${origin}`,
    ...(cookie === null ? [] : [`Cookie: ${cookie}`]),
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Sec-WebSocket-Protocol: chatbox.v1, session.${session}`,
    '\r\n',
  ].join('\r\n');
}

/** What RFC 6455 does not allow a client to send. The masks are zeros. */
function brokenWire(random: Random, noise: Uint8Array): Uint8Array {
  const mask = [0, 0, 0, 0];
  return pick<Uint8Array>(random, [
    noise,
    // Text that is no UTF-8, whole and in two parts.
    Uint8Array.from([0x81, 0x82, ...mask, 0xc3, 0x28]),
    Uint8Array.from([0x01, 0x81, ...mask, 0xc3, 0x80, 0x81, ...mask, 0x28]),
    // No mask; reserved bits; a reserved kind; a part of nothing.
    Uint8Array.from([0x81, 0x01, 0x78]),
    Uint8Array.from([0xf1, 0x81, ...mask, 0x78]),
    Uint8Array.from([0x83, 0x81, ...mask, 0x78]),
    Uint8Array.from([0x80, 0x81, ...mask, 0x78]),
    // Pings that are too long, or in parts; closes with half a code, and with one that may not be sent.
    Uint8Array.from([0x89, 0xfe, 0x00, 0x7e, ...mask, ...Array<number>(126).fill(0x78)]),
    Uint8Array.from([0x09, 0x81, ...mask, 0x78]),
    Uint8Array.from([0x88, 0x81, ...mask, 0x03]),
    Uint8Array.from([0x88, 0x82, ...mask, 0x03, 0xed]),
    Uint8Array.from([0x88, 0x84, ...mask, 0x0f, 0xa0, 0xff, 0xff]),
    // Lengths beyond everything.
    Uint8Array.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ...mask]),
    Uint8Array.from([0x81, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, ...mask]),
  ]);
}

const HOST = 'Host: localhost\r\n';

/** Bytes that are no proper HTTP, or after an upgrade no proper WebSocket. */
export function garbageAt(seed: number, index: number, prey: Prey): string | Uint8Array {
  const random = seededRandom(seedOf(`garbage ${index}`, seed));
  const noise = Uint8Array.from({ length: between(random, 1, 2_000) }, () => between(random, 0, 255));
  if (chance(random, 0.4)) return Buffer.concat([Buffer.from(upgradeOf(prey)), brokenWire(random, noise)]);
  return pick<string | Uint8Array>(random, [
    noise,
    'GET\r\n\r\n',
    'GET /models\r\n\r\n',
    `GET /models HTTP/9.9\r\n${HOST}\r\n`,
    `GET http://evil.example/models HTTP/1.1\r\n${HOST}\r\n`,
    `GET * HTTP/1.1\r\n${HOST}\r\n`,
    `CONNECT evil.example:443 HTTP/1.1\r\n${HOST}\r\n`,
    `GET /models HTTP/1.1\r\n\r\n`,
    `GET /models HTTP/1.1\r\n${HOST}${HOST}\r\n`,
    `GET /models HTTP/1.1\r\nHost: evil.example\r\n\r\n`,
    `GET /mod\u0000els HTTP/1.1\r\n${HOST}\r\n`,
    `GET /models HTTP/1.1\r\n${HOST}X: ${'y'.repeat(between(random, 1, 100_000))}\r\n\r\n`,
    `GET /${'z'.repeat(between(random, 1, 100_000))} HTTP/1.1\r\n${HOST}\r\n`,
    `POST /frames HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`,
    `POST /frames HTTP/1.1\r\n${HOST}Content-Length: 99999999999999999999\r\n\r\n${REFUSED}`,
    `POST /frames HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /conversations HTTP/1.1\r\n${HOST}\r\n`,
    `POST /frames HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n${REFUSED}\r\n0\r\n\r\n`,
    `POST /frames HTTP/1.1\r\n${HOST}Content-Length: 1000\r\n\r\n${REFUSED}`,
    `GET /ws HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 1\r\n\r\n`,
    `GET /ws HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n`,
  ]);
}
