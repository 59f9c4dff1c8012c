import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { Trouble } from './children.ts';
import { inPackage, ROOT } from './paths.ts';

/** wrangler, as far as a deployment needs it. It finds the configuration of this checkout by itself. */
export interface Wrangler {
  /** Runs a command that asks nothing. */
  ask(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** Runs a command before the eyes of the person, who may be asked. @returns its exit code */
  run(args: readonly string[]): Promise<number>;
  /** Where the last `deploy` serves, as wrangler wrote it down: addresses, or host names with a remark. */
  targets(): string[];
}

/**
 * wrangler.toml with absolute paths, in another place: on a terminal wrangler writes the ids of what it creates into the
 * file that it was given, and ids of one account do not belong into the repository. It needs none: what a Worker of that
 * name is bound to already stays bound.
 */
export function movedConfig(config: string, root: string): string {
  const inRoot = (path: string) => JSON.stringify(join(root, path));
  const changes: [RegExp, (path: string) => string][] = [
    [/^main = "(.+)"$/m, (path) => `main = ${inRoot(path)}`],
    [/^directory = "(.+)"$/m, (path) => `directory = ${inRoot(path)}`],
  ];
  return changes.reduce((text, [line, change]) => {
    if (!line.test(text)) throw new Trouble(`wrangler.toml has no line like ${line.source}.`);
    return text.replace(line, (_, path: string) => change(path));
  }, config);
}

/** A line of the file that `WRANGLER_OUTPUT_FILE_PATH` names. */
const deployedSchema = z.object({ type: z.literal('deploy'), targets: z.array(z.string()) });

function readTargets(path: string): string[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  const entries = lines.flatMap((line) => {
    const entry = line === '' ? null : z.safeParse(deployedSchema, JSON.parse(line));
    return entry?.success ? [entry.data] : [];
  });
  return entries.at(-1)?.targets ?? [];
}

/**
 * @param scratch a private directory for wrangler's files
 * @param withoutNames variables that stay here: what is a setting of ours must not reach other programs
 */
export function openWrangler(
  scratch: string,
  signal: AbortSignal,
  withoutNames: readonly string[] = [],
): Wrangler {
  const config = join(scratch, 'wrangler.toml');
  const outputFile = join(scratch, 'wrangler-output.ndjson');
  writeFileSync(config, movedConfig(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8'), ROOT));
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    WRANGLER_OUTPUT_FILE_PATH: outputFile,
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_NO_SKILLS_UPDATE_PROMPTS: 'true',
    WRANGLER_LOG_PATH: join(scratch, 'wrangler-logs'),
  };
  for (const name of withoutNames) delete env[name];
  const start = (args: readonly string[], stdio: 'inherit' | ['ignore', 'pipe', 'pipe']) =>
    spawn(
      process.execPath,
      ['--no-warnings', inPackage('wrangler', 'bin', 'wrangler.js'), ...args, '--config', config],
      { cwd: ROOT, signal, env, stdio },
    );
  return {
    ask: (args) =>
      new Promise((resolve, reject) => {
        const child = start(args, ['ignore', 'pipe', 'pipe']);
        let stdout = '';
        let stderr = '';
        child.stdout?.setEncoding('utf8').on('data', (text: string) => {
          stdout += text;
        });
        child.stderr?.setEncoding('utf8').on('data', (text: string) => {
          stderr += text;
        });
        child.on('error', reject);
        child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
      }),
    run: (args) =>
      new Promise((resolve, reject) => {
        const child = start(args, 'inherit');
        child.on('error', reject);
        child.on('exit', (code) => resolve(code ?? 1));
      }),
    targets: () => readTargets(outputFile),
  };
}

/** The first address among the targets of a deployment; null where it serves at routes alone, which may be anything. */
export function addressOf(targets: readonly string[]): string | null {
  const [address] = targets.flatMap((target) => {
    const url = URL.parse(/^https?:\/\//.test(target) ? target : `https://${target.split(' ')[0]}`);
    return url === null || /[*\s]/.test(url.href) ? [] : [url.origin];
  });
  return address ?? null;
}
