import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/paths.ts';

export type Checkout = { root: string; remove(): void };

/** What a program is started from; the page is taken along as it was built. */
const PARTS = [
  'package.json',
  'package-lock.json',
  'wrangler.toml',
  'tsconfig.base.json',
  '.dev.vars.example',
];
const FOLDERS = ['scripts', 'shared', 'simulator', 'worker', 'web'];

/** A copy of this checkout that can be changed, with the same packages. */
export function copyCheckout(): Checkout {
  const root = mkdtempSync(join(tmpdir(), 'chatbox-checkout-'));
  for (const name of PARTS) cpSync(join(ROOT, name), join(root, name));
  const isOurs = (path: string) => !/[\\/](node_modules|\.svelte-kit)$/.test(path);
  for (const name of FOLDERS) cpSync(join(ROOT, name), join(root, name), { recursive: true, filter: isOurs });
  mkdirSync(join(root, '.cache'));
  cpSync(join(ROOT, '.cache', 'web-build.sha256'), join(root, '.cache', 'web-build.sha256'));
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'junction');
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Changes a file of a copy. @throws when there is nothing to change */
export function edit({ root }: Checkout, path: string, what: string | RegExp, instead: string): void {
  const file = join(root, path);
  const before = readFileSync(file, 'utf8');
  const after = before.replace(what, () => instead);
  if (after === before) throw new Error(`${path} has nothing like ${what}.`);
  writeFileSync(file, after);
}
