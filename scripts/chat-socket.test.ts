import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { openChatSocket } from './chat-socket.ts';

const server = createServer();
afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

test('H4 a refused upgrade is an end; it was asked for with the subprotocol and the own origin', async () => {
  const asked = new Promise<{ origin?: string; protocol?: string }>((resolve) =>
    server.once('upgrade', ({ headers }, socket) => {
      resolve({ origin: headers.origin, protocol: headers['sec-websocket-protocol'] });
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = new URL(`http://127.0.0.1:${address.port}/somewhere`);
  const end = await openChatSocket(url).next(AbortSignal.timeout(10_000));
  expect(end).toMatchObject({ type: 'closed', code: 1006, opened: false });
  expect(await asked).toEqual({ origin: url.origin, protocol: 'chatbox.v1' });
});
