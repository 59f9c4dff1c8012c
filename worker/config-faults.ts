import { BUDGET_SETTINGS } from './config-limits.ts';
import type { SettingsRead } from './config-settings.ts';
import { isHomeAddress } from './config-values.ts';
import { compareVersions, parseVersion } from './health/version.ts';

export type Faults = {
  /** Why Claude cannot be offered; empty when it can. */
  anthropic: string[];
  /** Why the home side cannot be used; empty when it can. */
  litellm: string[];
  /** What is wrong and yet disables nothing. */
  others: string[];
};

function travelsInClear(baseUrl: string): boolean {
  return URL.parse(baseUrl)?.protocol === 'http:' && !isHomeAddress(baseUrl);
}

function sameAddress(a: string, b: string): boolean {
  return a !== '' && URL.parse(a)?.href === URL.parse(b)?.href;
}

/** LiteLLM's pass-through to Anthropic; the chat needs the proxy's root. */
function endsInAnthropic(baseUrl: string): boolean {
  return /\/anthropic$/.test(baseUrl);
}

/** Scenario 3: Claude is meant to go through LiteLLM too. */
function viaProxy({ values }: SettingsRead): boolean {
  return values.ALLOW_ANTHROPIC_VIA_LITELLM && values.LITELLM_ENABLED;
}

function litellmFaults({ values, faulty }: SettingsRead): string[] {
  const faults: string[] = [];
  if (!values.LITELLM_ENABLED) {
    return [
      'LITELLM_ENABLED is not true: to offer the home model set it to true, together with LITELLM_PROXY_URL and LITELLM_MASTER_KEY.',
    ];
  }
  const urlFault = faulty.get('LITELLM_PROXY_URL');
  if (urlFault !== undefined) faults.push(`LITELLM_PROXY_URL ${urlFault}.`);
  else if (values.LITELLM_PROXY_URL === '') {
    faults.push(
      'LITELLM_ENABLED is true but LITELLM_PROXY_URL is not set: put the address of LiteLLM there.',
    );
  } else if (endsInAnthropic(values.LITELLM_PROXY_URL)) {
    faults.push(
      'LITELLM_PROXY_URL ends in /anthropic, which only passes through to Anthropic: leave that part out (the root of the proxy, or /v1).',
    );
  }
  if (values.LITELLM_MASTER_KEY === '') {
    faults.push(
      'LITELLM_ENABLED is true but LITELLM_MASTER_KEY is not set: put the master key of LiteLLM there (it starts with sk-).',
    );
  } else if (values.LITELLM_MASTER_KEY === 'sk-1234') {
    faults.push(
      'LITELLM_MASTER_KEY is the public example sk-1234, which LiteLLM refuses from 1.104 on: make a random key that starts with sk- and set it on both sides.',
    );
  }
  return faults;
}

function anthropicFaults(read: SettingsRead, litellm: string[]): string[] {
  const { values, faulty } = read;
  if (viaProxy(read)) {
    return litellm.length === 0
      ? []
      : [
          'ALLOW_ANTHROPIC_VIA_LITELLM is true, so Claude goes through LiteLLM, whose settings are not complete: mend them, or set ALLOW_ANTHROPIC_VIA_LITELLM to false and ANTHROPIC_API_KEY to your key.',
        ];
  }
  const faults: string[] = [];
  if (values.ANTHROPIC_API_KEY === '') {
    faults.push('ANTHROPIC_API_KEY is not set: put your Anthropic key there to offer the Claude models.');
  }
  const urlFault = faulty.get('ANTHROPIC_BASE_URL');
  if (urlFault !== undefined)
    faults.push(`ANTHROPIC_BASE_URL ${urlFault}; leave it empty for Anthropic itself.`);
  return faults;
}

function leftovers({ values, raw }: SettingsRead): string[] {
  if (values.LITELLM_ENABLED) return [];
  // Tool servers may stand behind the same tunnel.
  const isTunnelUsed = values.NETBOX_MCP_ACCESS || values.MCP_SERVERS.includes('"access"');
  const ofHome = isTunnelUsed ? /^(LITELLM|OLLAMA)_/ : /^(LITELLM|OLLAMA|CF_ACCESS_CLIENT)_/;
  const names = [...raw.keys()].filter((name) => ofHome.test(name) && name !== 'LITELLM_ENABLED');
  return names.length === 0
    ? []
    : [
        `LITELLM_ENABLED is not true, so ${names.join(', ')} have no effect: remove them, or set LITELLM_ENABLED to true.`,
      ];
}

function others(read: SettingsRead): string[] {
  const { values, faulty } = read;
  const list: string[] = [];
  for (const [name, message] of faulty) {
    const isToldElsewhere =
      (name === 'LITELLM_PROXY_URL' && values.LITELLM_ENABLED) ||
      (name === 'ANTHROPIC_BASE_URL' && !viaProxy(read));
    const isBudget = BUDGET_SETTINGS.some((budget) => budget === name);
    const meanwhile = isBudget
      ? 'until then nothing is spent'
      : name === 'ACCESS_MODE'
        ? 'until then nobody may come in'
        : 'its default is used';
    if (!isToldElsewhere) list.push(`${name} ${message}; ${meanwhile}.`);
  }
  list.push(...leftovers(read));
  if (values.ALLOW_ANTHROPIC_VIA_LITELLM && !values.LITELLM_ENABLED) {
    list.push(
      'ALLOW_ANTHROPIC_VIA_LITELLM is true but LITELLM_ENABLED is not: Claude is reached directly. Set LITELLM_ENABLED to true, or ALLOW_ANTHROPIC_VIA_LITELLM to false.',
    );
  }
  if (values.LITELLM_ENABLED) {
    const key = values.LITELLM_MASTER_KEY;
    if (key !== '' && !key.startsWith('sk-')) {
      list.push(
        'LITELLM_MASTER_KEY does not start with sk-, as LiteLLM wants its keys: check that it is the right one.',
      );
    }
    if (travelsInClear(values.LITELLM_PROXY_URL)) {
      list.push(
        'LITELLM_PROXY_URL is plain http to another host, so LITELLM_MASTER_KEY travels unencrypted: use https (a cloudflared tunnel gives it).',
      );
    }
    const floor = parseVersion(values.LITELLM_MIN_VERSION);
    const safe = parseVersion('1.84.0');
    if (floor !== null && safe !== null && compareVersions(floor, safe) < 0) {
      list.push(
        'LITELLM_MIN_VERSION is below 1.84.0: older releases of LiteLLM have known authentication bypasses. Leave it empty, and update LiteLLM.',
      );
    }
    const bothOrNone = (values.CF_ACCESS_CLIENT_ID === '') === (values.CF_ACCESS_CLIENT_SECRET === '');
    if (!bothOrNone) {
      list.push(
        `${values.CF_ACCESS_CLIENT_ID === '' ? 'CF_ACCESS_CLIENT_ID' : 'CF_ACCESS_CLIENT_SECRET'} is not set: a service token is both CF_ACCESS_CLIENT_ID and CF_ACCESS_CLIENT_SECRET, so neither is sent.`,
      );
    }
  }
  if (viaProxy(read)) {
    if (
      values.ANTHROPIC_BASE_URL !== '' &&
      !sameAddress(values.ANTHROPIC_BASE_URL, values.LITELLM_PROXY_URL)
    ) {
      list.push(
        'ANTHROPIC_BASE_URL is not LITELLM_PROXY_URL although ALLOW_ANTHROPIC_VIA_LITELLM is true: LITELLM_PROXY_URL is used. Leave ANTHROPIC_BASE_URL empty.',
      );
    }
    if (values.ANTHROPIC_API_KEY !== '') {
      list.push(
        'ANTHROPIC_API_KEY is not used while ALLOW_ANTHROPIC_VIA_LITELLM is true: LiteLLM holds that key.',
      );
    }
  } else if (sameAddress(values.ANTHROPIC_BASE_URL, values.LITELLM_PROXY_URL)) {
    // Told, not refused: one address may serve both APIs, and a proxy that does not says so by itself (401).
    list.push(
      'ANTHROPIC_BASE_URL is the address of LiteLLM (LITELLM_PROXY_URL), so ANTHROPIC_API_KEY goes to the proxy: leave ANTHROPIC_BASE_URL empty so that Claude is reached directly, or set LITELLM_ENABLED and ALLOW_ANTHROPIC_VIA_LITELLM to true.',
    );
  } else if (travelsInClear(values.ANTHROPIC_BASE_URL)) {
    list.push(
      'ANTHROPIC_BASE_URL is plain http to another host, so ANTHROPIC_API_KEY travels unencrypted: use https.',
    );
  }
  return list;
}

/** Every contradiction of the settings at once, each naming the variable and the fix, never a value. */
export function findFaults(read: SettingsRead): Faults {
  const litellm = litellmFaults(read);
  return { litellm, anthropic: anthropicFaults(read, litellm), others: others(read) };
}
