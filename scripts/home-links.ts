import type { Health } from '../shared/index.ts';

/** What a question to the home model passes, in this order; `settings` and `chat` only where they are in the way. */
export type LinkName =
  | 'settings'
  | 'tunnel'
  | 'Access'
  | 'proxy'
  | 'key'
  | 'version'
  | 'model list'
  | 'Ollama'
  | 'loading'
  | 'chat'
  | 'completion'
  | 'streaming';

/**
 * One link of the way to the home model. `skipped`: nothing is known of it, and that is no fault. `waiting`: a word
 * while something takes its time; the link itself is told later.
 */
export type Link = { name: LinkName; state: 'ok' | 'broken' | 'skipped' | 'waiting'; told: string };

/** Up to the model list and Ollama the probes have looked, without running a model. */
const PROBED = ['tunnel', 'Access', 'proxy', 'key', 'version', 'model list', 'Ollama'] as const;

/** The sentences of the probes and agents name the setting at fault, or the program; the first match counts. */
const NAMED: [RegExp, LinkName][] = [
  [/OLLAMA_BASE_URL|(?:^|to )Ollama\b/, 'Ollama'],
  [/LITELLM_MIN_VERSION|malicious/, 'version'],
  [/LITELLM_MODEL|model_list|model list|\/v1\/models|\(404\)/, 'model list'],
  [/CF_ACCESS_CLIENT/, 'Access'],
  [/LITELLM_MASTER_KEY/, 'key'],
  [/cloudflared|LITELLM_PROXY_URL|within \d+ seconds|connection to LiteLLM/, 'tunnel'],
  [/loading/, 'loading'],
];

/** The link at which a fault lies, by the sentence that tells it. What names no other is the proxy's. */
export function linkOf(sentence: string): LinkName {
  return NAMED.find(([pattern]) => pattern.test(sentence))?.[1] ?? 'proxy';
}

/** What to do at home, beyond what the sentence of the fault says; the folder is `litellm/`. */
const ADVICE: Record<LinkName, string> = {
  settings: '',
  tunnel:
    'At home, in litellm/: `docker compose ps` shows whether cloudflared and litellm run; `docker compose --profile ollama --profile tunnel up -d` starts them.',
  Access:
    'litellm/README.md, 4.1: a service token expires, and the action of the policy is Service Auth, not Allow.',
  proxy:
    'At home, in litellm/: `docker compose ps` and `docker compose logs litellm`; the service of the tunnel is http://litellm:4000, not localhost.',
  key: 'It stands in litellm/.env; a deployment gets it with `npx wrangler secret put LITELLM_MASTER_KEY`.',
  version:
    'At home: a newer version tag in litellm/docker-compose.yml, then `docker compose --profile ollama up -d`.',
  'model list':
    "At home: LITELLM_MODEL is a model_name in litellm/config.yaml, `model:` there a tag of `ollama list`, and the tunnel's path rules let /v1/models and /v1/chat/completions through (litellm/README.md, 4.2).",
  Ollama: 'At home, in litellm/: `docker compose logs ollama model` says what keeps Ollama from answering.',
  loading:
    'The edge gives up after 100 s without a byte: keep the model loaded with `./preload.sh --stay` in litellm/, or take a smaller one, and run the doctor again.',
  chat: '',
  completion: 'At home, in litellm/: `docker compose logs litellm ollama`.',
  streaming:
    'Take a named tunnel, not a quick one, and no proxy in between that holds answers back (litellm/README.md, "Why no quick tunnel").',
};

/** A broken link as a finding: what is wrong, and what to do. */
export function findingOf({ name, told }: Link): string {
  const at = name === 'completion' ? linkOf(told) : name;
  return `The ${name === 'chat' ? 'chat' : 'home model'}: ${told} ${ADVICE[at]}`.trimEnd();
}

/**
 * The links that a round of probes has looked at, up to the first broken one.
 * @param reason why the home model cannot answer; null when it can
 * @param isCold whether Ollama has to load the model before it answers
 */
export function probedLinks(
  { litellm, ollama }: Pick<Health['services'], 'litellm' | 'ollama'>,
  reason: string | null,
  isCold: boolean,
): Link[] {
  const told: Record<(typeof PROBED)[number], string> = {
    tunnel: 'the way to LiteLLM is open',
    Access: 'no gate before LiteLLM refuses',
    proxy: litellm.detail,
    key: 'LiteLLM takes it',
    version: litellm.version ?? 'not told by LiteLLM',
    'model list': 'it has the model',
    Ollama: ollama.detail,
  };
  // A LiteLLM that is let through always lists: this is a rule of the tunnel, or another program.
  const unread = litellm.status === 'up' && linkOf(litellm.detail) === 'model list' ? litellm.detail : null;
  const fault = reason ?? unread;
  const broken = fault === null ? null : linkOf(fault);
  const links: Link[] = [];
  for (const name of PROBED) {
    if (fault !== null && name === broken) return [...links, { name, state: 'broken', told: fault }];
    // A version can be told without the key.
    if (name === 'key' && broken === 'version') continue;
    const isUnknown =
      (name === 'version' && litellm.version === undefined) || (name === 'Ollama' && ollama.status !== 'up');
    links.push({ name, state: isUnknown ? 'skipped' : 'ok', told: told[name] });
  }
  if (fault !== null) return [{ name: 'proxy', state: 'broken', told: fault }];
  if (isCold) {
    const said = 'the model is not in memory: loading it, which may take minutes';
    links.push({ name: 'loading', state: 'waiting', told: said });
  } else if (ollama.status === 'up') {
    links.push({ name: 'loading', state: 'ok', told: 'the model need not be loaded first' });
  }
  return links;
}
