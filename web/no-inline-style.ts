import type { Plugin } from 'vite';

const FRAMEWORK_ROOT = /@sveltejs\/kit\/src\/runtime\/components\/root\.svelte$/;
const INLINE = /style="position: absolute;[^"]*"/;

/**
 * The framework's root component hides its announcer with an inline style, which the policy does not allow; our own
 * class does the same. The build fails when the framework's markup changes, so that this cannot stop working unseen.
 */
export function noInlineStyle(): Plugin {
  return {
    name: 'no-inline-style',
    enforce: 'pre',
    transform(code, id) {
      if (!FRAMEWORK_ROOT.test(id)) return null;
      if (!INLINE.test(code)) throw new Error('The inline style of the framework is not where it was.');
      return { code: code.replace(INLINE, 'class="sr-only"'), map: null };
    },
  };
}
