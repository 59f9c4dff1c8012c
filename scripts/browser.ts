import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Trouble } from './children.ts';
import { withLock } from './lock.ts';
import { CACHE, inPackage } from './paths.ts';

/** What `playwright-core` needs for `chromium.launch`. */
export type Browser = { executablePath: string; args: string[]; env: Record<string, string> };

type Candidate = { executablePath: string; env: NodeJS.ProcessEnv };

/** Names on the PATH, the one that people use most first. */
const COMMANDS = [
  'google-chrome',
  'google-chrome-stable',
  'chromium',
  'chromium-browser',
  'microsoft-edge',
  'msedge',
];

function wellKnownPaths(): string[] {
  if (process.platform === 'darwin') {
    const apps = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      (app) => `Applications/${app}.app/Contents/MacOS/${app}`,
    );
    return ['/', homedir()].flatMap((base) => apps.map((app) => join(base, app)));
  }
  if (process.platform === 'win32') {
    const apps = [
      'Google\\Chrome\\Application\\chrome.exe',
      'Chromium\\Application\\chrome.exe',
      'Microsoft\\Edge\\Application\\msedge.exe',
    ];
    const { ProgramFiles, LOCALAPPDATA } = process.env;
    const bases = [ProgramFiles, process.env['ProgramFiles(x86)'], LOCALAPPDATA].filter(
      (base) => base !== undefined,
    );
    return bases.flatMap((base) => apps.map((app) => join(base, app)));
  }
  return ['/opt/google/chrome/chrome', '/snap/bin/chromium'];
}

function installed(): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const onPath = COMMANDS.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...new Set([...onPath, ...wellKnownPaths()])].filter((path) => existsSync(path));
}

/** A browser that is there may still lack a library; chrome.exe opens a window when asked for its version. */
function starts({ executablePath, env }: Candidate): Promise<boolean> {
  if (process.platform === 'win32') return Promise.resolve(existsSync(executablePath));
  return new Promise((resolve) => {
    execFile(executablePath, ['--version'], { env, timeout: 15_000 }, (error) => resolve(!error));
  });
}

/**
 * Unpacks the binary of the npm package `@sparticuz/chromium` (Linux on x64; it needs only glibc) with
 * the libraries and fonts that it brings. The package itself would unpack to /tmp/chromium, where a
 * half-written file of another program counts as done.
 */
async function unpacked(signal: AbortSignal): Promise<Candidate | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const source = inPackage('@sparticuz', 'chromium');
  if (!existsSync(source)) return null;
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const folder = join(CACHE, 'browser', String(version));
  await withLock(join(CACHE, 'browser.lock'), signal, async () => {
    if (existsSync(folder)) return;
    const { inflate } = await import('@sparticuz/chromium');
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    // The package takes its target from os.tmpdir().
    const before = process.env.TMPDIR;
    process.env.TMPDIR = unfinished;
    try {
      const packs = ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br'];
      await Promise.all(packs.map((pack) => inflate(join(source, 'bin', pack))));
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
    // For a machine without any fonts; the package's own list of folders is that of a cloud function.
    const fonts = `<fontconfig><dir>${join(folder, 'fonts')}</dir><cachedir>${join(folder, 'font-cache')}</cachedir></fontconfig>`;
    writeFileSync(join(unfinished, 'fonts.conf'), `<?xml version="1.0"?>\n${fonts}\n`);
    renameSync(unfinished, folder);
  });
  const libraries = [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  const env: NodeJS.ProcessEnv = { ...process.env, LD_LIBRARY_PATH: libraries };
  if (!existsSync('/etc/fonts/fonts.conf')) env.FONTCONFIG_FILE = join(folder, 'fonts.conf');
  return { executablePath: join(folder, 'chromium'), env };
}

/** Debian and Ubuntu as root, which is what containers are. */
async function fromDebian(signal: AbortSignal): Promise<Candidate | null> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return null;
  process.stderr.write('Installing the package chromium for the browser tests.\n');
  const script = 'apt-get update && apt-get install -y --no-install-recommends chromium';
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await new Promise<void>((resolve) => {
    const child = spawn('sh', ['-c', script], { stdio: ['ignore', 2, 2], env, signal });
    child.on('error', () => resolve());
    child.on('exit', () => resolve());
  });
  return existsSync('/usr/bin/chromium') ? { executablePath: '/usr/bin/chromium', env: process.env } : null;
}

function launchable({ executablePath, env }: Candidate): Browser {
  const args = ['--disable-gpu', '--disable-background-networking'];
  // Chromium's sandbox refuses to run as root.
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  const defined = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { executablePath, args, env: Object.fromEntries(defined) };
}

/**
 * A browser for the tests: the one that CHROME_PATH names, else an installed Chrome, Chromium or Edge,
 * else the one inside an npm package, else Debian's. CHATBOX_BROWSER=bundled passes over the installed ones.
 * @throws {Trouble} saying what to install when there is none
 */
export async function findBrowser(signal: AbortSignal = AbortSignal.timeout(300_000)): Promise<Browser> {
  const named = process.env.CHROME_PATH;
  if (named) {
    const candidate = { executablePath: named, env: process.env };
    if (await starts(candidate)) return launchable(candidate);
    throw new Trouble(`CHROME_PATH is ${named}, which does not start.`);
  }
  if (process.env.CHATBOX_BROWSER !== 'bundled') {
    for (const executablePath of installed()) {
      const candidate = { executablePath, env: process.env };
      if (await starts(candidate)) return launchable(candidate);
    }
  }
  for (const fetchOne of [unpacked, fromDebian]) {
    const candidate = await fetchOne(signal);
    if (candidate && (await starts(candidate))) return launchable(candidate);
  }
  throw new Trouble(
    'The browser tests need a browser and found none. Install Chrome, Chromium or Edge, or set CHROME_PATH to one.',
  );
}
