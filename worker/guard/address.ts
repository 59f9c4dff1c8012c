/** Where no network address comes with a request: on this machine, or in a test. */
const LOCAL_ADDRESS = 'local';

/** The first four groups of an IPv6 address in the form of the URL standard (lower case, `::` once at most). */
function prefix64(canonical: string): string {
  const [head = '', tail] = canonical.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const all = [...first, ...Array<string>(zeros).fill('0'), ...last];
  return `${all.slice(0, 4).join(':')}::/64`;
}

/** An IPv4 address that is written as an IPv6 one (RFC 4291 2.5.5.2); null for others. */
function mappedIpv4(canonical: string): string | null {
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (match === null) return null;
  const [high, low] = [Number.parseInt(match[1] ?? '', 16), Number.parseInt(match[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * What limits count by: the address of `CF-Connecting-IP`, which Cloudflare sets and no visitor can. An IPv6 visitor
 * has a /64 to choose from, so it counts as one. What is no address counts together with all that is none.
 */
export function addressOf(connectingIp: string | null): string {
  const text = connectingIp?.trim() ?? '';
  if (text === '') return LOCAL_ADDRESS;
  if (text.includes(':')) {
    const url = /^[\da-f:.]+$/i.test(text) ? URL.parse(`http://[${text}]/`) : null;
    const canonical = url?.hostname.slice(1, -1);
    return canonical === undefined ? 'unknown' : (mappedIpv4(canonical) ?? prefix64(canonical));
  }
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) ? text : 'unknown';
}
