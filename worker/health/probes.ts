import * as z from 'zod/mini';
import type { Config } from '../config.ts';
import { type Fault, get, type Outcome, type Place, type ProbeIo, transportFault } from './outcome.ts';
import type { LiveModel } from './types.ts';
import { parseVersion } from './version.ts';

/** What a probe found out about its service, before anything is made of it. */
type Found = {
  isUp: boolean;
  latency_ms: number | null;
  /** One sentence for a person; never a key, an address or an upstream's body. */
  detail: string;
  /** What kind of fault it is; absent while the service is up. */
  fault?: Fault['kind'];
};
export type AnthropicProbe = Found & { live_models: LiveModel[] };
export type LitellmProbe = Found & {
  /** `model_name`s at the proxy; null where the list could not be read. */
  models: string[] | null;
  /** As the proxy tells it, checked for its form; null where it does not. */
  version: string | null;
};
export type OllamaProbe = Found & {
  /** Whether the wanted tag is there; null where that could not be seen. */
  hasModel: boolean | null;
  /** Whether Ollama has it in memory; null where that could not be seen. */
  isLoaded: boolean | null;
};

const CLAUDE: Place = { service: 'Claude', setting: 'ANTHROPIC_BASE_URL', isHome: false };
const LITELLM: Place = { service: 'LiteLLM', setting: 'LITELLM_PROXY_URL', isHome: true };
const OLLAMA: Place = { service: 'Ollama', setting: 'OLLAMA_BASE_URL', isHome: true };

function down(outcome: Outcome, { kind, detail }: Fault): Found {
  return { isUp: false, latency_ms: outcome.kind === 'answer' ? outcome.ms : null, detail, fault: kind };
}

const SILENT: Fault = { kind: 'down', detail: '' };
const notAllowed = (detail: string): Fault => ({ kind: 'not_allowed', detail });

const idList = z.object({ data: z.array(z.object({ id: z.string() })) });

function readIds(outcome: Outcome): string[] | null {
  const parsed =
    outcome.kind === 'answer' && outcome.status === 200 ? z.safeParse(idList, outcome.json) : null;
  return parsed?.success ? parsed.data.data.map((model) => model.id) : null;
}

const liveModel = z.object({
  id: z.string(),
  lifecycle: z.enum(['active', 'deprecated', 'retired']),
  retires_at: z.optional(z.nullable(z.string())),
});

/** Only the entries that tell a lifecycle: an upstream that imitates the API may list names alone. */
function readLiveModels(outcome: Outcome): LiveModel[] {
  const list =
    outcome.kind === 'answer' ? z.safeParse(z.object({ data: z.array(z.unknown()) }), outcome.json) : null;
  if (!list?.success) return [];
  return list.data.data.flatMap((item) => {
    const model = z.safeParse(liveModel, item);
    if (!model.success) return [];
    const { id, lifecycle, retires_at = null } = model.data;
    const date = retires_at === null ? Number.NaN : Date.parse(retires_at);
    return [{ id, lifecycle, retires_at: Number.isNaN(date) ? null : new Date(date).toISOString() }];
  });
}

/** The version that @anthropic-ai/sdk 1.12 sends; `lifecycle` came with it. */
const ANTHROPIC_VERSION = '2026-10-21';
/** As the SDK's `models.list` writes it: arrays in brackets. 1000 is the largest page, far above the catalogue. */
const ANTHROPIC_MODELS =
  '/v1/models?limit=1000&lifecycle%5B%5D=active&lifecycle%5B%5D=deprecated&lifecycle%5B%5D=retired';

/** Asks for the model list: free of charge, proves the key, and tells which models are about to end. */
export async function probeAnthropic(
  anthropic: NonNullable<Config['anthropic']>,
  io: ProbeIo,
): Promise<AnthropicProbe> {
  const headers = {
    ...anthropic.headers,
    authorization: `Bearer ${anthropic.apiKey}`,
    'anthropic-version': ANTHROPIC_VERSION,
  };
  const outcome = await get(`${anthropic.baseUrl}${ANTHROPIC_MODELS}`, headers, io);
  const fault = transportFault(outcome, CLAUDE);
  if (fault !== null || outcome.kind !== 'answer')
    return { ...down(outcome, fault ?? SILENT), live_models: [] };
  const { status, ms } = outcome;
  if (status === 401 || status === 402 || status === 403) {
    const why = {
      401: 'Claude refuses the key: check ANTHROPIC_API_KEY.',
      402: 'Claude refuses the key for want of payment: check the billing of the account behind ANTHROPIC_API_KEY.',
      403: 'Claude refuses the key, or requests from this part of the world: check ANTHROPIC_API_KEY.',
    }[status];
    return { ...down(outcome, notAllowed(why)), live_models: [] };
  }
  const note =
    status === 429
      ? 'Claude answers; its rate limit is reached.'
      : status !== 200 || readIds(outcome) === null
        ? 'Claude answers; its model list cannot be read, so the built-in dates hold.'
        : 'Claude answers.';
  return {
    isUp: true,
    latency_ms: ms,
    detail: note,
    live_models: status === 200 ? readLiveModels(outcome) : [],
  };
}

function versionIn(outcome: Outcome, fromBody: boolean): string | null {
  if (outcome.kind !== 'answer') return null;
  const body = fromBody ? z.safeParse(z.object({ litellm_version: z.string() }), outcome.json) : null;
  const text = body?.success ? body.data.litellm_version : (outcome.headers.get('x-litellm-version') ?? '');
  return parseVersion(text)?.text ?? null;
}

/**
 * Asks whether the proxy lives (without a key), what it offers and its version (with the key). Never
 * `/health`: that sends a real request to every model and loads the GPU. All answers share the round's time.
 */
export async function probeLitellm(
  litellm: NonNullable<Config['litellm']>,
  io: ProbeIo,
): Promise<LitellmProbe> {
  const nothing = { models: null, version: null };
  const withKey = { ...litellm.headers, authorization: `Bearer ${litellm.masterKey}` };
  const ask = (path: string, headers: Record<string, string>) =>
    get(`${litellm.proxyUrl}${path}`, headers, io);

  // All at once: over a slow way three answers one after the other would not fit into the round.
  const [alive, listed, details] = await Promise.all([
    ask('/health/liveliness', litellm.headers),
    ask('/v1/models', withKey),
    ask('/health/readiness/details', withKey),
  ]);
  const fault = transportFault(alive, LITELLM);
  if (fault !== null || alive.kind !== 'answer') return { ...down(alive, fault ?? SILENT), ...nothing };
  if (alive.status === 401 || alive.status === 403) {
    // This path needs no key of LiteLLM, so somebody before it has refused.
    return {
      ...down(
        alive,
        notAllowed(
          'A gate before LiteLLM refuses the request: check CF_ACCESS_CLIENT_ID and CF_ACCESS_CLIENT_SECRET.',
        ),
      ),
      ...nothing,
    };
  }

  let version = versionIn(details, true) ?? versionIn(listed, false) ?? versionIn(alive, false);
  // Before 1.84 it stood here, open to all: those are the releases that have to be told apart.
  version ??= versionIn(await ask('/health/readiness', litellm.headers), true);

  const listFault = transportFault(listed, LITELLM);
  if (listFault !== null || listed.kind !== 'answer')
    return { ...down(listed, listFault ?? SILENT), models: null, version };
  // Without a database LiteLLM answers 400 to a key that is not the master key ("No connected db").
  if ([400, 401, 403].includes(listed.status)) {
    return {
      ...down(listed, notAllowed('LiteLLM refuses the key: check LITELLM_MASTER_KEY on both sides.')),
      models: null,
      version,
    };
  }
  if (listed.status === 404) {
    const detail =
      "What answers at LITELLM_PROXY_URL does not know /v1/models: check the address, and the path in the tunnel's rule.";
    return { ...down(listed, { kind: 'down', detail }), models: null, version };
  }
  const models = readIds(listed);
  const detail = models === null ? 'LiteLLM answers; its model list cannot be read.' : 'LiteLLM answers.';
  return { isUp: true, latency_ms: alive.ms, detail, models, version };
}

const tags = z.object({
  models: z.array(z.object({ name: z.optional(z.string()), model: z.optional(z.string()) })),
});

/** Ollama adds `:latest` where a name has no tag. */
function withTag(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:latest`;
}

function readNames(outcome: Outcome): string[] | null {
  const parsed = outcome.kind === 'answer' && outcome.status === 200 ? z.safeParse(tags, outcome.json) : null;
  if (!parsed?.success) return null;
  return parsed.data.models.flatMap(({ name, model }) => [name, model].filter((one) => one !== undefined));
}

/** Asks which models are there, and which of them are in memory; loads none. */
export async function probeOllama(
  ollama: { baseUrl: string; model: string; headers: Record<string, string> },
  io: ProbeIo,
): Promise<OllamaProbe> {
  const nothing = { hasModel: null, isLoaded: null };
  const [outcome, running] = await Promise.all([
    get(`${ollama.baseUrl}/api/tags`, ollama.headers, io),
    get(`${ollama.baseUrl}/api/ps`, ollama.headers, io),
  ]);
  const fault = transportFault(outcome, OLLAMA);
  if (fault !== null || outcome.kind !== 'answer') return { ...down(outcome, fault ?? SILENT), ...nothing };
  if (outcome.status === 401 || outcome.status === 403) {
    const why =
      'Ollama, or a gate before it, refuses the request: behind a tunnel set httpHostHeader to localhost:11434, and check the service token.';
    return { ...down(outcome, notAllowed(why)), ...nothing };
  }
  const known = readNames(outcome);
  if (known === null) {
    const detail = 'What answers at OLLAMA_BASE_URL is not Ollama: check the address.';
    return { ...down(outcome, { kind: 'down', detail }), ...nothing };
  }
  const wanted = withTag(ollama.model);
  const hasModel = known.some((name) => withTag(name) === wanted);
  const detail = hasModel
    ? 'Ollama answers and has the model.'
    : `Ollama is reachable but does not have the model ${ollama.model}. Make it with litellm/make-model.sh.`;
  const isLoaded = readNames(running)?.some((name) => withTag(name) === wanted) ?? null;
  return { isUp: true, latency_ms: outcome.ms, detail, hasModel, isLoaded };
}

export type Round = {
  anthropic: AnthropicProbe | null;
  litellm: LitellmProbe | null;
  ollama: OllamaProbe | null;
};

/**
 * Asks everything that is configured, at the same time; null where there is nothing to ask. In scenario 3 Claude is
 * judged by what the proxy lists, so that it is not asked by itself. Never throws.
 */
export async function probeAll(config: Config, io: ProbeIo): Promise<Round> {
  const { anthropic, litellm, ollama } = config;
  const [a, l, o] = await Promise.all([
    anthropic?.routingPath === 'sdk_direct' ? probeAnthropic(anthropic, io) : null,
    litellm === null ? null : probeLitellm(litellm, io),
    litellm === null || ollama.baseUrl === null
      ? null
      : probeOllama({ ...ollama, baseUrl: ollama.baseUrl }, io),
  ]);
  return { anthropic: a, litellm: l, ollama: o };
}
