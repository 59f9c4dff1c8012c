/** Tests only. A script of answers by method-less `host/path`; what is not in it cannot be reached. */
export type Script = Record<string, Response | 'hang' | 'unreachable' | (() => Response)>;

export type ScriptedFetch = {
  fetch: typeof fetch;
  /** Every request so far: `host/path?query` and its headers. */
  calls: { url: string; headers: Headers; redirect: string | undefined }[];
};

function pathOf(url: URL): string {
  return `${url.host}${url.pathname}`;
}

/** A `fetch` that answers from a script. Hanging requests end with their signal alone. */
export function scriptedFetch(script: Script): ScriptedFetch {
  const calls: ScriptedFetch['calls'] = [];
  const scripted: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    calls.push({ url: url.href, headers: new Headers(init?.headers), redirect: init?.redirect });
    const answer = script[pathOf(url)] ?? 'unreachable';
    if (answer === 'unreachable') throw new TypeError(`fetch failed: ${url.href}`);
    if (answer !== 'hang') return typeof answer === 'function' ? answer() : answer.clone();
    return new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
    });
  };
  return { fetch: scripted, calls };
}

export function json(body: unknown, init: ResponseInit = {}): Response {
  return Response.json(body, init);
}

export function html(status = 200): Response {
  return new Response('<!doctype html><title>Secret page of the upstream</title>', {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
  });
}

export function redirect(): Response {
  return new Response(null, { status: 302, headers: { location: 'https://login.example/secret' } });
}

/** All three services well, on the addresses of `aConfig()`. */
export function allWell(more: Script = {}): Script {
  return {
    'api.anthropic.com/v1/models': json({
      data: [{ id: 'claude-haiku-5-5', type: 'model', lifecycle: 'active', retires_at: null }],
      has_more: false,
    }),
    '127.0.0.1:4000/health/liveliness': json("I'm alive!"),
    '127.0.0.1:4000/v1/models': json({ data: [{ id: 'ollama-qwen2.5', object: 'model' }], object: 'list' }),
    '127.0.0.1:4000/health/readiness/details': json({ status: 'healthy', litellm_version: '1.104.2' }),
    '127.0.0.1:11434/api/tags': json({
      models: [{ name: 'qwen2.5:14b-instruct-8k', model: 'qwen2.5:14b-instruct-8k' }],
    }),
    ...more,
  };
}
