import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './children.ts';
import { inPackage, ROOT } from './paths.ts';
import { makeScratch } from './scratch.ts';
import { tally } from './test-tally.ts';

/** A line to the person at the terminal. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function readReport(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Runs Vitest once and ends with the line `N passed, N failed` (CONTRACT CMD2).
 * @returns the exit code: not 0 on a failure, and when no test ran
 */
export async function runVitest(args: string[], signal: AbortSignal): Promise<number> {
  const { path: scratch, remove } = makeScratch();
  try {
    const report = join(scratch, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const { code } = await runTool([inPackage('vitest', 'vitest.mjs'), 'run', ...reporters, ...args], {
      cwd: ROOT,
      signal,
      echo: (text) => process.stdout.write(text),
    });
    const result = tally(readReport(report), code);
    for (const problem of result.problems) say(problem);
    say(result.line);
    return result.ok ? 0 : code || 1;
  } finally {
    remove();
  }
}
