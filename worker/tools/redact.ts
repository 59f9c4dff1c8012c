/** A shorter one would be found everywhere, and take the sense out of every text. */
const LEAST_CHARS = 4;

/**
 * The same value without the secrets that its texts repeat: a server is sent its own token, and may say it again.
 * @param value plain data; names of members are texts as well
 */
export function withoutSecrets<T>(value: T, secrets: readonly string[]): T {
  const hidden = secrets.filter((secret) => secret.length >= LEAST_CHARS);
  if (hidden.length === 0) return value;
  const cleanText = (text: string): string =>
    hidden.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
  const clean = (one: unknown): unknown => {
    if (typeof one === 'string') return cleanText(one);
    if (Array.isArray(one)) return one.map(clean);
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [cleanText(key), clean(inner)]));
  };
  return clean(value) as T;
}
