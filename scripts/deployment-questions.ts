import { ACCESS_MODES } from '../worker/config-access.ts';
import { formatPassphrase, hashPassphrase, isPassphraseName } from '../worker/guard/passphrase.ts';
import { Trouble } from './children.ts';
import { faultyValues, missingSettings } from './deployment-settings.ts';
import { makePassphrase, PASSPHRASE_BYTES, weakness } from './passphrase-strength.ts';
import type { Settings } from './settings.ts';
import type { Terminal } from './terminal.ts';

export type Random = (bytes: number) => Uint8Array<ArrayBuffer>;

export type Answers = {
  settings: Settings;
  /** One that the deployment will take, so that the doctor can sign in; null where none was made now. */
  passphrase: string | null;
};

const SALT_BYTES = 16;
const SIGN_IN_SECRET_BYTES = 32;

/** Of a passphrase that came without a name. */
const OWNER = 'owner';

const SECRET = new Set(['ANTHROPIC_API_KEY', 'TURNSTILE_SECRET_KEY']);

const QUESTIONS: Readonly<Record<string, string>> = {
  ANTHROPIC_API_KEY:
    'Key of Anthropic, ANTHROPIC_API_KEY (nothing is shown; empty: none, for a home model alone): ',
  CF_ACCESS_TEAM_DOMAIN: "The team's domain, such as team.cloudflareaccess.com: ",
  CF_ACCESS_AUD: 'The audience tag of the Access application (AUD): ',
  TURNSTILE_SITE_KEY: 'Site key of the Turnstile widget: ',
  TURNSTILE_SECRET_KEY: 'Secret key of the Turnstile widget (nothing is shown): ',
  DAILY_BUDGET_USD: 'The most that everybody together may spend in a day, in US dollars, such as 5: ',
};

/** An entry of ACCESS_PASSPHRASES. @throws {Trouble} for a passphrase that anybody guesses */
export async function passphraseEntry(name: string, passphrase: string, random: Random): Promise<string> {
  const weak = weakness(passphrase);
  if (weak?.refused) throw new Trouble(weak.message);
  return formatPassphrase(await hashPassphrase(name, passphrase, random(SALT_BYTES)));
}

async function askMode(terminal: Terminal): Promise<string | null> {
  terminal.say('Behind the page stands a paid key. Who may come in?');
  terminal.say('  1  password            you, a family, a team: with a passphrase');
  terminal.say('  2  cloudflare-access   a company: with its own sign-in, by Cloudflare Access');
  terminal.say('  3  open                everybody who is no robot (Turnstile), within a daily budget');
  for (;;) {
    const answer = await terminal.ask('1, 2 or 3 (empty: nobody yet): ');
    if (answer === '') return null;
    const mode = ACCESS_MODES[Number(answer) - 1] ?? ACCESS_MODES.find((one) => one === answer.toLowerCase());
    if (mode !== undefined) return mode;
  }
}

async function askPassphrase(
  terminal: Terminal,
  random: Random,
): Promise<[entry: string, passphrase: string]> {
  let name = await terminal.ask('Name of the first person (such as alice): ');
  while (!isPassphraseName(name)) name = await terminal.ask('Letters, digits and _ . @ + - only: ');
  for (;;) {
    const typed = await terminal.askSecret(`Passphrase of ${name} (nothing is shown; empty: one is made): `);
    if (typed === '') {
      const made = makePassphrase(random(PASSPHRASE_BYTES));
      terminal.say(`The passphrase of ${name}, shown this once:\n\n  ${made}\n`);
      return [await passphraseEntry(name, made, random), made];
    }
    const weak = weakness(typed);
    if (weak !== null) terminal.say(weak.message);
    if (weak?.refused) continue;
    if ((await terminal.askSecret('Once more: ')) === typed)
      return [await passphraseEntry(name, typed, random), typed];
    terminal.say('The two are not the same.');
  }
}

/** Asks until the Worker would take the value. @returns null for an empty answer */
async function askValue(terminal: Terminal, name: string, question: string): Promise<string | null> {
  for (;;) {
    const value = SECRET.has(name)
      ? (await terminal.askSecret(question)).trim()
      : await terminal.ask(question);
    if (value === '') return null;
    const [fault] = faultyValues({ [name]: value });
    if (fault === undefined) return value;
    terminal.say(fault);
  }
}

/**
 * Asks for everything that is missing before anybody gets an answer, and for a limit of what may be spent. An empty
 * answer leaves it out: the deployment then stays closed, and says why.
 * @param has what the deployment has already
 * @param mode of the deployment, where it can be read
 */
export async function askForMissing(
  terminal: Terminal,
  has: ReadonlySet<string>,
  given: Settings,
  mode: string | null,
  random: Random,
): Promise<Answers> {
  const settings: Settings = { ...given };
  let passphrase: string | null = null;
  const known = () => new Set([...has, ...Object.keys(settings)]);
  const missing = () => missingSettings(known(), settings.ACCESS_MODE ?? mode);

  // What was left out is not asked for twice; a mode brings needs of its own.
  const asked = new Set<string>();
  for (;;) {
    const name = missing().find((one) => !asked.has(one));
    if (name === undefined) break;
    asked.add(name);
    let value: string | null;
    if (name === 'ACCESS_MODE') value = await askMode(terminal);
    else if (name === 'ACCESS_PASSPHRASES') [value, passphrase] = await askPassphrase(terminal, random);
    else value = await askValue(terminal, name, QUESTIONS[name] ?? `${name}: `);
    if (value !== null) settings[name] = value;
  }
  if (!known().has('DAILY_BUDGET_USD') && !asked.has('DAILY_BUDGET_USD')) {
    const limit = await askValue(
      terminal,
      'DAILY_BUDGET_USD',
      'The most that everybody together may spend in a day, in US dollars (empty: no limit): ',
    );
    if (limit !== null) settings.DAILY_BUDGET_USD = limit;
  }
  return { settings, passphrase };
}

/** The same with nobody to ask: a passphrase for the owner may stand in the environment beside the settings. */
export async function answersWithoutTerminal(
  has: ReadonlySet<string>,
  given: Settings,
  ownPassphrase: string | undefined,
  random: Random,
): Promise<Answers> {
  const mode = given.ACCESS_MODE?.trim().toLowerCase();
  const known = has.has('ACCESS_PASSPHRASES') || given.ACCESS_PASSPHRASES !== undefined;
  if (mode !== 'password' || known || !ownPassphrase)
    return { settings: given, passphrase: ownPassphrase || null };
  const entry = await passphraseEntry(OWNER, ownPassphrase, random);
  return { settings: { ...given, ACCESS_PASSPHRASES: entry }, passphrase: ownPassphrase };
}

/**
 * A secret for the cookies, made when a way to sign in is set for the first time: later it would end every sign-in.
 * @returns the settings to send
 */
export function withSignInSecret(settings: Settings, has: ReadonlySet<string>, random: Random): Settings {
  const mode = settings.ACCESS_MODE?.trim().toLowerCase();
  const isFirst = (mode === 'password' || mode === 'open') && !has.has('ACCESS_MODE');
  if (!isFirst || has.has('SIGN_IN_SECRET') || settings.SIGN_IN_SECRET !== undefined) return settings;
  return { ...settings, SIGN_IN_SECRET: Buffer.from(random(SIGN_IN_SECRET_BYTES)).toString('base64url') };
}
