import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import { noInlineStyle } from './no-inline-style.ts';
import { staticPage } from './static-page.ts';

export default defineConfig({
  plugins: [
    noInlineStyle(),
    sveltekit({
      // A single page: the Worker answers every address of the page with index.html.
      adapter: staticPage(adapter({ pages: 'build', assets: 'build', fallback: 'index.html' }), 'build'),
    }),
  ],
  build: { target: 'es2022' },
});
