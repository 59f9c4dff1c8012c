import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import diff from 'highlight.js/lib/languages/diff';
import dns from 'highlight.js/lib/languages/dns';
import go from 'highlight.js/lib/languages/go';
import http from 'highlight.js/lib/languages/http';
import ini from 'highlight.js/lib/languages/ini';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import routeros from 'highlight.js/lib/languages/routeros';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import type { Highlighter } from './markdown.ts';

const languages = {
  bash,
  diff,
  dns,
  go,
  http,
  ini,
  javascript,
  json,
  python,
  routeros,
  sql,
  typescript,
  xml,
  yaml,
};
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);
hljs.registerAliases(['shell', 'console', 'sh', 'zsh'], { languageName: 'bash' });
hljs.registerAliases(['jsonc', 'json5', 'ndjson'], { languageName: 'json' });
hljs.registerAliases(['mikrotik'], { languageName: 'routeros' });

/** Longer code stays plain: colouring it would hold up the page. Characters. */
const MAX_CHARS = 60_000;

export const highlight: Highlighter = (code, language) => {
  const name = language.toLowerCase();
  if (code.length > MAX_CHARS || !hljs.getLanguage(name)) return null;
  return hljs.highlight(code, { language: name, ignoreIllegals: true }).value;
};
