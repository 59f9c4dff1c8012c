/** Where Turnstile's script and its frame come from (developers.cloudflare.com/turnstile/reference/content-security-policy). */
const TURNSTILE_ORIGIN = 'https://challenges.cloudflare.com';

/**
 * The policy of the page with Turnstile let in, for a deployment that is open to everybody (H6); all others keep the
 * static one (web/static/_headers), which names no origin but the own.
 */
export function withTurnstile(policy: string): string {
  const directives = policy
    .split(';')
    .map((one) => one.trim())
    .filter((one) => one !== '' && !one.startsWith('frame-src '));
  return [
    ...directives.map((one) => (one.startsWith('script-src ') ? `${one} ${TURNSTILE_ORIGIN}` : one)),
    `frame-src ${TURNSTILE_ORIGIN}`,
  ].join('; ');
}
