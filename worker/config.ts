import { createHash } from 'node:crypto';
import type { AutoMode } from '../shared/index.ts';
import { NETBOX_PROMPT, SYSTEM_PROMPT, type SystemPrompts } from './agents/system-prompt.ts';
import { type AccessSettings, type Rates, readAccess, readRates } from './config-access.ts';
import { findFaults } from './config-faults.ts';
import { type DailyBudgets, readBudgets, readLimits, type SessionLimits } from './config-limits.ts';
import { asText, readSettings, SETTING_NAMES, type Settings } from './config-settings.ts';
import { readTools, type ToolsConfig } from './config-tools.ts';
import { type OperatorSettings, readOperator } from './config-usage.ts';
import { DATA_RULE } from './tools/as-data.ts';

export type { Rates };
export { SETTING_NAMES };

/** How a deployment is put together, as the requirements plan names it. */
export type Scenario = 'direct_and_home' | 'direct_only' | 'all_via_litellm' | 'home_only' | 'none';

export type LogLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';

/** Every setting, parsed once. Nothing else reads `env`. */
export type Config = {
  scenario: Scenario;
  /** `npm start` says so; it lifts the rules for public deployments (CONTRACT CMD6). */
  local: boolean;
  /** The upstreams are the embedded ones (CMD5). */
  simulated: boolean;
  /** Claude, direct or (scenario 3) through the proxy; null when no Claude model can be offered. */
  anthropic: {
    apiKey: string;
    /** Origin and path prefix without `/v1` and without a trailing slash. */
    baseUrl: string;
    /** Silence after which a stream is given up, milliseconds. */
    timeoutMs: number;
    /** `litellm_proxy` only in scenario 3. */
    routingPath: 'sdk_direct' | 'litellm_proxy';
    /** Extra headers for the tunnel's service token; empty on the direct path. */
    headers: Record<string, string>;
  } | null;
  /** The home side; null when it is off or not usable. */
  litellm: {
    /** Without `/v1` and without a trailing slash. */
    proxyUrl: string;
    masterKey: string;
    /** `model_name` of the home model at the proxy. */
    model: string;
    minVersion: string;
    timeoutMs: number;
    maxRetries: number;
    headers: Record<string, string>;
  } | null;
  /** `LITELLM_ENABLED`: tells a home side that is switched off from one that is not complete. */
  litellmEnabled: boolean;
  /** `headers` carry the tunnel's service token; empty where the address is not https. */
  ollama: { baseUrl: string | null; model: string; headers: Record<string, string> };
  /** Why Claude, or the home model, is off: in words that name the variable and the fix. */
  anthropicOffReason: string | null;
  litellmOffReason: string | null;
  /** As set; null lets the registry decide. */
  defaultModel: string | null;
  modelSelection: boolean;
  autoMode: AutoMode;
  /** What models are told. */
  prompts: SystemPrompts;
  /** How long Automatic waits for Haiku's opinion where it is uncertain, milliseconds; null: it is not asked. */
  secondOpinionMs: number | null;
  localFallback: boolean;
  fallbackModel: string;
  /** The JSON of `MODELS`, checked entry by entry in models/overrides.ts. */
  modelOverrides: string | null;
  /** Days after which an untouched session deletes itself; null keeps it for ever. */
  retentionDays: number | null;
  /** How far a run goes on with nobody watching: milliseconds, and estimated output tokens. */
  unwatched: { ms: number; tokens: number };
  access: AccessSettings;
  /** Who may see what the whole deployment has used. */
  operator: OperatorSettings;
  rates: Rates;
  budgets: DailyBudgets;
  limits: SessionLimits;
  /** Servers of tools, and what they may take. */
  tools: ToolsConfig;
  allowedOrigins: string[];
  logLevel: LogLevel;
  logModelUsage: boolean;
  /** Faults that leave nothing to offer: every one names its variable and the fix (H7). Empty when fine. */
  fatal: string[];
  /** Faults that disable only what they concern. */
  warnings: string[];
  /** Changes whenever a setting changes; contains no secret (a digest). Keys the health cache. */
  hash: string;
};

/** Bindings that change the way to the home machine, and so what is known about its health. */
const PRIVATE_WAYS = ['LITELLM_VPC', 'OLLAMA_VPC'];

const ANTHROPIC_URL = 'https://api.anthropic.com';

function serviceToken(values: Settings): Record<string, string> {
  if (values.CF_ACCESS_CLIENT_ID === '' || values.CF_ACCESS_CLIENT_SECRET === '') return {};
  return {
    'CF-Access-Client-Id': values.CF_ACCESS_CLIENT_ID,
    'CF-Access-Client-Secret': values.CF_ACCESS_CLIENT_SECRET,
  };
}

/** Origins as a browser sends them; what is none goes into `warnings`. */
function readOrigins(list: string, warnings: string[]): string[] {
  const origins: string[] = [];
  for (const item of list.split(/[\s,]+/).filter((part) => part !== '')) {
    const url = URL.parse(item);
    if (
      url !== null &&
      /^https?:$/.test(url.protocol) &&
      url.origin === item.replace(/\/$/, '').toLowerCase()
    ) {
      origins.push(url.origin);
    } else {
      warnings.push(
        'ALLOWED_ORIGINS has an entry that is no origin such as https://chat.example.com: it is left out.',
      );
    }
  }
  return [...new Set(origins)];
}

function scenarioOf(anthropic: Config['anthropic'], litellm: Config['litellm']): Scenario {
  if (anthropic?.routingPath === 'litellm_proxy') return 'all_via_litellm';
  if (anthropic !== null) return litellm === null ? 'direct_only' : 'direct_and_home';
  return litellm === null ? 'none' : 'home_only';
}

/**
 * Parses every setting of `env`, once and all at once. Never throws: what is wrong is in `fatal` (nothing
 * is left to offer) or `warnings`, and what it concerns is null with its reason beside it (CONTRACT H7).
 * @param env the Worker's bindings, or `process.env`; names that are no settings are not looked at
 */
export function readConfig(env: Record<string, unknown>): Config {
  const read = readSettings(env);
  const { values } = read;
  const faults = findFaults(read);
  const warnings = [...faults.others];
  const allowedOrigins = readOrigins(values.ALLOWED_ORIGINS, warnings);
  const token = serviceToken(values);

  const litellm: Config['litellm'] =
    faults.litellm.length > 0
      ? null
      : {
          proxyUrl: values.LITELLM_PROXY_URL,
          masterKey: values.LITELLM_MASTER_KEY,
          model: values.LITELLM_MODEL,
          minVersion: values.LITELLM_MIN_VERSION,
          timeoutMs: values.LITELLM_TIMEOUT_S * 1000,
          maxRetries: values.LITELLM_MAX_RETRIES,
          headers: token,
        };
  const viaProxy = litellm !== null && values.ALLOW_ANTHROPIC_VIA_LITELLM;
  const anthropic: Config['anthropic'] =
    faults.anthropic.length > 0
      ? null
      : {
          // The master key only ever goes to the proxy, whatever ANTHROPIC_BASE_URL says.
          apiKey: viaProxy ? litellm.masterKey : values.ANTHROPIC_API_KEY,
          baseUrl: viaProxy ? litellm.proxyUrl : values.ANTHROPIC_BASE_URL || ANTHROPIC_URL,
          timeoutMs: values.ANTHROPIC_TIMEOUT_S * 1000,
          routingPath: viaProxy ? 'litellm_proxy' : 'sdk_direct',
          headers: viaProxy ? token : {},
        };

  warnings.push(...faults.anthropic);
  if (values.LITELLM_ENABLED) warnings.push(...faults.litellm);
  const tools = readTools(values, { names: SETTING_NAMES, lookUp: (name) => asText(env[name]) }, warnings);
  const hash = createHash('sha256')
    .update(JSON.stringify(SETTING_NAMES.map((name) => [name, read.raw.get(name) ?? ''])))
    .update(JSON.stringify(tools.servers.map(({ token }) => token)))
    .update(JSON.stringify(PRIVATE_WAYS.map((name) => typeof env[name])))
    .digest('hex');

  return {
    scenario: scenarioOf(anthropic, litellm),
    local: values.LOCAL,
    simulated: values.SIMULATED,
    anthropic,
    litellm,
    litellmEnabled: values.LITELLM_ENABLED,
    ollama: {
      baseUrl: values.OLLAMA_BASE_URL || null,
      model: values.OLLAMA_MODEL,
      headers: values.OLLAMA_BASE_URL.startsWith('https:') ? token : {},
    },
    anthropicOffReason: anthropic === null ? faults.anthropic.join(' ') : null,
    litellmOffReason: litellm === null ? faults.litellm.join(' ') : null,
    defaultModel: values.DEFAULT_MODEL || null,
    modelSelection: values.ENABLE_MODEL_SELECTION,
    autoMode: values.AUTO_MODE,
    prompts: {
      base: values.SYSTEM_PROMPT || SYSTEM_PROMPT,
      tools: tools.servers.some(({ mode }) => mode !== 'off') ? toolPrompt(values) : null,
    },
    secondOpinionMs: values.AUTO_SECOND_OPINION ? values.AUTO_SECOND_OPINION_MS : null,
    localFallback: values.LOCAL_FALLBACK,
    fallbackModel: values.FALLBACK_MODEL,
    modelOverrides: values.MODELS || null,
    retentionDays: values.RETENTION_DAYS === 0 ? null : values.RETENTION_DAYS,
    unwatched: { ms: values.UNWATCHED_LIMIT_S * 1000, tokens: values.UNWATCHED_LIMIT_TOKENS },
    access: readAccess(values, read.faulty, warnings),
    operator: readOperator(values, warnings),
    rates: readRates(values),
    budgets: readBudgets(values, read.faulty),
    limits: readLimits(values),
    tools,
    allowedOrigins,
    logLevel: values.LOG_LEVEL,
    logModelUsage: values.LOG_MODEL_USAGE,
    fatal: anthropic === null && litellm === null ? [...faults.anthropic, ...faults.litellm] : [],
    warnings,
    hash,
  };
}

/** The rule for what tools return is not the operator's to leave out. */
function toolPrompt({ NETBOX_MCP_URL, TOOLS_PROMPT }: Settings): string {
  const words = TOOLS_PROMPT || (NETBOX_MCP_URL === '' ? '' : NETBOX_PROMPT);
  return [words, DATA_RULE].filter((part) => part !== '').join('\n\n');
}
