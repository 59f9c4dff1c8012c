import type { Config } from '../worker/config.ts';
import { doorOf } from '../worker/guard/door.ts';
import type { Finding } from './diagnosis.ts';
import type { Judgement } from './safety.ts';

/** Who would come in with these settings: here, and in a deployment. */
export function describeDoor(config: Config): string {
  const here = doorOf({ ...config, local: true });
  const deployed = doorOf({ ...config, local: false });
  if (here.mode === deployed.mode) return here.mode;
  const there = deployed.mode === 'closed' ? `nobody. ${deployed.message}` : deployed.mode;
  return here.mode === 'local'
    ? `with \`npm start\` who sits at this machine; in a deployment ${there}`
    : `with \`npm start\` ${here.mode}; in a deployment ${there}`;
}

/** Keys; in wrangler.toml they would stand in the repository. */
const KEYS = /KEY$|SECRET$|TOKEN$|PASSPHRASES$/;

/** Names that wrangler.toml gives as variables, in any environment. */
function variables(wranglerToml: string): Map<string, string> {
  const found = new Map<string, string>();
  let inVars = false;
  for (const line of wranglerToml.split(/\r?\n/)) {
    const table = /^\s*\[+([^\]]+)\]+/.exec(line)?.[1];
    if (table !== undefined) inVars = /(^|\.)vars$/.test(table.trim());
    const inline = /^\s*vars\s*=\s*\{(.*)\}/.exec(line)?.[1];
    for (const pair of inline?.split(',') ?? (inVars ? [line] : [])) {
      const [, name, value] = /^\s*"?([A-Z][A-Z0-9_]+)"?\s*=\s*"?([^"#]*)/.exec(pair) ?? [];
      if (name !== undefined && value !== undefined) found.set(name, value.trim());
    }
  }
  return found;
}

function fileFaults(wranglerToml: string): Finding[] {
  const vars = variables(wranglerToml);
  const unsafe: Finding[] = [];
  for (const name of ['LOCAL', 'SIMULATED']) {
    if (vars.has(name))
      unsafe.push(
        `wrangler.toml sets ${name}, which belongs to \`npm start\` alone: every deployment would get it. Take it out.`,
      );
  }
  for (const [name, value] of vars) {
    if (KEYS.test(name) && !name.endsWith('SITE_KEY') && value !== '')
      unsafe.push(
        `wrangler.toml holds ${name}, and whoever reads the repository has it: take it out, make a new one, and set it with \`npx wrangler secret put ${name}\`.`,
      );
  }
  return unsafe;
}

/** Bindings without which a deployment does not work. Classes need a migration that creates them once. */
function bindingFaults(wranglerToml: string): Finding[] {
  const wrong: Finding[] = [];
  if (!/^binding\s*=\s*"HEALTH_CACHE"/m.test(wranglerToml))
    wrong.push(
      'wrangler.toml has no KV namespace with the binding HEALTH_CACHE: take the file of this release.',
    );
  const created = [...wranglerToml.matchAll(/^new_sqlite_classes\s*=\s*\[([^\]]*)\]/gm)].flatMap(
    ([, list = '']) => [...list.matchAll(/"(\w+)"/g)].map(([, name = '']) => name),
  );
  for (const [, name = ''] of wranglerToml.matchAll(/^class_name\s*=\s*"(\w+)"/gm)) {
    if (!created.includes(name))
      wrong.push(
        `wrangler.toml binds the class ${name}, and no migration creates it: add one with a tag of its own.`,
      );
  }
  return wrong;
}

/** What is unsafe, or cannot work, about the settings of a checkout. */
export function judgeSettings(config: Config, wranglerToml: string): Judgement {
  const here = doorOf({ ...config, local: true });
  const wrong = [...bindingFaults(wranglerToml)];
  if (here.mode === 'closed') wrong.push(here.message);
  const deployed = doorOf({ ...config, local: false });
  const advice =
    deployed.mode !== 'closed' && config.budgets.deployment === null
      ? ['No spending limit is set: DAILY_BUDGET_USD bounds the bill (docs/spending.md).']
      : [];
  return { unsafe: fileFaults(wranglerToml), wrong, advice };
}
