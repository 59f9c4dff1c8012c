/** `npm test`: every suite (CONTRACT CMD2). Arguments go to Vitest: `npm test -- --project pure worker/models`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBrowser } from './browser.ts';
import { command, runTool } from './children.ts';
import { inPackage, ROOT } from './paths.ts';
import { makeScratch } from './scratch.ts';
import { tally } from './test-tally.ts';
import { buildWeb } from './web-build.ts';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await command(async (signal) => {
  await buildWeb(signal, say);
  const browser = await findBrowser(signal);
  say(`Browser: ${browser.executablePath}`);

  const { path: scratch, remove } = makeScratch();
  try {
    const report = join(scratch, 'report.json');
    const { code } = await runTool(
      [
        inPackage('vitest', 'vitest.mjs'),
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...process.argv.slice(2),
      ],
      { cwd: ROOT, signal, echo: (text) => process.stdout.write(text) },
    );
    const result = tally(readReport(report), code);
    for (const problem of result.problems) say(problem);
    say(result.line);
    return result.ok ? 0 : code || 1;
  } finally {
    remove();
  }
});

function readReport(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
