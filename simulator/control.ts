import type { Exchange } from './exchange.ts';

export const SERVICES = ['anthropic', 'litellm', 'ollama', 'netbox'] as const;
export type Service = (typeof SERVICES)[number];

/**
 * down: the connection is lost. slow: every answer waits two seconds first. hanging: no answer at all.
 * bad_key: every key is refused. html: a web page instead of everything. Or an HTTP status for everything.
 */
export const STATES = ['up', 'down', 'slow', 'hanging', 'bad_key', 'html'] as const;
export type State = (typeof STATES)[number] | number;

/** A request as an upstream saw it. */
export type SeenRequest = {
  id: number;
  service: Service;
  method: string;
  path: string;
  /** Without keys: where one was, it says so. */
  headers: Record<string, string>;
  model: string | null;
  /** As sent; null for a request that has none. */
  messages: unknown;
  stream: boolean;
  /** The whole parsed body, null without one. */
  body: unknown;
  started_at: string;
  /** Null while it goes on. */
  ended_at: string | null;
  status: number | null;
  /** The client went away before the answer was out. */
  aborted: boolean;
};

export const HOME_TAG = 'qwen2.5:14b-instruct-8k';
export const LITELLM_VERSION = '1.104.2';
const SLOW_MS = 2000;
/** Older requests are forgotten. */
const REMEMBERED = 500;
const SECRET_HEADERS = [
  'authorization',
  'x-api-key',
  'cookie',
  'cf-access-client-secret',
  'x-litellm-api-key',
];

/** What can be changed from outside while the simulator runs, and what it has seen. */
export class Control {
  readonly states: Record<Service, State> = { anthropic: 'up', litellm: 'up', ollama: 'up', netbox: 'up' };
  litellmVersion = LITELLM_VERSION;
  ollamaTags: string[] = [HOME_TAG];
  /** Ollama holds a model in memory only after its first answer. */
  homeLoaded = false;
  /** The simulated NetBox offers a tool that changes objects. */
  netboxWritable = false;
  requests: SeenRequest[] = [];
  /** How often everything was set back. */
  resets = 0;
  #count = 0;

  reset(): void {
    this.resets++;
    for (const service of SERVICES) this.states[service] = 'up';
    this.litellmVersion = LITELLM_VERSION;
    this.ollamaTags = [HOME_TAG];
    this.homeLoaded = false;
    this.netboxWritable = false;
    this.requests = [];
  }

  /** Notes a request, and its end when that comes. */
  see(service: Service, exchange: Exchange, now: () => Date): void {
    const body = parsed(exchange.body);
    const seen: SeenRequest = {
      id: ++this.#count,
      service,
      method: exchange.method,
      path: exchange.url.pathname,
      headers: withoutSecrets(exchange.request.headers),
      model: typeof body?.model === 'string' ? body.model : null,
      messages: body?.messages ?? null,
      stream: body?.stream === true,
      body,
      started_at: now().toISOString(),
      ended_at: null,
      status: null,
      aborted: false,
    };
    this.requests.push(seen);
    if (this.requests.length > REMEMBERED) this.requests.shift();
    exchange.onClose(() => {
      seen.ended_at = now().toISOString();
      seen.status = exchange.status;
      seen.aborted = exchange.abandoned;
    });
  }

  /**
   * Does to the exchange what the state of the service asks for.
   * @returns whether the service still has to answer it.
   */
  async admit(service: Service, exchange: Exchange, page: string): Promise<boolean> {
    const state = this.states[service];
    switch (state) {
      case 'up':
      case 'bad_key':
        return true;
      case 'slow':
        await exchange.sleep(SLOW_MS);
        return !exchange.gone;
      case 'hanging':
        await exchange.untilGone();
        return false;
      case 'down':
        exchange.destroy();
        return false;
      case 'html':
        exchange.send(200, 'text/html; charset=utf-8', page);
        return false;
      default:
        exchange.json(state, {
          error: { type: 'api_error', message: 'simulated fault', code: String(state) },
        });
        return false;
    }
  }
}

/**
 * `GET /control`, `POST /control`, `GET /control/requests`, `DELETE /control/requests`; see README.md.
 * Only for the machine itself: it can make every answer fail.
 */
export function handleControl(exchange: Exchange, control: Control): void {
  if (!isLoopback(exchange)) {
    exchange.json(403, { error: 'only from this machine' });
    return;
  }
  const { pathname } = exchange.url;
  if (pathname === '/control/requests') {
    if (exchange.method === 'DELETE') control.requests = [];
    exchange.json(200, { requests: control.requests });
    return;
  }
  if (pathname !== '/control') {
    exchange.json(404, { error: 'not found' });
    return;
  }
  if (exchange.method === 'POST') {
    const fault = change(control, parsed(exchange.body));
    if (fault !== null) {
      exchange.json(400, { error: fault });
      return;
    }
  }
  const { states, litellmVersion, ollamaTags, homeLoaded, netboxWritable } = control;
  exchange.json(200, {
    services: states,
    litellm_version: litellmVersion,
    ollama_tags: ollamaTags,
    home_loaded: homeLoaded,
    netbox_writable: netboxWritable,
  });
}

function change(control: Control, order: Record<string, unknown> | null): string | null {
  if (order === null) return 'the body is not a JSON object';
  const { reset, service, state, litellm_version, ollama_tags, netbox_writable } = order;
  if (reset === true) control.reset();
  if (service !== undefined || state !== undefined) {
    const known = SERVICES.find((name) => name === service);
    if (known === undefined) return `service is one of ${SERVICES.join(', ')}`;
    const wanted = STATES.find((name) => name === state);
    if (wanted !== undefined) control.states[known] = wanted;
    else if (typeof state === 'number' && state >= 400 && state <= 599) control.states[known] = state;
    else return `state is one of ${STATES.join(', ')}, or an HTTP status from 400 to 599`;
  }
  if (typeof litellm_version === 'string') control.litellmVersion = litellm_version;
  if (typeof netbox_writable === 'boolean') control.netboxWritable = netbox_writable;
  if (Array.isArray(ollama_tags)) control.ollamaTags = ollama_tags.filter((tag) => typeof tag === 'string');
  return null;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function withoutSecrets(headers: Exchange['request']['headers']): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) shown[name] = SECRET_HEADERS.includes(name) ? '(present)' : String(value);
  }
  return shown;
}

function isLoopback(exchange: Exchange): boolean {
  const address = exchange.request.socket.remoteAddress ?? '';
  // The Host keeps out a page in a browser whose name was made to point here.
  return (
    /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address) &&
    /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(exchange.header('host') ?? '')
  );
}
