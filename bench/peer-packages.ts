import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../scripts/children.ts';
import { ROOT } from '../scripts/paths.ts';

const FOLDER = join(ROOT, 'bench', 'peer');

/**
 * Installs what the peer is made of from its own lockfile if it is not there: 90 packages, 110 MB.
 * @returns null when it is ready, else one sentence that says why not
 */
export async function preparePeer(signal: AbortSignal, say: (line: string) => void): Promise<string | null> {
  const wanted = createHash('sha256')
    .update(readFileSync(join(FOLDER, 'package-lock.json')))
    .digest('hex');
  const stamp = join(FOLDER, 'node_modules', '.installed.sha256');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return null;
  const npm = process.env.npm_execpath;
  if (npm === undefined) return 'The peer is installed by npm: start the benchmark with `npm run bench`.';
  say('Installing the peer into bench/peer/node_modules; this takes a minute, once.');
  // Nothing in it needs an install script.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, output } = await runTool([npm, ...args], { cwd: FOLDER, signal });
  if (code !== 0)
    return `The peer could not be installed: ${output.trim().split('\n').slice(0, 4).join(' ')}`;
  writeFileSync(stamp, wanted);
  return null;
}
