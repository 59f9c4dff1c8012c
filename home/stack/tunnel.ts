import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { matchRule, type Rule } from './ingress.ts';

/**
 * fine: requests pass. buffer: they pass, and the answer is held back until it is whole. slow: they pass after 2.2 s.
 * drop: the connection breaks.
 * The numbers: what Cloudflare itself answers (502 nothing at the end of the tunnel, 524 no byte in time,
 * 530 with error 1033 no connector).
 */
export type Weather = 'fine' | 'buffer' | 'slow' | 'drop' | 502 | 524 | 530;

/** More than what the Worker takes for a fast way. */
const SLOW_MS = 2_200;

export type ServiceToken = { id: string; secret: string };

export type Tunnel = {
  url: string;
  weather: Weather;
  /** What a request without the right service token gets: organisations made since October 2026 are strict. */
  access: 'login page' | 'strict' | 'off';
  /** The one that is let in; change it to make the askers' old. */
  token: ServiceToken;
  /** `METHOD path` of each request that came, oldest first, and whether it was let through. */
  requests: { line: string; passed: boolean }[];
  close(): Promise<void>;
};

/**
 * Plays Cloudflare's edge and cloudflared for one host name: demands the service token, applies the ingress rules,
 * rewrites Host, and goes wrong when told.
 * @param options.origins address on this machine for each `service` of the rules
 */
export async function startTunnel(options: {
  rules: Rule[];
  hostname: string;
  origins: Record<string, string>;
  token: ServiceToken;
}): Promise<Tunnel> {
  const { rules, hostname, origins } = options;

  function answer(incoming: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(incoming.url ?? '/', `https://${hostname}`);
    const entry = { line: `${incoming.method} ${pathname}`, passed: false };
    tunnel.requests.push(entry);
    if (tunnel.weather === 'drop') response.socket?.destroy();
    else if (tunnel.weather === 530) page(response, 530, 'Error 1033: Cloudflare Tunnel error');
    else if (!isAllowed(incoming, tunnel.token, tunnel.access)) refuse(incoming, response, tunnel.access);
    else if (typeof tunnel.weather === 'number') page(response, tunnel.weather, `Error ${tunnel.weather}`);
    else {
      const rule = matchRule(rules, hostname, decodeURIComponent(pathname));
      const origin = origins[rule.service];
      entry.passed = origin !== undefined;
      const host = rule.originRequest?.httpHostHeader ?? hostname;
      if (origin === undefined) response.writeHead(404).end();
      else {
        const pass = () => forward(incoming, response, origin, host, tunnel.weather === 'buffer');
        setTimeout(pass, tunnel.weather === 'slow' ? SLOW_MS : 0);
      }
    }
  }

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const tunnel: Tunnel = {
    url: `http://127.0.0.1:${address.port}`,
    weather: 'fine',
    access: 'strict',
    token: { ...options.token },
    requests: [],
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return tunnel;
}

function isAllowed(incoming: IncomingMessage, token: ServiceToken, access: Tunnel['access']): boolean {
  const { headers } = incoming;
  if (access === 'off') return true;
  return headers['cf-access-client-id'] === token.id && headers['cf-access-client-secret'] === token.secret;
}

function refuse(incoming: IncomingMessage, response: ServerResponse, access: Tunnel['access']): void {
  if (access === 'login page') {
    const location = 'https://team.cloudflareaccess.com/cdn-cgi/access/login';
    response.writeHead(302, { location, 'content-type': 'text/html' }).end();
    return;
  }
  // A token that is not known is 401; who brings none at all is not let in.
  response.writeHead(incoming.headers['cf-access-client-id'] === undefined ? 403 : 401).end();
}

function page(response: ServerResponse, status: number, title: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=UTF-8', server: 'cloudflare' });
  response.end(`<!DOCTYPE html><html><head><title>${title}</title></head><body>${title}</body></html>`);
}

function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  origin: string,
  host: string,
  isBuffered: boolean,
): void {
  const { 'cf-access-client-id': _id, 'cf-access-client-secret': _secret, ...headers } = incoming.headers;
  const outgoing = request(origin + incoming.url, {
    method: incoming.method,
    headers: {
      ...headers,
      host,
      'cf-connecting-ip': '203.0.113.7',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
      'cf-ray': '8f0000000000abcd-AMS',
    },
  });
  outgoing.on('response', (answered) => {
    const held: Buffer[] = [];
    response.writeHead(answered.statusCode ?? 502, answered.headers);
    // An answer that the origin breaks off breaks off here too.
    answered.once('close', () => answered.complete || response.destroy());
    if (!isBuffered) return void answered.pipe(response);
    answered.on('data', (piece: Buffer) => held.push(piece));
    answered.on('end', () => response.end(Buffer.concat(held)));
  });
  outgoing.on('error', () => {
    if (response.headersSent) response.destroy();
    else page(response, 502, 'Error 502: Bad gateway');
  });
  response.once('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}
