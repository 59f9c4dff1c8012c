// Every npm script comes through here, on whatever Node the machine has: it makes sure that the
// dependencies of the lockfile are there, then runs the given TypeScript file on the project's own
// Node 24 (from npm), which strips the types itself. Plain JavaScript without dependencies, so that
// the sentence about an old Node can still be read by an old Node.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const windows = process.platform === 'win32';

/** Signal asked for while something runs; children get it, and nothing new is started after it. */
let stopping = null;
let child = null;

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** Compares what npm wrote down about its last installation with what the lockfile asks for. */
function isInstalled() {
  const wanted = readJson(join(root, 'package-lock.json'));
  const found = readJson(join(modules, '.package-lock.json'));
  if (!wanted || !found) return false;
  for (const [path, entry] of Object.entries(wanted.packages)) {
    if (path === '') continue;
    const installed = found.packages[path];
    // Optional packages are those of other platforms.
    if (!installed && (entry.optional || entry.devOptional || entry.peer)) continue;
    if (!installed || installed.version !== entry.version) return false;
  }
  return true;
}

/** The project's Node, or this one if it is new enough; null when neither is there. */
function findNode() {
  const own = join(modules, 'node', 'bin', windows ? 'node.exe' : 'node');
  if (existsSync(own)) return own;
  return Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : null;
}

function run(command, args, options) {
  return new Promise((resolve) => {
    child = spawn(command, args, { cwd: root, ...options });
    child.on('error', (error) => resolve({ code: 1, signal: null, error }));
    child.on('exit', (code, signal) => resolve({ code, signal, error: null }));
  });
}

async function install() {
  process.stderr.write('Installing the dependencies from package-lock.json; this takes a minute, once.\n');
  // dev: everything here is built and run from source, so NODE_ENV=production must not leave it out.
  // loglevel: the warnings about engines are about the Node that is only used for this installation.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  // On stderr, so that stdout stays clean for scripts that print data.
  const stdio = ['ignore', 2, 2];
  const npm = process.env.npm_execpath;
  const result =
    npm && /\.c?js$/.test(npm)
      ? await run(process.execPath, [npm, ...args], { stdio })
      : await run(windows ? 'npm.cmd' : 'npm', args, { stdio, shell: windows });
  if (stopping) process.exit(130);
  if (result.code !== 0) fail('`npm ci` failed; its messages above say why.');
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Whether the owner of a lock is gone; one that has not yet written its id gets ten seconds. */
function isStale(lock, owner) {
  try {
    if (existsSync(owner)) return !isAlive(Number(readFileSync(owner, 'utf8')));
    return Date.now() - statSync(lock).mtimeMs > 10_000;
  } catch {
    return false;
  }
}

/** One installation at a time in a checkout: two `npm ci` at once delete each other's files. */
async function installOnce() {
  const lock = join(root, '.cache', 'install.lock');
  const owner = join(lock, 'pid');
  mkdirSync(dirname(lock), { recursive: true });
  for (let told = false; ; ) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!told) process.stderr.write('Another installation is running here; waiting for it.\n');
    told = true;
    await pause(500);
    if (stopping) process.exit(130);
    if (isStale(lock, owner)) rmSync(lock, { recursive: true, force: true });
  }
  writeFileSync(owner, String(process.pid));
  const release = () => {
    rmSync(owner, { force: true });
    try {
      rmdirSync(lock);
    } catch {
      // Somebody else took the stale lock away.
    }
  };
  process.once('exit', release);
  if (!isInstalled()) await install();
  process.removeListener('exit', release);
  release();
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(
    `This project needs Node 20.19 or newer to start; this is Node ${process.versions.node}. See https://nodejs.org.`,
  );
}

const [script, ...args] = process.argv.slice(2);
if (!script) fail('Usage: node scripts/bootstrap.mjs scripts/<name>.ts [arguments]');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    stopping = signal;
    child?.kill(signal);
  });
}
// npm killed outright passes no signal on: then its children must not stay behind.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) child?.kill('SIGTERM');
}, 500).unref();

if (!isInstalled()) await installOnce();
const node = findNode();
if (!node) {
  fail(
    'The Node 24 that this project brings is not installed: npm was told not to run install scripts. ' +
      'Run `npm ci --ignore-scripts=false`, or use Node 24 or newer yourself.',
  );
}
// The channel ends with this process, however it ends: that is how the script learns of it.
const result = await run(node, [join(root, script), ...args], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
if (result.error) fail(`Node could not be started: ${result.error.message}`);
if (result.signal) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
  process.kill(process.pid, result.signal);
  await pause(1_000);
}
process.exit(result.code ?? 1);
