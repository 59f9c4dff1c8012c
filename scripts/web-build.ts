import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, Trouble } from './children.ts';
import { withLock } from './lock.ts';
import { CACHE, inPackage, ROOT } from './paths.ts';

const OUTPUT = join(ROOT, 'web', 'build');
const STAMP = join(CACHE, 'web-build.sha256');
/** Made by the build itself, or not part of it. */
const NOT_SOURCES = new Set(['build', 'node_modules', '.svelte-kit']);

function* files(directory: string): Generator<string> {
  const entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (NOT_SOURCES.has(entry.name)) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (!entry.name.endsWith('.test.ts')) yield path;
  }
}

/** Digest of everything that goes into the page: contents, because git gives every checkout new times. */
function sourcesDigest(): string {
  const hash = createHash('sha256');
  const sources = [
    ...files(join(ROOT, 'web')),
    ...files(join(ROOT, 'shared')),
    join(ROOT, 'package-lock.json'),
  ];
  for (const path of sources)
    hash.update(path.slice(ROOT.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

function isBuilt(digest: string): boolean {
  return (
    existsSync(join(OUTPUT, 'index.html')) &&
    existsSync(STAMP) &&
    readFileSync(STAMP, 'utf8').trim() === digest
  );
}

/**
 * Builds the page into web/build unless the build there was made from the very same sources.
 * Safe to call from two programs at once.
 * @throws {Trouble} with the build's own output when it fails
 */
export async function buildWeb(signal: AbortSignal, say: (line: string) => void): Promise<void> {
  if (isBuilt(sourcesDigest())) return;
  await withLock(join(CACHE, 'web-build.lock'), signal, async () => {
    const digest = sourcesDigest();
    if (isBuilt(digest)) return;
    say('Building the page.');
    const vite = [inPackage('vite', 'bin', 'vite.js'), 'build'];
    const { code, output } = await runTool(vite, {
      cwd: join(ROOT, 'web'),
      signal,
      // Vitest sets NODE_ENV=test, and Svelte would build its development runtime for it.
      env: { ...process.env, NODE_ENV: 'production' },
    });
    if (code !== 0) throw new Trouble(`${output}\nThe page could not be built; the messages above say why.`);
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(STAMP, `${digest}\n`);
  });
}
