import type { Context } from 'hono';
import type { AppEnv } from '../app.ts';
import { failure } from './errors.ts';
import { withTurnstile } from './page-policy.ts';

/** Whether somebody who types an address into a browser asks, and not a program. */
function wantsPage(c: Context<AppEnv>): boolean {
  if (c.req.path === '/') return true;
  return !isFile(c.req.path) && (c.req.header('Accept') ?? '').includes('text/html');
}

function isFile(path: string): boolean {
  return path.startsWith('/_app/') || /\.[a-z0-9]+$/i.test(path);
}

async function asset(c: Context<AppEnv>, path: string): Promise<Response> {
  const { method, headers } = c.req.raw;
  const found = await c.env.ASSETS.fetch(new URL(path, c.req.url), { method, headers });
  return new Response(found.body, found);
}

async function page(c: Context<AppEnv>): Promise<Response> {
  const found = await asset(c, '/');
  const policy = found.headers.get('Content-Security-Policy');
  if (policy !== null && c.get('services').house.door.mode === 'open') {
    found.headers.set('Content-Security-Policy', withTurnstile(policy));
  }
  return found;
}

/**
 * What no route has answered: a file where the platform has not served it already (a local Worker looks at the host
 * name first), the page for a person, 404 for a program and for a missing file. The platform's own single-page
 * fallback would answer a missing hashed chunk with HTML and status 200.
 */
export async function pageOrNotFound(c: Context<AppEnv>): Promise<Response> {
  const { method, path } = c.req;
  if (method === 'GET' || method === 'HEAD') {
    if (wantsPage(c)) return page(c);
    const file = isFile(path) ? await asset(c, path) : null;
    if (file !== null && file.status !== 404) return file;
  }
  return failure(c, 'not_found', 'There is nothing at this address.');
}
