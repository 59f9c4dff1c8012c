import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

export type Settings = Record<string, string>;

/** The names of all settings, in the order of the file: `NAME=value` and `# NAME=value` lines (CONTRACT CMD4). */
export function settingNames(example: string): string[] {
  const names = example.split(/\r?\n/).flatMap((line) => /^#?\s*([A-Z][A-Z0-9_]+)=/.exec(line)?.[1] ?? []);
  return [...new Set(names)];
}

/** Names of the secrets that the entries of `MCP_SERVERS` send to their servers; no schema: the Worker judges it. */
function tokenSecrets(servers: string): string[] {
  return [...servers.matchAll(/"token_secret"\s*:\s*"([A-Z][A-Z0-9_]*)"/g)].map(([, name = '']) => name);
}

/**
 * Process environment beats `.dev.vars` beats the default, which the Worker knows itself.
 * Of the environment only the named settings are taken, and the secrets that one of them names; an empty string means
 * not set, in both places.
 */
export function mergeSettings(
  names: readonly string[],
  devVars: string,
  environment: NodeJS.ProcessEnv,
): Settings {
  const merged: Settings = {};
  for (const [name, value] of Object.entries(parseEnv(devVars))) if (value) merged[name] = value;
  const take = (name: string) => {
    const value = environment[name];
    if (value) merged[name] = value;
  };
  names.forEach(take);
  tokenSecrets(merged.MCP_SERVERS ?? '').forEach(take);
  return merged;
}

/** Reads `.dev.vars.example` and `.dev.vars` of a checkout and merges them with the environment. */
export function loadSettings(root: string, environment: NodeJS.ProcessEnv): Settings {
  const file = join(root, '.dev.vars');
  const names = settingNames(readFileSync(join(root, '.dev.vars.example'), 'utf8'));
  return mergeSettings(names, existsSync(file) ? readFileSync(file, 'utf8') : '', environment);
}

/** CMD5: the embedded upstreams are for a machine where nobody has said which upstreams to use. */
export function wantsSimulator(settings: Settings): boolean {
  return !settings.ANTHROPIC_API_KEY && !settings.ANTHROPIC_BASE_URL && !settings.LITELLM_ENABLED;
}

function quote(name: string, value: string): string {
  // wrangler expands $NAME in env files, also inside quotes; a backslash keeps the dollar sign.
  const escaped = value.replaceAll('$', '\\$');
  // Single quotes and backticks keep everything as it is; double quotes would expand \n.
  for (const mark of ["'", '`']) if (!value.includes(mark)) return `${mark}${escaped}${mark}`;
  throw new Error(`${name} contains both a single quote and a backtick; an env file cannot hold it.`);
}

/** The settings as an env file that wrangler reads back to the same values. */
export function formatEnvFile(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${quote(name, value)}\n`)
    .join('');
}
