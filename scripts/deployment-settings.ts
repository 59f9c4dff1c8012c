import * as z from 'zod/mini';
import { readSettings, SETTING_NAMES } from '../worker/config-settings.ts';
import { Trouble } from './children.ts';
import type { Settings } from './settings.ts';
import type { Wrangler } from './wrangler.ts';

/** They belong to this machine: in a deployment they would lift its rules. */
const NEVER = new Set(['LOCAL', 'SIMULATED']);

/** What a deployment can be told, in the order in which it is explained. */
export const DEPLOYMENT_SETTINGS: readonly string[] = SETTING_NAMES.filter((name) => !NEVER.has(name));

/** What a secret holds nobody can read. */
type Binding = { kind: 'secret' | 'variable'; text: string | null };

/** Bindings of a deployment that hold a text, by name. */
export type Present = ReadonlyMap<string, Binding>;

const statusSchema = z.object({ versions: z.array(z.object({ version_id: z.string() })) });
const versionSchema = z.object({
  resources: z.object({
    bindings: z.array(z.object({ name: z.string(), type: z.string(), text: z.optional(z.string()) })),
  }),
});

type Ask = Wrangler['ask'];

/** Not signed in at Cloudflare: a person can mend that. */
export class NotLoggedIn extends Trouble {}

/**
 * What the deployment has already; empty where there is none yet.
 * @param ask wrangler
 * @param aim arguments that name the Worker, where it is not that of wrangler.toml
 * @throws {NotLoggedIn}, or a {@link Trouble} with wrangler's own words
 */
export async function readPresent(ask: Ask, aim: readonly string[]): Promise<Present> {
  const status = await ask(['deployments', 'status', '--json', ...aim]);
  const told = status.stderr + status.stdout;
  if (status.code !== 0) {
    if (/\[code: 10007\]|has no deployments/.test(told)) return new Map();
    if (/CLOUDFLARE_API_TOKEN environment variable|not (logged in|authenticated)|wrangler login/i.test(told))
      throw new NotLoggedIn(
        'Nobody is signed in at Cloudflare here: `npx wrangler login`, or, without a browser, CLOUDFLARE_API_TOKEN with a token of the template "Edit Cloudflare Workers".',
      );
    throw new Trouble(
      `${told.trim()}\nWhat the deployment has already could not be read; nothing was changed.`,
    );
  }
  const [version] = z.parse(statusSchema, JSON.parse(status.stdout)).versions;
  if (version === undefined) return new Map();
  const view = await ask(['versions', 'view', version.version_id, '--json', ...aim]);
  if (view.code !== 0)
    throw new Trouble(
      `${view.stderr}\nWhat the deployment has already could not be read; nothing was changed.`,
    );
  const { bindings } = z.parse(versionSchema, JSON.parse(view.stdout)).resources;
  const present = new Map<string, Binding>();
  for (const { name, type, text } of bindings) {
    if (type === 'secret_text') present.set(name, { kind: 'secret', text: null });
    if (type === 'plain_text' || type === 'json') present.set(name, { kind: 'variable', text: text ?? null });
  }
  return present;
}

/** Settings of the environment that a deployment can be told; an empty one means not set. */
export function givenSettings(environment: NodeJS.ProcessEnv): Settings {
  const given: Settings = {};
  for (const name of DEPLOYMENT_SETTINGS) {
    const value = environment[name];
    if (value) given[name] = value;
  }
  return given;
}

/** Values that the Worker would refuse, by name, with what they must be; never the value. */
export function faultyValues(settings: Settings): string[] {
  return [...readSettings(settings).faulty].map(([name, message]) => `${name} ${message}.`);
}

/** What each mode needs besides itself. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  password: ['ACCESS_PASSPHRASES'],
  'cloudflare-access': ['CF_ACCESS_TEAM_DOMAIN', 'CF_ACCESS_AUD'],
  open: ['TURNSTILE_SITE_KEY', 'TURNSTILE_SECRET_KEY', 'DAILY_BUDGET_USD'],
};

/**
 * Names of what is missing before anybody gets an answer. Of two ways to have a model, or of three to come in, the
 * first is named.
 * @param mode null: not known, because it is a secret of the deployment; then what it needs is not asked for
 */
export function missingSettings(known: ReadonlySet<string>, mode: string | null): string[] {
  const missing: string[] = [];
  if (!known.has('ANTHROPIC_API_KEY') && !known.has('LITELLM_ENABLED')) missing.push('ANTHROPIC_API_KEY');
  if (!known.has('ACCESS_MODE')) missing.push('ACCESS_MODE');
  const needs = mode === null ? [] : (NEEDS[mode.trim().toLowerCase()] ?? []);
  return [...missing, ...needs.filter((name) => !known.has(name))];
}
