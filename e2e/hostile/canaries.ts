/** What must never leave, by name. */
export type Canaries = ReadonlyMap<string, string>;

/** The forms in which a text may slip out: as it is, and in the encodings that headers, URLs and JSON use. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    JSON.stringify(secret).slice(1, -1),
    secret.split('').reverse().join(''),
  ];
}

/** Names of the canaries that are somewhere in a text. */
export function sung(canaries: Canaries, text: string): string[] {
  return [...canaries].flatMap(([name, secret]) =>
    formsOf(secret).some((form) => text.includes(form)) ? [name] : [],
  );
}

/** Everything that has left the program so far, each piece with where it came from. */
export class Outlet {
  readonly pieces: { from: string; text: string }[] = [];

  take(from: string, text: string): void {
    this.pieces.push({ from, text });
  }

  /** `where: which` for every canary that was found. */
  search(canaries: Canaries): string[] {
    return this.pieces.flatMap(({ from, text }) => sung(canaries, text).map((name) => `${from}: ${name}`));
  }
}
