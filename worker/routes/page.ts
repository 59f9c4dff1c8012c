import type { Context } from 'hono';
import type { AppEnv } from '../app.ts';
import { failure } from './errors.ts';

/** Whether somebody who types an address into a browser asks, and not a program. */
function wantsPage(c: Context<AppEnv>): boolean {
  const { method, path } = c.req;
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (path === '/') return true;
  const isFile = path.startsWith('/_app/') || /\.[a-z0-9]+$/i.test(path);
  return !isFile && (c.req.header('Accept') ?? '').includes('text/html');
}

/**
 * What no route and no asset has answered: the page for a person, 404 for a program and for a missing file.
 * The platform's own single-page fallback would answer a missing hashed chunk with HTML and status 200.
 */
export async function pageOrNotFound(c: Context<AppEnv>): Promise<Response> {
  if (!wantsPage(c)) return failure(c, 'not_found', 'There is nothing at this address.');
  const page = await c.env.ASSETS.fetch(new URL('/', c.req.url), { headers: c.req.raw.headers });
  return new Response(page.body, page);
}
