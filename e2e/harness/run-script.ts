import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/paths.ts';
import { settingNames } from '../../scripts/settings.ts';

/** Runs an npm script as a person without a terminal does, with no setting but those of the test. */
export function runScript(
  script: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const ours = new Set(settingNames(readFileSync(join(ROOT, '.dev.vars.example'), 'utf8')));
  const kept = Object.entries(process.env).filter(
    ([name]) => !ours.has(name) && name !== 'NODE_ENV' && !/^(VITEST|npm_|CLOUDFLARE_)/i.test(name),
  );
  const child = spawn('npm', ['run', '--silent', script, '--', ...args], {
    cwd: ROOT,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(kept), ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
