import { Marked, type MarkedExtension, type Token, type Tokens } from 'marked';
import { escapeHtml } from './escape.ts';
import { markHidden } from './hidden-chars.ts';
import { hostToShow } from './link-host.ts';

/** Colours code: HTML made of `<span class="hljs-…">` only, or null when the language is not known. */
export type Highlighter = (code: string, language: string) => string | null;

/**
 * The address of a link that a person may follow: http, https or mailto. Anything else (javascript:, data:, an address
 * relative to this page) is null. Control characters are what browsers pass over, so they are passed over here first.
 */
export function safeHref(href: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers ignore them inside a scheme
  const cleaned = href.replace(/[\u0000-\u0020\u007f-\u009f\u00ad\u200b-\u200f\u2028\u2029\ufeff]/g, '');
  if (!/^(https?:\/\/|mailto:)/i.test(cleaned)) return null;
  return URL.canParse(cleaned) ? cleaned : null;
}

/** `words`: what a reader sees of the link, without its marks. */
function anchor(href: string, inner: string, words: string): string {
  const host = hostToShow(href, words);
  const shown = host === null ? '' : ` <span class="host">(${escapeHtml(host)})</span>`;
  return `<a href="${escapeHtml(href)}" target="_blank" rel="noopener noreferrer">${inner}</a>${shown}`;
}

/** More cells than that take a browser seconds to lay out. */
const MOST_CELLS = 6_000;
const MOST_COLUMNS = 100;

function codeBlock(code: string, language: string, highlight: Highlighter | null): string {
  const coloured = highlight?.(code, language) ?? escapeHtml(code);
  return (
    `<div class="code"><div class="code-head"><span>${escapeHtml(language || 'text')}</span>` +
    `<button type="button" class="copy">Copy</button></div><pre tabindex="0"><code>${markHidden(coloured)}</code></pre></div>`
  );
}

/** A model's text is hostile: no raw HTML, no images from anywhere, only links that a person would expect. */
function rules(highlight: Highlighter | null): MarkedExtension {
  return {
    gfm: true,
    renderer: {
      html: ({ text }) => escapeHtml(text),
      image: ({ href, text }) => {
        const url = safeHref(href);
        const label = `Image: ${escapeHtml(text || href)}`;
        return url ? anchor(url, label, text || href) : label;
      },
      link({ href, text, tokens }) {
        const inner = this.parser.parseInline(tokens);
        const url = safeHref(href);
        return url ? anchor(url, inner, text) : inner;
      },
      codespan: ({ text }) => `<code>${markHidden(escapeHtml(text))}</code>`,
      code: ({ text, lang }) => codeBlock(text, (lang ?? '').trim().split(/\s+/)[0] ?? '', highlight),
      checkbox: ({ checked }) => `<span class="task">${checked ? '☑' : '☐'}</span> `,
      heading({ tokens, depth }) {
        // The page has the h1, and an answer may begin at any depth: two levels keep the outline without holes.
        const level = depth <= 3 ? 2 : 3;
        return `<h${level} class="depth-${Math.min(depth, 4)}">${this.parser.parseInline(tokens)}</h${level}>`;
      },
      table(token: Tokens.Table) {
        const row = (cells: Tokens.TableCell[], tag: 'th' | 'td'): string =>
          `<tr>${cells
            .slice(0, MOST_COLUMNS)
            .map((cell) => `<${tag}${alignment(cell.align)}>${this.parser.parseInline(cell.tokens)}</${tag}>`)
            .join('')}</tr>`;
        const most = Math.max(1, Math.floor(MOST_CELLS / Math.min(token.header.length, MOST_COLUMNS)));
        const body = token.rows
          .slice(0, most)
          .map((cells) => row(cells, 'td'))
          .join('');
        const isCut = token.rows.length > most || token.header.length > MOST_COLUMNS;
        const rest = isCut
          ? `<p>Shown are ${Math.min(most, token.rows.length)} of ${token.rows.length} rows. A copy of the answer has all of the table.</p>`
          : '';
        return `<div class="table" tabindex="0"><table><thead>${row(token.header, 'th')}</thead><tbody>${body}</tbody></table></div>${rest}`;
      },
    },
  };
}

function alignment(align: Tokens.TableCell['align']): string {
  return align === 'right' || align === 'center' ? ` class="${align}"` : '';
}

/** Makes the HTML of one block, not yet sanitised: only `html.ts` may call it for the page. */
export function blockRenderer(highlight: Highlighter | null): (token: Token) => string {
  const marked = new Marked(rules(highlight));
  return (token) => marked.parser([token]);
}
