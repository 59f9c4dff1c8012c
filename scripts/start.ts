/** `npm start`: the whole program on this machine (CONTRACT CMD1, CMD4, CMD5, CMD6). */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { command, Trouble } from './children.ts';
import { describeHealth } from './health-report.ts';
import { ROOT } from './paths.ts';
import { claimPort, readPort, relayFromIpv6 } from './ports.ts';
import { makeScratch } from './scratch.ts';
import { formatEnvFile, loadSettings, type Settings, wantsSimulator } from './settings.ts';
import { buildWeb } from './web-build.ts';
import { startWorker } from './worker-process.ts';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Starts the embedded upstreams in this process and points the settings at them. */
async function withSimulator(settings: Settings): Promise<Settings> {
  const { startSimulator } = await import('../simulator/server.ts');
  const simulator = await startSimulator({ port: 0 });
  say(
    'No key and no proxy is set: the embedded upstreams answer, and everything from them is marked simulated.',
  );
  say(
    'For real answers set ANTHROPIC_API_KEY, here or in .dev.vars (.dev.vars.example lists every setting).',
  );
  return {
    ...settings,
    ANTHROPIC_API_KEY: 'simulated',
    ANTHROPIC_BASE_URL: simulator.anthropicUrl,
    LITELLM_ENABLED: 'true',
    LITELLM_PROXY_URL: simulator.litellmUrl,
    LITELLM_MASTER_KEY: 'sk-simulated',
    OLLAMA_BASE_URL: simulator.ollamaUrl,
    // Somebody's own tools stay what they are.
    ...(settings.NETBOX_MCP_URL || settings.MCP_SERVERS ? {} : { NETBOX_MCP_URL: simulator.netboxMcpUrl }),
    SIMULATED: 'true',
  };
}

async function askHealth(port: number, signal: AbortSignal): Promise<string[]> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]),
    });
    return describeHealth(await response.json());
  } catch (error) {
    signal.throwIfAborted();
    throw new Trouble(
      `The Worker is served but does not answer /health: ${error instanceof Error ? error.message : error}`,
    );
  }
}

await command(async (signal) => {
  const port = readPort(process.env.PORT);
  await claimPort(port);
  let settings = loadSettings(ROOT, process.env);
  await buildWeb(signal, say);
  if (wantsSimulator(settings)) settings = await withSimulator(settings);
  signal.throwIfAborted();

  const { path: scratch, remove } = makeScratch();
  const envFile = join(scratch, 'settings.env');
  // Only this sets LOCAL: it lifts the rules that protect a public deployment.
  writeFileSync(envFile, formatEnvFile({ ...settings, LOCAL: 'true' }), { mode: 0o600 });
  const stateDir = resolve(ROOT, process.env.CHATBOX_STATE_DIR || join('.wrangler', 'state'));
  const worker = startWorker({ port, envFile, stateDir, scratch });
  const stopped = new Promise<null>((done) =>
    signal.addEventListener('abort', () => done(null), { once: true }),
  );
  try {
    if (signal.aborted || (await Promise.race([worker.ready.then(() => 'ready'), stopped])) === null)
      return 0;
    const closeRelay = await relayFromIpv6(port);
    say('Health:');
    for (const line of await askHealth(port, signal)) say(line);
    say(`Ready on http://localhost:${port}`);
    const code = await Promise.race([worker.ended, stopped]);
    closeRelay();
    if (code === null) return 0;
    throw new Trouble(`wrangler ended by itself with code ${code}; its messages are above.`);
  } finally {
    await worker.stop();
    remove();
  }
});
