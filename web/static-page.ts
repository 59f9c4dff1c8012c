import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Adapter } from '@sveltejs/kit';
import * as z from 'zod/mini';

const INLINE = /<script>([\s\S]*?)<\/script>/g;
/** The chat's route: the framework numbers its nodes layout, error, then the routes, of which `/` is the first. */
const ROUTE = /nodes\/2\.js$/;

const manifestSchema = z.record(
  z.string(),
  z.object({
    file: z.string(),
    imports: z.optional(z.array(z.string())),
    css: z.optional(z.array(z.string())),
  }),
);

/** The script becomes a file of its own; its name carries its content's hash. */
function externalScript(page: string, output: string): string {
  const [script, ...others] = page.matchAll(INLINE);
  if (!script?.[1] || others.length > 0) throw new Error('The built page has not exactly one inline script.');
  const code = script[1].trim();
  const hash = createHash('sha256').update(code).digest('base64url').slice(0, 8);
  const file = `/_app/immutable/entry/boot.${hash}.js`;
  writeFileSync(output + file, code);
  return page.replace(script[0], () => `<script src="${file}"></script>`);
}

/** Names the route's files in the head: a fallback page knows only its layout's, and would ask for them a trip later. */
function preloadRoute(page: string, manifestPath: string): string {
  const manifest = z.parse(manifestSchema, JSON.parse(readFileSync(manifestPath, 'utf8')));
  const links = new Set<string>();
  const add = (key: string): void => {
    const { file, imports = [], css = [] } = manifest[key] ?? {};
    if (file) links.add(`<link href="/${file}" rel="modulepreload">`);
    for (const sheet of css) links.add(`<link href="/${sheet}" rel="stylesheet">`);
    imports.forEach(add);
  };
  const route = Object.keys(manifest).find((key) => ROUTE.test(key));
  if (!route) throw new Error('The build has no route.');
  add(route);
  const missing = [...links].filter((link) => !page.includes(link));
  return page.replace('</head>', () => `${missing.join('')}</head>`);
}

/**
 * Wraps an adapter: the framework's one inline script moves into a file, so that the policy in static/_headers allows
 * no inline script at all and does not change with every build. A hash in a header would, and a server that still has
 * the headers of the last build would then show an empty page.
 */
export function staticPage(adapter: Adapter, output: string): Adapter {
  return {
    name: `${adapter.name} without inline script`,
    async adapt(builder) {
      await adapter.adapt(builder);
      const path = `${output}/index.html`;
      const page = externalScript(readFileSync(path, 'utf8'), output);
      writeFileSync(path, preloadRoute(page, `${builder.getClientDirectory()}/.vite/manifest.json`));
    },
  };
}
