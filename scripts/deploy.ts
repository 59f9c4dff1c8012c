/**
 * `npm run deploy`: Worker, Durable Objects, KV and page in one go, with the settings that are still missing (CONTRACT
 * CMD3). On a terminal it asks; without one, as in CI, all comes from the environment. Then the doctor looks at it.
 * Arguments go to wrangler: `--dry-run` changes nothing; `--address URL` is ours, for a deployment whose address
 * wrangler does not know.
 */
import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { command, runTool, Trouble } from './children.ts';
import {
  answersWithoutTerminal,
  askForMissing,
  type Random,
  withSignInSecret,
} from './deployment-questions.ts';
import {
  DEPLOYMENT_SETTINGS,
  faultyValues,
  givenSettings,
  missingSettings,
  NotLoggedIn,
  type Present,
  readPresent,
} from './deployment-settings.ts';
import { ROOT } from './paths.ts';
import { makeScratch } from './scratch.ts';
import { loadSettings, type Settings } from './settings.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { buildWeb } from './web-build.ts';
import { addressOf, openWrangler, type Wrangler } from './wrangler.ts';

/** A new name at workers.dev takes this long to be known, seldom longer. */
const KNOWN_WITHIN_MS = 60_000;
/** Exit code of the doctor for what must not stay so. */
const UNSAFE = 2;

const random: Random = (bytes) => webcrypto.getRandomValues(new Uint8Array(bytes));

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

type Order = { dryRun: boolean; address: string | null; aim: string[]; rest: string[] };

function readOrder(args: string[]): Order {
  const text = { type: 'string' } as const;
  const { values, tokens } = parseArgs({
    args,
    options: { 'dry-run': { type: 'boolean' }, address: text, name: text, env: { ...text, short: 'e' } },
    strict: false,
    tokens: true,
  });
  const ours = tokens.find((token) => token.kind === 'option' && token.name === 'address');
  const takes = ours?.kind === 'option' && ours.inlineValue === false ? 2 : 1;
  const rest = ours === undefined ? args : args.toSpliced(ours.index, takes);
  const aim = (['name', 'env'] as const).flatMap((name) => {
    const value = values[name];
    return typeof value === 'string' ? [`--${name}`, value] : [];
  });
  const { address } = values;
  if (address !== undefined && (typeof address !== 'string' || !URL.canParse(address)))
    throw new Trouble('--address wants an address such as https://chat.example.com.');
  return { dryRun: values['dry-run'] === true, address: address ?? null, aim, rest };
}

async function whatIsThere(wrangler: Wrangler, aim: string[], terminal: Terminal | null): Promise<Present> {
  try {
    return await readPresent(wrangler.ask, aim);
  } catch (error) {
    if (!(error instanceof NotLoggedIn) || terminal === null) throw error;
    say('Nobody is signed in at Cloudflare here; wrangler opens a browser for that.');
    if ((await wrangler.run(['login'])) !== 0) throw error;
    return readPresent(wrangler.ask, aim);
  }
}

/** What stands in .dev.vars belongs to this machine. */
function tellLeftHere(sent: Settings, has: ReadonlySet<string>): void {
  const here = Object.keys(loadSettings(ROOT, {})).filter(
    (name) => DEPLOYMENT_SETTINGS.includes(name) && !(name in sent) && !has.has(name),
  );
  if (here.length === 0) return;
  say(`Settings of this machine are not sent along (.dev.vars): ${here.join(', ')}.`);
  say('Where the deployment needs one: `npx wrangler secret put NAME`.');
}

function tellPlan(sent: Settings, has: ReadonlySet<string>, missing: string[]): void {
  const names = Object.keys(sent);
  say(
    names.length > 0 ? `Settings sent along, as secrets: ${names.join(', ')}.` : 'No setting is sent along.',
  );
  if (has.size > 0) say(`The deployment has already: ${[...has].join(', ')}.`);
  tellLeftHere(sent, has);
  if (missing.length > 0) {
    say(`Missing: ${missing.join(', ')}. Until they are set the page says so and nobody gets an answer.`);
    say('Give them in the environment, or run `npm run deploy` on a terminal, which asks.');
  }
}

/** Waits until the new name is known and answers; the doctor says what is wrong when it does not. */
async function untilKnown(address: string, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(KNOWN_WITHIN_MS)]);
  for (let told = false; !deadline.aborted; told = true) {
    try {
      await (
        await fetch(new URL('/access', address), { redirect: 'manual', signal: deadline })
      ).body?.cancel();
      return;
    } catch {
      if (!told) say('Waiting until the address is known everywhere.');
      await pause(2_000, undefined, { signal: deadline }).catch(() => {});
    }
  }
  signal.throwIfAborted();
}

async function examine(address: string, passphrase: string | null, signal: AbortSignal): Promise<number> {
  await untilKnown(address, signal);
  say(`\nThe doctor looks at ${address}:`);
  const env = { ...process.env, ...(passphrase !== null && { CHATBOX_PASSPHRASE: passphrase }) };
  const doctor = [join(ROOT, 'scripts', 'doctor.ts'), address];
  const { code } = await runTool(doctor, {
    cwd: ROOT,
    signal,
    env,
    echo: (text) => void process.stdout.write(text),
  });
  return code;
}

async function deploy(order: Order, scratch: string, signal: AbortSignal): Promise<number> {
  const terminal = order.dryRun ? null : openTerminal(signal);
  const wrangler = openWrangler(scratch, signal, DEPLOYMENT_SETTINGS);
  const inEnvironment = givenSettings(process.env);
  const faults = faultyValues(inEnvironment);
  if (faults.length > 0) throw new Trouble(`${faults.join('\n')}\nNothing was changed.`);

  // A dry run asks nobody, Cloudflare neither.
  const present: Present = order.dryRun ? new Map() : await whatIsThere(wrangler, order.aim, terminal);
  const has = new Set(present.keys());
  const kept = Object.keys(inEnvironment).filter((name) => present.get(name)?.kind === 'variable');
  if (kept.length > 0)
    say(
      `${kept.join(', ')}: a variable of the deployment, which stays as it is; change it in the dashboard.`,
    );
  const given = Object.fromEntries(Object.entries(inEnvironment).filter(([name]) => !kept.includes(name)));
  const mode = present.get('ACCESS_MODE')?.text ?? null;

  const answers =
    terminal === null
      ? await answersWithoutTerminal(has, given, process.env.CHATBOX_PASSPHRASE, random)
      : await askForMissing(terminal, has, given, mode, random);
  const sent = withSignInSecret(answers.settings, has, random);
  const known = new Set([...has, ...Object.keys(sent)]);
  tellPlan(sent, has, missingSettings(known, sent.ACCESS_MODE ?? mode));

  await buildWeb(signal, say);
  const secrets = join(scratch, 'secrets.json');
  // A command line can be read by other users of the machine; this directory cannot.
  if (Object.keys(sent).length > 0) writeFileSync(secrets, JSON.stringify(sent), { mode: 0o600 });
  const code = await wrangler.run([
    'deploy',
    // Variables that were set in the dashboard stay.
    '--keep-vars',
    ...(Object.keys(sent).length > 0 ? ['--secrets-file', secrets] : []),
    ...order.rest,
  ]);
  if (code !== 0) {
    say(
      `wrangler ended with code ${code}: nothing is promised about the deployment; its messages are above.`,
    );
    return code;
  }
  if (order.dryRun) {
    say('A dry run: nothing was changed, and what the deployment has already was not looked at.');
    return 0;
  }
  const address = order.address ?? addressOf(wrangler.targets());
  if (address === null) {
    say('Deployed. `npm run doctor -- <its address>` says whether something is missing.');
    return 0;
  }
  say(`Deployed: ${address}`);
  // What is only incomplete is told, and no failure of the deployment.
  return (await examine(address, answers.passphrase, signal)) === UNSAFE ? 1 : 0;
}

await command(async (signal) => {
  const order = readOrder(process.argv.slice(2));
  const scratch = makeScratch();
  try {
    return await deploy(order, scratch.path, signal);
  } finally {
    scratch.remove();
  }
});
