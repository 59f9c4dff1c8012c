/** How long a code lives: time to pick up the other device, and no longer. Milliseconds. */
export const LINK_MS = 10 * 60_000;

/** 144 bits: above the 128 that cannot be guessed, and whole characters of base64url. */
export const CODE_BYTES = 18;

/** What a code stands for. */
export type Link = { session: string; expiresAt: number };

/** @param random {@link CODE_BYTES} of them */
export function codeOf(random: Uint8Array): string {
  return btoa(String.fromCharCode(...random))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}

/** Whether a text can be a code at all: no object is asked about anything else. */
export function isCode(text: string): boolean {
  return /^[\w-]{24}$/.test(text);
}

/** The session behind a link, or null when it has none or its time is over (an alarm may come late). */
export function sessionOf(link: Link | undefined, now: number): string | null {
  return link !== undefined && now < link.expiresAt ? link.session : null;
}
