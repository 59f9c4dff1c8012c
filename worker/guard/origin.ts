/** What a browser on this machine may have typed (CONTRACT CMD6). */
export const LOCAL_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** A local Worker answers to these names only, so that no page on the internet reaches it by DNS rebinding. */
export function isLocalHost(url: URL): boolean {
  return LOCAL_HOSTS.has(url.hostname);
}

/**
 * Whether a request that changes something, or opens a socket, comes from a page of ours: `Origin` must be
 * there and be exactly the own origin or one of `ALLOWED_ORIGINS` (H4, ASVS 4.4.2: browsers do not apply
 * the same-origin rule to WebSockets). Locally the three names of this machine count as one.
 */
export function isAllowedOrigin(
  origin: string | null,
  url: URL,
  options: { local: boolean; allowedOrigins: readonly string[] },
): boolean {
  if (origin === null) return false;
  if (origin === url.origin || options.allowedOrigins.includes(origin)) return true;
  if (!options.local || !isLocalHost(url) || !URL.canParse(origin)) return false;
  const from = new URL(origin);
  return (
    from.origin === origin && from.protocol === url.protocol && from.port === url.port && isLocalHost(from)
  );
}

/**
 * The same for a request over plain HTTP. A browser sends a GET to its own origin without `Origin`; there
 * `Sec-Fetch-Site` says it, which no script can set. A GET with an `Origin` is judged by that alone.
 */
export function comesFromAllowedPage(
  request: Pick<Request, 'method' | 'url' | 'headers'>,
  options: { local: boolean; allowedOrigins: readonly string[] },
): boolean {
  const origin = request.headers.get('Origin');
  if (origin === null && request.method === 'GET') {
    return request.headers.get('Sec-Fetch-Site') === 'same-origin';
  }
  return isAllowedOrigin(origin, new URL(request.url), options);
}
