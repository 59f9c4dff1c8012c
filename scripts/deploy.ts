/** `npm run deploy`: Worker, Durable Objects, KV and page in one go (CONTRACT CMD3). Arguments go to wrangler. */
import { spawn } from 'node:child_process';
import { command } from './children.ts';
import { inPackage, ROOT } from './paths.ts';
import { loadSettings } from './settings.ts';
import { buildWeb } from './web-build.ts';

/** Everything else may stand in the open, as a variable of the deployment. */
const SECRETS = ['ANTHROPIC_API_KEY', 'LITELLM_MASTER_KEY', 'CF_ACCESS_CLIENT_SECRET'];
/** They belong to this machine. */
const NEVER = new Set(['LOCAL', 'SIMULATED']);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Keys on a command line can be seen by other users of the machine: wrangler asks for them. */
function explainSettings(): void {
  const names = Object.keys(loadSettings(ROOT, process.env)).filter((name) => !NEVER.has(name));
  const secrets = SECRETS.filter((name) => names.includes(name));
  const open = names.filter((name) => !SECRETS.includes(name));
  say(
    'Settings of this machine are not sent along. What a deployment needs is set once, in the dashboard or here:',
  );
  for (const name of secrets.length > 0 ? secrets : ['ANTHROPIC_API_KEY'])
    say(`  npx wrangler secret put ${name}`);
  for (const name of open)
    say(`  npx wrangler secret put ${name}   (not secret: a variable in the dashboard does as well)`);
}

function wrangler(args: string[], signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [inPackage('wrangler', 'bin', 'wrangler.js'), ...args], {
      cwd: ROOT,
      stdio: 'inherit',
      signal,
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

await command(async (signal) => {
  await buildWeb(signal, say);
  explainSettings();
  // keep-vars: variables that were set in the dashboard stay.
  const code = await wrangler(['deploy', '--keep-vars', ...process.argv.slice(2)], signal);
  if (process.argv.includes('--dry-run')) return code;
  if (code === 0) say('Deployed. `npm run doctor -- <its address>` says whether something is missing.');
  else
    say(
      `wrangler ended with code ${code}: nothing is promised about the deployment; its messages are above.`,
    );
  return code;
});
