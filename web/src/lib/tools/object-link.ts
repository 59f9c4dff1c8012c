import { safeHref } from '#lib/text/markdown.ts';
import type { Json } from './json.ts';

/**
 * Where an object can be looked at: what its result says, never anything that we put together. Only http and https;
 * the page for people (`display_url`) goes before the one for programs (`url`).
 */
export function objectHref(object: Json): string | null {
  for (const key of ['display_url', 'url']) {
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    const href = typeof value === 'string' ? safeHref(value) : null;
    if (href !== null && /^https?:/i.test(href)) return href;
  }
  return null;
}

/** Hosts that the links lead to: whose they are cannot be told from their words. Deceiving ones are told beside them. */
export function hostsOf(hrefs: Iterable<string | null>): string[] {
  const hosts = new Set<string>();
  for (const href of hrefs) {
    if (href !== null && URL.canParse(href)) hosts.add(new URL(href).host);
    if (hosts.size >= 5) break;
  }
  return [...hosts];
}
