import * as z from 'zod/mini';
import { accessSettings } from './config-access.ts';
import { limitSettings } from './config-limits.ts';
import { toolSettings } from './config-tools.ts';
import { usageSettings } from './config-usage.ts';
import { flag, webAddress, wholeNumber } from './config-values.ts';
import { parseVersion } from './health/version.ts';

const text = z.string();

const seconds = z.coerce
  .number({ error: 'must be a number of seconds' })
  .check(z.gt(0, 'must be more than 0 seconds'), z.lte(3600, 'must be at most 3600 seconds'));

/** Slashes at the end and one `/v1` are taken off: the SDKs and probes add the path themselves. */
export function trimBaseUrl(value: string): string {
  return value.replace(/\/+$/, '').replace(/\/v1$/, '').replace(/\/+$/, '');
}

const baseUrl = webAddress.check(z.overwrite(trimBaseUrl));

const version = z
  .string()
  .check(z.refine((value) => parseVersion(value) !== null, 'must be a version such as 1.84.0'));

/**
 * Every setting, once, with the reason for its default. All are strings in `env`; an empty string means
 * not set. `.dev.vars.example` explains them to the person who sets them.
 */
export const settingsSchema = z.object({
  /** Set by `npm start` alone: a deployment can never lift its own rules by the look of a host name (CMD6). */
  LOCAL: z._default(flag, false),
  /** Set by `npm start` when it runs the embedded upstreams, so that their answers are marked (CMD5). */
  SIMULATED: z._default(flag, false),

  /** Needed for Claude on the direct path, whatever the address. */
  ANTHROPIC_API_KEY: z._default(text, ''),
  /** Empty is Anthropic itself. */
  ANTHROPIC_BASE_URL: z._default(baseUrl, ''),
  /** Silence after which a stream is given up; Claude's pings come far more often. */
  ANTHROPIC_TIMEOUT_S: z._default(seconds, 60),

  /** Off by default: a home side is the exception, and its absence must cost nothing. */
  LITELLM_ENABLED: z._default(flag, false),
  LITELLM_PROXY_URL: z._default(baseUrl, ''),
  LITELLM_MASTER_KEY: z._default(text, ''),
  /** `model_name` in LiteLLM's configuration. */
  LITELLM_MODEL: z._default(text, 'ollama-qwen2.5'),
  /** 1.84.0 is the first release without the known authentication bypasses (CVE-2026-49468). */
  LITELLM_MIN_VERSION: z._default(version, '1.84.0'),
  /** Longer than Claude's: a home model reads a long prompt before its first byte. */
  LITELLM_TIMEOUT_S: z._default(seconds, 120),
  /** None: a dropped request aborts Ollama's loading of the model, so a retry starts it all over. */
  LITELLM_MAX_RETRIES: z._default(wholeNumber(0, 5), 0),
  /** Scenario 3 of the requirements plan; off, because a proxy between us and Claude costs features. */
  ALLOW_ANTHROPIC_VIA_LITELLM: z._default(flag, false),
  /** Service token of Cloudflare Access for the tunnel's host name; only both together. */
  CF_ACCESS_CLIENT_ID: z._default(text, ''),
  CF_ACCESS_CLIENT_SECRET: z._default(text, ''),

  /** Optional: empty, the home model's presence is judged through LiteLLM alone. */
  OLLAMA_BASE_URL: z._default(baseUrl, ''),
  /** The tag that Ollama must have; made from qwen2.5:14b-instruct with num_ctx 8192. */
  OLLAMA_MODEL: z._default(text, 'qwen2.5:14b-instruct-8k'),

  /** Empty: Automatic where Claude is configured, else the home model. */
  DEFAULT_MODEL: z._default(text, ''),
  ENABLE_MODEL_SELECTION: z._default(flag, true),
  /** Replaces the built-in one: what every model is told. The same for everybody, or prompts are not cached. */
  SYSTEM_PROMPT: z._default(text, ''),
  /** Replaces what is said about NetBox to models that are offered tools. */
  TOOLS_PROMPT: z._default(text, ''),
  /** How Automatic weighs quality against price; a person may choose otherwise for their own messages. */
  AUTO_MODE: z._default(
    z.enum(['economy', 'balanced', 'quality'], { error: 'must be economy, balanced or quality' }),
    'balanced',
  ),
  /** Off: it costs a call and up to the time limit, and nobody has shown yet that Haiku judges better than the router. */
  AUTO_SECOND_OPINION: z._default(flag, false),
  /** Milliseconds that an answer may wait for it. */
  AUTO_SECOND_OPINION_MS: z._default(wholeNumber(100, 10_000), 1_000),
  /** On, and always announced; people who chose home for privacy switch it off (R9). */
  LOCAL_FALLBACK: z._default(flag, true),
  /** The cheapest of today's models, with a rate limit of its own. */
  FALLBACK_MODEL: z._default(text, 'claude-haiku-5-5'),
  /** JSON, checked entry by entry in models/overrides.ts. */
  MODELS: z._default(text, ''),

  /** Days; 0 keeps sessions for ever. A secret link in a forgotten browser should not open a conversation for years. */
  RETENTION_DAYS: z._default(wholeNumber(0, 3650), 90),
  /** Long enough to lose a connection and come back, short enough that a forgotten answer costs little. */
  UNWATCHED_LIMIT_S: z._default(seconds, 300),
  /** Estimated output tokens, counted from the moment nobody watches any more. */
  UNWATCHED_LIMIT_TOKENS: z._default(wholeNumber(1, 1_000_000), 16_000),

  ...limitSettings,

  ...accessSettings,

  ...usageSettings,

  ...toolSettings,

  /** Besides the Worker's own origin; separated by commas or spaces. */
  ALLOWED_ORIGINS: z._default(text, ''),
  LOG_LEVEL: z._default(
    z.pipe(
      z.string().check(z.toUpperCase()),
      z.enum(['DEBUG', 'INFO', 'WARNING', 'ERROR'], { error: 'must be DEBUG, INFO, WARNING or ERROR' }),
    ),
    'INFO',
  ),
  LOG_MODEL_USAGE: z._default(flag, true),
});

export type Settings = z.infer<typeof settingsSchema>;
export type SettingName = keyof Settings;

/** Every name that `readSettings` looks at, in the order of the schema. */
export const SETTING_NAMES: readonly string[] = Object.keys(settingsSchema.shape);

/** A binding that is no text (a namespace, a fetcher) is never a setting; `vars` may hold numbers, booleans and JSON. */
export function asText(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return JSON.stringify(value);
  if (typeof value !== 'string') return '';
  const trimmed = value.trim();
  // Files made for a shell keep their quotes when they are read by something that is none.
  const quoted = /^(["'])(.*)\1$/s.exec(trimmed);
  return (quoted?.[2] ?? trimmed).trim();
}

export type SettingsRead = {
  values: Settings;
  /** Name of a setting whose value was refused, and why; its default is in `values`. Never the value itself. */
  faulty: ReadonlyMap<string, string>;
  /** What was set, as text: only names that are set. */
  raw: ReadonlyMap<string, string>;
};

/** Reads and checks all settings at once: one faulty value never hides another, nor spoils a good one. */
export function readSettings(env: Record<string, unknown>): SettingsRead {
  const raw = new Map<string, string>();
  for (const name of SETTING_NAMES) {
    const value = asText(env[name]);
    if (value !== '') raw.set(name, value);
  }
  const faulty = new Map<string, string>();
  const first = z.safeParse(settingsSchema, Object.fromEntries(raw));
  if (first.success) return { values: first.data, faulty, raw };
  for (const issue of first.error.issues) {
    const name = String(issue.path[0]);
    if (!faulty.has(name)) faulty.set(name, issue.message);
  }
  const good = [...raw].filter(([name]) => !faulty.has(name));
  return { values: z.parse(settingsSchema, Object.fromEntries(good)), faulty, raw };
}
