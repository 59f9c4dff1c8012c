import { connect, createServer, type Server } from 'node:net';
import { Trouble } from './children.ts';

/** Reads PORT; the default is wrangler's own. */
export function readPort(value: string | undefined): number {
  if (value === undefined || value === '') return 8787;
  const port = Number(value);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Trouble(`PORT is "${value}"; it must be a number between 1 and 65535.`);
}

function listen(server: Server, port: number, host: string): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(error));
    server.listen(port, host, () => resolve(null));
  });
}

/** @throws {Trouble} when something listens there already */
export async function claimPort(port: number): Promise<void> {
  for (const host of ['127.0.0.1', '::1']) {
    const probe = createServer();
    const error = await listen(probe, port, host);
    if (!error) await new Promise((resolve) => probe.close(resolve));
    if (error?.code === 'EADDRINUSE') {
      throw new Trouble(
        `Port ${port} is in use by another program. Stop that program, or take another port: PORT=${port + 1} npm start`,
      );
    }
    if (error?.code === 'EACCES')
      throw new Trouble(`Port ${port} may not be used by this account; take one above 1023.`);
    if (error && host === '127.0.0.1') throw new Trouble(`Port ${port} cannot be opened: ${error.message}`);
  }
}

/**
 * workerd listens on one address only, and a browser may take `localhost` for ::1: passes connections
 * to [::1] on to 127.0.0.1, byte for byte. A machine without IPv6 does without.
 */
export async function relayFromIpv6(port: number): Promise<() => void> {
  const relay = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  const error = await listen(relay, port, '::1');
  return error ? () => {} : () => relay.close();
}
