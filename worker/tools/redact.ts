/** A shorter one would be found everywhere, and take the sense out of every text. */
const LEAST_CHARS = 4;

/**
 * The same value without the secrets that its texts repeat: a server is sent its own token, and may say it again.
 * @param value plain data; names of members are left as they are
 */
export function withoutSecrets<T>(value: T, secrets: readonly string[]): T {
  const hidden = secrets.filter((secret) => secret.length >= LEAST_CHARS);
  if (hidden.length === 0) return value;
  const clean = (one: unknown): unknown => {
    if (typeof one === 'string') {
      return hidden.reduce((text, secret) => text.replaceAll(secret, '[secret]'), one);
    }
    if (Array.isArray(one)) return one.map(clean);
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, clean(inner)]));
  };
  return clean(value) as T;
}
