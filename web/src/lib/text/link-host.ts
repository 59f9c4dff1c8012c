import { withoutHidden } from './hidden-chars.ts';

/** A word that reads like a host name, with letters of any script and dots that look like dots. */
const HOST_LIKE = /(?:[\p{L}\p{N}-]+[.\u3002\uff0e\uff61])+\p{L}[\p{L}\p{N}-]+/gu;

/** Files are no hosts: `config.yaml` may lead to any address. */
const FILE = /\.(?:md|txt|ya?ml|json|py|sh|rs|ts|js|html?|pdf|csv|conf|cfg|toml|log|pcap)$/i;

function hostOf(href: string): string | null {
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  if (url.protocol !== 'mailto:') return url.hostname;
  const address = decodeURIComponent(url.pathname.replace(/%(?![0-9a-f]{2})/gi, '%25'));
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

/** As the address bar would have it, so that letters of another script show. */
function asciiHost(word: string): string {
  const href = `https://${word}`;
  return URL.canParse(href) ? new URL(href).hostname : word;
}

const isSame = (claimed: string, real: string): boolean =>
  claimed.replace(/^www\./, '') === real.replace(/^www\./, '');

/**
 * Where a link really leads, when its words may deceive about that: they name another host, the address hides its host
 * behind a user name, or the host has letters that look like others. Null where nothing needs to be said.
 */
export function hostToShow(href: string, words: string): string | null {
  const host = hostOf(href);
  if (host === null || host === '') return null;
  if (host.split('.').some((label) => label.startsWith('xn--'))) return host;
  if (/^https?:/i.test(href) && new URL(href).username !== '') return host;
  const seen = withoutHidden(words).normalize('NFKC');
  const claimed = (seen.match(HOST_LIKE) ?? []).filter((word) => !FILE.test(word)).map(asciiHost);
  // The words may be the address itself, with names that look like hosts in its path.
  if (claimed.length === 0 || (claimed[0] !== undefined && isSame(claimed[0], host))) return null;
  return host;
}
