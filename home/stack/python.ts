import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Trouble } from '../../scripts/children.ts';
import { withLock } from '../../scripts/lock.ts';
import { CACHE, ROOT } from '../../scripts/paths.ts';

const HOME_CACHE = join(CACHE, 'home');
const VENV = join(HOME_CACHE, 'venv');
const STAMP = join(HOME_CACHE, 'installed.sha256');
const REQUIREMENTS = join(ROOT, 'home', 'requirements.txt');

/** About 120 packages, half a gigabyte, one to four minutes. */
const INSTALL_LIMIT_MS = 15 * 60_000;

/** A program of the virtual environment. */
export function inVenv(name: string): string {
  return join(VENV, 'bin', name);
}

export type Ran = { code: number; stdout: string; stderr: string };

/** Runs a program to its end; a failure is a code, never a throw. */
export function run(
  file: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      {
        cwd: ROOT,
        env: options.env ?? process.env,
        signal: options.signal,
        timeout: options.timeoutMs ?? 120_000,
        maxBuffer: 32 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr: stderr || (error?.message ?? '') });
      },
    );
  });
}

/** The first Python on this machine that every pinned package has a build for; null where there is none. */
export async function findPython(): Promise<string | null> {
  // The pinned packages have no builds for Windows; WSL is Linux.
  if (process.platform === 'win32') return null;
  const check = 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))';
  for (const name of ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11']) {
    if ((await run(name, ['-c', check])).code === 0) return name;
  }
  return null;
}

/**
 * Makes the virtual environment if it is not there, or not of these requirements.
 * @returns null when it is ready, else one sentence that says what is missing
 * @throws {Trouble} when Python is there and the installation fails
 */
export async function prepareVenv(signal: AbortSignal, say: (line: string) => void): Promise<string | null> {
  const python = await findPython();
  if (python === null) {
    return 'Python 3.11 to 3.14 with the module venv is not on this machine (on Debian and Ubuntu: apt install python3-venv).';
  }
  await withLock(join(HOME_CACHE, 'install.lock'), signal, () => install(python, signal, say));
  return null;
}

async function install(python: string, signal: AbortSignal, say: (line: string) => void): Promise<void> {
  const { stdout: version } = await run(python, ['-VV']);
  const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).update(version).digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted && existsSync(inVenv('litellm'))) return;
  say('Installing LiteLLM, a model server and a small model into .cache/home; this takes minutes, once.');
  rmSync(STAMP, { force: true });
  rmSync(VENV, { recursive: true, force: true });
  mkdirSync(HOME_CACHE, { recursive: true });
  const steps = [
    [python, '-m', 'venv', VENV],
    [
      ...[inVenv('python'), '-m', 'pip', 'install', '--no-deps', '--only-binary', ':all:'],
      ...['--disable-pip-version-check', '--no-input', '--quiet', '-r', REQUIREMENTS],
    ],
  ];
  for (const [file = '', ...args] of steps) {
    const { code, stderr } = await run(file, args, { signal, timeoutMs: INSTALL_LIMIT_MS });
    signal.throwIfAborted();
    if (code !== 0) throw new Trouble(`\`${file} ${args.join(' ')}\` failed:\n${stderr.trim()}`);
  }
  writeFileSync(STAMP, wanted);
}

/** A YAML file of this checkout, as any other program would read it. */
export async function readYaml(path: string): Promise<unknown> {
  const { code, stdout, stderr } = await run(inVenv('python'), [
    join(ROOT, 'home', 'python', 'read_yaml.py'),
    join(ROOT, path),
  ]);
  if (code !== 0) throw new Error(`${path} is not YAML:\n${stderr}`);
  return JSON.parse(stdout);
}
