/**
 * `npm run doctor`: what is wrong with the settings of this checkout, asking the real upstreams.
 * `npm run doctor -- https://…`: what is wrong with a deployment (CONTRACT CMD3). Exit code 1 when something is.
 */
import { createLiteLlmAgent } from '../worker/agents/litellm.ts';
import { type Config, readConfig } from '../worker/config.ts';
import { foldRound, toHealth } from '../worker/health/fold.ts';
import { probeAll } from '../worker/health/probes.ts';
import type { HealthSnapshot } from '../worker/health/types.ts';
import { listModels } from '../worker/models/catalogue.ts';
import { buildRegistry } from '../worker/models/registry.ts';
import { command, Trouble } from './children.ts';
import { diagnoseDeployment, diagnoseState, type Finding, type Observed } from './diagnosis.ts';
import { describeHealth } from './health-report.ts';
import { walkHome } from './home-walk.ts';
import { ROOT } from './paths.ts';
import { loadSettings, wantsSimulator } from './settings.ts';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function examineSettings(signal: AbortSignal): Promise<Finding[]> {
  const settings = loadSettings(ROOT, process.env);
  const names = Object.keys(settings);
  say(
    names.length > 0
      ? `Set here: ${names.join(', ')}`
      : 'No setting is set, in .dev.vars or in the environment.',
  );
  if (wantsSimulator(settings))
    say('`npm start` would use the embedded upstreams; a deployment would offer no model:');
  const config = readConfig(settings);
  const registry = buildRegistry(config);
  say(`Scenario: ${config.scenario}`);
  if (registry.fatal.length > 0) return registry.fatal;

  const io = { fetch, now: () => Date.now(), signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]) };
  const snapshot = foldRound(await probeAll(config, io), config, Date.now());
  const health = toHealth(snapshot, config, registry, Date.now());
  for (const line of describeHealth({ ...health, warnings: [] })) say(line);
  const findings = diagnoseState(health, listModels(registry, config, snapshot, Date.now()));
  return [...findings, ...(await examineHome(config, snapshot, signal))];
}

async function examineHome(
  config: Config,
  snapshot: HealthSnapshot,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { litellm } = config;
  if (litellm === null) return [];
  const { masterKey, proxyUrl, headers, timeoutMs } = litellm;
  const agent = createLiteLlmAgent({ apiKey: masterKey, proxyUrl, headers, timeoutMs, maxRetries: 0 });
  say('The way to the home model:');
  const links = await walkHome(config, snapshot, { agent, signal, now: () => performance.now() });
  for (const { name, ok, told } of links) say(`  ${ok ? 'ok     ' : 'BROKEN '} ${name}: ${told}`);
  // Up to the completion the findings above have said it already.
  const broken = links.find(({ ok }) => !ok);
  return broken === undefined || snapshot.home_model.reason !== null
    ? []
    : [`The home model: ${broken.told}`];
}

async function observe(url: URL, path: string, signal: AbortSignal): Promise<Observed> {
  const response = await fetch(new URL(path, url), {
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]),
  });
  const body = await response.text();
  let json: unknown = null;
  try {
    json = JSON.parse(body);
  } catch {
    // Not JSON: the page, or something that is no Chatbox at all.
  }
  return { status: response.status, headers: Object.fromEntries(response.headers), json };
}

async function examineDeployment(address: string, signal: AbortSignal): Promise<Finding[]> {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Trouble(`"${address}" is no address such as https://chat.example.workers.dev.`);
  try {
    const health = await observe(url, '/health', signal);
    const [models, page, socketWithoutOrigin] = await Promise.all(
      ['/models?all=1', '/', '/ws'].map((path) => observe(url, path, signal)),
    );
    if (!models || !page || !socketWithoutOrigin) return [];
    for (const line of describeHealth(health.json)) say(line);
    return diagnoseDeployment({ url, health, models, page, socketWithoutOrigin });
  } catch (error) {
    signal.throwIfAborted();
    return [`${url.origin} does not answer: ${error instanceof Error ? error.message : String(error)}`];
  }
}

await command(async (signal) => {
  const address = process.argv[2];
  const findings = address ? await examineDeployment(address, signal) : await examineSettings(signal);
  if (findings.length === 0) {
    say('Nothing is wrong.');
    return 0;
  }
  say(findings.length === 1 ? 'One thing is wrong:' : `${findings.length} things are wrong:`);
  for (const finding of findings) say(`- ${finding}`);
  return 1;
});
