/**
 * `npm run doctor`: what is wrong with the settings of this checkout, asking the real upstreams.
 * `npm run doctor -- https://…`: what is wrong with a deployment (CONTRACT CMD3). Both walk to the home model, as far
 * as asking it two short questions, which costs nothing. Exit code 1 when something is wrong.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { createLiteLlmAgent } from '../worker/agents/litellm.ts';
import { readConfig } from '../worker/config.ts';
import { foldRound, toHealth } from '../worker/health/fold.ts';
import { probeAll } from '../worker/health/probes.ts';
import { listModels } from '../worker/models/catalogue.ts';
import { buildRegistry } from '../worker/models/registry.ts';
import { openChatSocket } from './chat-socket.ts';
import { command, Trouble } from './children.ts';
import { walkDeployment } from './deployment-walk.ts';
import {
  type Deployment,
  diagnoseDeployment,
  diagnoseState,
  type Finding,
  type Observed,
  readState,
  wasCheckedBefore,
} from './diagnosis.ts';
import { describeHealth } from './health-report.ts';
import { findingOf, type Link } from './home-links.ts';
import { walkHome } from './home-walk.ts';
import { ROOT } from './paths.ts';
import { loadSettings, wantsSimulator } from './settings.ts';

/** As long as a Worker waits for its services (H3). */
const PROBE_MS = 5_000;
/** For one answer of a deployment; it waits for its own services meanwhile. */
const ANSWER_MS = 15_000;
/** A deployment looks at its services anew when it is asked and has not for this long (H3). */
const FRESH_MS = 30_000;

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

  const io = {
    fetch,
    now: () => Date.now(),
    signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]),
  };
  const snapshot = foldRound(await probeAll(config, io), config, Date.now());
  const health = toHealth(snapshot, config, registry, Date.now());
  for (const line of describeHealth({ ...health, warnings: [] })) say(line);
  const findings = diagnoseState(health, listModels(registry, config, snapshot, Date.now()));
  if (config.litellm === null) return findings;
  const { masterKey, proxyUrl, headers, timeoutMs, model } = config.litellm;
  const agent = createLiteLlmAgent({ apiKey: masterKey, proxyUrl, headers, timeoutMs, maxRetries: 0 });
  return follow(walkHome(model, snapshot, { agent, signal, now: () => performance.now(), pause }), findings);
}

const MARK: Record<Link['state'], string> = { ok: 'ok', broken: 'BROKEN', skipped: '-', waiting: '…' };

/** Tells a walk as it goes. @returns the findings, what is wrong on the way among them once, with what to do */
async function follow(walk: AsyncIterable<Link>, findings: Finding[]): Promise<Finding[]> {
  say('The way to the home model:');
  let broken: Link | null = null;
  for await (const link of walk) {
    say(`  ${MARK[link.state].padEnd(7)} ${link.name.padEnd(11)} ${link.told}`);
    if (link.state === 'broken') broken = link;
  }
  if (broken === null) return findings;
  const { told } = broken;
  return [findingOf(broken), ...findings.filter((finding) => !finding.includes(told))];
}

async function observe(url: URL, path: string, signal: AbortSignal): Promise<Observed> {
  const response = await fetch(new URL(path, url), {
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
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
  let deployment: Deployment;
  try {
    const health = await observeHealth(url, signal);
    const [models, page, socketWithoutOrigin] = await Promise.all([
      observe(url, '/models?all=1', signal),
      observe(url, '/', signal),
      observe(url, '/ws', signal),
    ]);
    deployment = { url, health, models, page, socketWithoutOrigin };
  } catch (error) {
    signal.throwIfAborted();
    return [`${url.origin} does not answer: ${error instanceof Error ? error.message : String(error)}`];
  }
  for (const line of describeHealth(deployment.health.json)) say(line);
  const findings = diagnoseDeployment(deployment);
  const state = readState(deployment);
  if (state === null) return findings;
  const deps = {
    ...{ signal, pause, now: () => performance.now(), open: () => openChatSocket(url) },
    deadline: (ms: number) => AbortSignal.timeout(ms),
  };
  return follow(walkDeployment(state.health, state.models, deps), findings);
}

/** What a deployment has seen long ago it tells once more and looks anew: then it is asked again. */
async function observeHealth(url: URL, signal: AbortSignal): Promise<Observed> {
  const health = await observe(url, '/health', signal);
  const now = Date.parse(health.headers.date ?? '') || Date.now();
  if (!wasCheckedBefore(health.json, now - FRESH_MS)) return health;
  say('What the deployment knows of its services is older than 30 s: it looks anew.');
  await pause(PROBE_MS, undefined, { signal });
  return observe(url, '/health', signal);
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
