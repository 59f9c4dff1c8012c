/**
 * `npm run doctor`: what is wrong with the settings of this checkout, asking the real upstreams.
 * `npm run doctor -- https://…`: what is wrong with a deployment, and whether it is safe (CONTRACT CMD3). With
 * CHATBOX_PASSPHRASE it signs in; with CF_ACCESS_CLIENT_ID and CF_ACCESS_CLIENT_SECRET it passes Cloudflare Access.
 * Both walk to the home model, as far as asking it two short questions, which costs nothing. Exit code 1 when something
 * is wrong, 2 when it is unsafe.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createLiteLlmAgent } from '../worker/agents/litellm.ts';
import { readConfig } from '../worker/config.ts';
import { foldRound, toHealth } from '../worker/health/fold.ts';
import { probeAll } from '../worker/health/probes.ts';
import { createToolHealth } from '../worker/health/tool-servers.ts';
import { listModels } from '../worker/models/catalogue.ts';
import { buildRegistry } from '../worker/models/registry.ts';
import { createToolMemory } from '../worker/tools/tool-memory.ts';
import { openChatSocket } from './chat-socket.ts';
import { command, Trouble } from './children.ts';
import { observe, readKeys, signIn, visit, visitAsStranger } from './deployment-visit.ts';
import { walkDeployment } from './deployment-walk.ts';
import {
  type Deployment,
  diagnoseDeployment,
  diagnoseState,
  type Finding,
  isChatbox,
  type Observed,
  readState,
  wasCheckedBefore,
} from './diagnosis.ts';
import { describeHealth } from './health-report.ts';
import { findingOf, type Link } from './home-links.ts';
import { walkHome } from './home-walk.ts';
import { ROOT } from './paths.ts';
import { type Judgement, judgeSafety, readAccess, type Strangers, spendingAdvice } from './safety.ts';
import { loadSettings, wantsSimulator } from './settings.ts';
import { describeDoor, judgeSettings } from './settings-safety.ts';

/** As long as a Worker waits for its services (H3). */
const PROBE_MS = 5_000;
/** A deployment looks at its services anew when it is asked and has not for this long (H3). */
const FRESH_MS = 30_000;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function examineSettings(signal: AbortSignal): Promise<Judgement> {
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
  const judged = judgeSettings(config, readFileSync(join(ROOT, 'wrangler.toml'), 'utf8'));
  say(`Who may come in: ${describeDoor(config)}`);
  if (registry.fatal.length > 0) return withFindings(judged, registry.fatal);

  const io = {
    fetch,
    now: () => Date.now(),
    signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]),
  };
  const snapshot = foldRound(await probeAll(config, io), config, Date.now());
  const toolHealth = createToolHealth({
    config,
    memory: createToolMemory(),
    fetch,
    now: () => Date.now(),
    onChange: () => {},
  });
  const toolServers = await toolHealth.current(() => {});
  const health = toHealth(snapshot, config, registry, Date.now(), toolServers);
  for (const line of describeHealth({ ...health, warnings: [] })) say(line);
  const findings = diagnoseState(health, listModels(registry, config, snapshot, Date.now()));
  if (config.litellm === null) return withFindings(judged, findings);
  const { masterKey, proxyUrl, headers, timeoutMs, model } = config.litellm;
  const agent = createLiteLlmAgent({ apiKey: masterKey, proxyUrl, headers, timeoutMs, maxRetries: 0 });
  const walk = walkHome(model, snapshot, { agent, signal, now: () => performance.now(), pause });
  return withFindings(judged, await follow(walk, findings));
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

async function examineDeployment(address: string, signal: AbortSignal): Promise<Judgement> {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Trouble(`"${address}" is no address such as https://chat.example.workers.dev.`);
  const keys = readKeys(process.env);
  const token = keys.serviceToken ?? {};
  let deployment: Deployment;
  let strangers: Strangers;
  try {
    const health = await observeHealth(url, token, signal);
    deployment = await visit(url, token, health, signal);
    strangers = await visitAsStranger(url, deployment.page, token, signal);
  } catch (error) {
    signal.throwIfAborted();
    return onlyWrong([
      `${url.origin} does not answer: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
  for (const line of describeHealth(deployment.health.json)) say(line);
  const findings = diagnoseDeployment(deployment);
  if (!isChatbox(deployment)) return onlyWrong(findings);
  const access = readAccess(strangers.access);
  const judged = judgeSafety(strangers);
  if (access !== null) say(`Who may come in: ${access.mode}`);

  let headers = token;
  if (access?.mode === 'password' && keys.passphrase !== null) {
    const { cookie, unsafe, wrong } = await signIn(url, keys.passphrase, token, signal);
    headers = { ...token, ...cookie };
    judged.unsafe.push(...unsafe);
    judged.wrong.push(...wrong);
  }
  const mine = readAccess(await observe(url, '/access', signal, { headers }));
  if (mine?.signed_in) say(`Signed in${mine.name === null ? '' : ` as ${mine.name}`}.`);
  if (mine !== null) judged.advice.push(...spendingAdvice(mine));

  const state = readState(deployment);
  // Nobody can chat with a closed one; that is told already.
  if (state === null || access?.mode === 'closed') return withFindings(judged, findings);
  const deps = {
    ...{ signal, pause, now: () => performance.now(), open: () => openChatSocket(url, headers) },
    deadline: (ms: number) => AbortSignal.timeout(ms),
  };
  return withFindings(judged, await follow(walkDeployment(state.health, state.models, deps), findings));
}

function onlyWrong(wrong: Finding[]): Judgement {
  return { unsafe: [], wrong, advice: [] };
}

/** What is unsafe comes first; nothing is told twice. */
function withFindings({ unsafe, wrong, advice }: Judgement, findings: Finding[]): Judgement {
  return { unsafe, wrong: [...new Set([...wrong, ...findings])], advice };
}

/** What a deployment has seen long ago it tells once more and looks anew: then it is asked again. */
async function observeHealth(
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Observed> {
  const health = await observe(url, '/health', signal, { headers });
  const now = Date.parse(health.headers.date ?? '') || Date.now();
  if (!wasCheckedBefore(health.json, now - FRESH_MS)) return health;
  say('What the deployment knows of its services is older than 30 s: it looks anew.');
  await pause(PROBE_MS, undefined, { signal });
  return observe(url, '/health', signal, { headers });
}

function tell(title: string, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  say(title);
  for (const finding of findings) say(`- ${finding}`);
}

await command(async (signal) => {
  const address = process.argv[2];
  const { unsafe, wrong, advice } = address
    ? await examineDeployment(address, signal)
    : await examineSettings(signal);
  tell('UNSAFE:', unsafe);
  tell(wrong.length === 1 ? 'One thing is wrong:' : `${wrong.length} things are wrong:`, wrong);
  tell('Better:', advice);
  if (unsafe.length > 0) return 2;
  if (wrong.length > 0) return 1;
  say('Nothing is wrong.');
  return 0;
});
