/** Whether an IPv4 address or prefix lies in a prefix; of IPv6 only the same text counts. */
export function isWithin(inner: string, outer: string): boolean {
  const a = parseV4(inner);
  const b = parseV4(outer);
  if (a === null || b === null) return inner === outer;
  return (
    a.length >= b.length && (b.length === 0 || a.bits >>> (32 - b.length) === b.bits >>> (32 - b.length))
  );
}

function parseV4(text: string): { bits: number; length: number } | null {
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text);
  if (parts === null) return null;
  const octets = parts.slice(1, 5).map(Number);
  const length = parts[5] === undefined ? 32 : Number(parts[5]);
  if (octets.some((octet) => octet > 255) || length > 32) return null;
  return { bits: octets.reduce((sum, octet) => (sum << 8) | octet, 0) >>> 0, length };
}
