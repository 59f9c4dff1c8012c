import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const folders = new Set<string>();
// Miniflare ends the process at a signal.
process.once('exit', () => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

/** A fresh folder under `parent` for as long as this process lives. */
export function makeFolder(parent: string): { path: string; remove(): void } {
  const path = mkdtempSync(join(parent, 'chatbox-bench-'));
  folders.add(path);
  return {
    path,
    remove() {
      folders.delete(path);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
