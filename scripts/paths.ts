import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that this file belongs to. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Everything that can be made again: builds' stamps, an unpacked browser, screenshots. Ignored by git. */
export const CACHE = join(ROOT, '.cache');

/** Absolute path of a file inside an installed package, for running its command line on this very Node. */
export function inPackage(...parts: string[]): string {
  return join(ROOT, 'node_modules', ...parts);
}
