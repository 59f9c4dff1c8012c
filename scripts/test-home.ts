/**
 * `npm run test:home`: the program against the real LiteLLM and a real small model. Without a suitable Python it says
 * so and skips, unless `--required` is given. Other arguments go to Vitest: `npm run test:home -- home/chat.test.ts`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareVenv } from '../home/stack/python.ts';
import { command, runTool } from './children.ts';
import { inPackage, ROOT } from './paths.ts';
import { makeScratch } from './scratch.ts';
import { tally } from './test-tally.ts';
import { buildWeb } from './web-build.ts';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function readReport(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

await command(async (signal) => {
  const isRequired = process.argv.includes('--required');
  const missing = await prepareVenv(signal, say);
  if (missing !== null) {
    say(`The tests against the real LiteLLM ${isRequired ? 'cannot run' : 'are skipped'}: ${missing}`);
    if (isRequired) say('0 passed, 1 failed');
    return isRequired ? 1 : 0;
  }
  await buildWeb(signal, say);
  const { path: scratch, remove } = makeScratch();
  try {
    const report = join(scratch, 'report.json');
    const { code } = await runTool(
      [
        inPackage('vitest', 'vitest.mjs'),
        'run',
        '--config=vitest.home.config.ts',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...process.argv.slice(2).filter((argument) => argument !== '--required'),
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
