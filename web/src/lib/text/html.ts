import DOMPurify from 'dompurify';
import type { Token } from 'marked';
import { blockRenderer, type Highlighter } from './markdown.ts';

/** What markdown can become, and nothing else. */
const ALLOWED_TAGS = (
  'p br hr h2 h3 strong em del code pre blockquote ul ol li a ' + 'table thead tbody tr th td div span button'
).split(' ');
const ALLOWED_ATTR = ['href', 'target', 'rel', 'class', 'start', 'type', 'tabindex'];

/**
 * The one place where a model's text becomes HTML. The renderer lets nothing dangerous through, and DOMPurify does
 * not believe it.
 */
export function safeRenderer(highlight: Highlighter | null): (token: Token) => string {
  const render = blockRenderer(highlight);
  return (token) =>
    DOMPurify.sanitize(render(token), {
      ALLOWED_TAGS,
      ALLOWED_ATTR,
      ALLOW_DATA_ATTR: false,
      ALLOW_ARIA_ATTR: false,
      // Without this the rule for addresses is put to their values as well, and removes them.
      ADD_URI_SAFE_ATTR: ['target', 'rel', 'start', 'type', 'tabindex'],
      ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
    });
}
