/** `npm run check`: types, lint, format, and rules of the repository (CONTRACT CMD3). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { command, runTool } from './children.ts';
import { inPackage, ROOT } from './paths.ts';
import { compatibilityDateFault, foreignAddresses, missingOptional, unpinned } from './repository-rules.ts';

const WEB = join(ROOT, 'web');
const TSC = inPackage('typescript', 'bin', 'tsc');

type Step = { name: string; run(signal: AbortSignal): Promise<string | null> };

/** A step that is a command line; its output is shown only when it fails. */
function tool(name: string, cwd: string, ...commands: string[][]): Step {
  return {
    name,
    async run(signal) {
      for (const args of commands) {
        const { code, output } = await runTool(args, { cwd, signal });
        // Some colour their messages whatever they are told.
        if (code !== 0) return process.stdout.isTTY ? output : stripVTControlCharacters(output);
      }
      return null;
    },
  };
}

function read(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

const steps: Step[] = [
  tool(
    'types',
    ROOT,
    [TSC, '-b'],
    // Tests see Node's globals beside the Worker's code, or workerd's: never both kinds at once.
    [TSC, '-p', 'worker/tsconfig.test.json'],
    [TSC, '-p', 'worker/tsconfig.workerd.json'],
  ),
  tool(
    'types and markup of the page',
    WEB,
    [inPackage('@sveltejs', 'kit', 'svelte-kit.js'), 'sync'],
    [inPackage('svelte-check', 'bin', 'svelte-check'), '--tsconfig', './tsconfig.json', '--fail-on-warnings'],
  ),
  tool('lint and format', ROOT, [inPackage('@biomejs', 'biome', 'bin', 'biome'), 'ci']),
  {
    name: 'rules of the repository',
    async run() {
      const lockfile: unknown = JSON.parse(read('package-lock.json'));
      const faults = [
        ...unpinned(JSON.parse(read('package.json'))),
        ...missingOptional(lockfile),
        ...foreignAddresses(lockfile),
        ...compatibilityDateFault(read('wrangler.toml')),
      ];
      return faults.length > 0 ? faults.join('\n') : null;
    },
  },
];

await command(async (signal) => {
  const failed: string[] = [];
  for (const { name, run } of steps) {
    const fault = await run(signal);
    process.stdout.write(fault === null ? `ok      ${name}\n` : `FAILED  ${name}\n${fault.trimEnd()}\n`);
    if (fault !== null) failed.push(name);
  }
  if (failed.length > 0)
    process.stdout.write(`\nFailed: ${failed.join(', ')}. \`npm run format\` repairs the format.\n`);
  return failed.length > 0 ? 1 : 0;
});
