import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../e2e/harness/program.ts';
import { endGroup } from '../../scripts/children.ts';
import { withLock } from '../../scripts/lock.ts';
import { CACHE, ROOT } from '../../scripts/paths.ts';
import { findPython, run } from './python.ts';

const FOLDER = join(CACHE, 'home');
const VENV = join(FOLDER, 'netbox-mcp');
const STAMP = join(FOLDER, 'netbox-mcp.sha256');
const INSTALL_LIMIT_MS = 10 * 60_000;
const START_LIMIT_MS = 60_000;

/** The source of netboxlabs/netbox-mcp-server on this machine, which is on no package index; null where none is named. */
export function netboxMcpSource(): string | null {
  const source = process.env.NETBOX_MCP_SERVER;
  return source !== undefined && existsSync(join(source, 'pyproject.toml')) ? source : null;
}

/** Installs it, with what it needs, into an environment of its own; once for each version. */
async function install(source: string): Promise<void> {
  const wanted = createHash('sha256')
    .update(readFileSync(join(source, 'pyproject.toml')))
    .digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  const python = await findPython();
  if (python === null) throw new Error('Python 3.11 to 3.14 with the module venv is not on this machine.');
  rmSync(STAMP, { force: true });
  rmSync(VENV, { recursive: true, force: true });
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--quiet', source];
  for (const [file, args] of [
    [python, ['-m', 'venv', VENV]],
    [join(VENV, 'bin', 'python'), pip],
  ] as const) {
    const { code, stderr } = await run(file, [...args], { timeoutMs: INSTALL_LIMIT_MS });
    if (code !== 0) throw new Error(`The NetBox MCP server could not be installed:\n${stderr}`);
  }
  writeFileSync(STAMP, wanted);
}

export type NetBoxMcp = { url: string; port: number; stop(): Promise<void> };

/** Starts the real server over Streamable HTTP, in front of a NetBox. */
export async function startNetBoxMcp(
  source: string,
  options: { netboxUrl: string; netboxToken: string; token: string; port?: number },
): Promise<NetBoxMcp> {
  await withLock(join(FOLDER, 'netbox-mcp.lock'), new AbortController().signal, () => install(source));
  const port = options.port ?? (await freePort());
  const lifeline = join(ROOT, 'home', 'python', 'lifeline.py');
  const child = spawn(
    join(VENV, 'bin', 'python'),
    [lifeline, join(VENV, 'bin', 'netbox-mcp-server'), '--transport', 'http', '--port', String(port)],
    {
      cwd: FOLDER,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: FOLDER,
        LANG: 'C.UTF-8',
        NETBOX_URL: `${options.netboxUrl}/`,
        NETBOX_TOKEN: options.netboxToken,
        MCP_AUTH_TOKEN: options.token,
      },
    },
  );
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const url = `http://127.0.0.1:${port}/mcp`;
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await endGroup(child, 0);
      throw new Error(`The NetBox MCP server did not start:\n${log}`);
    }
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    await answer?.body?.cancel();
    if (answer !== null) break;
    await pause(100);
  }
  return { url, port, stop: () => endGroup(child, 5_000) };
}
