/** What one GET of a probe came to. A body is only ever looked into, never shown. */
export type Outcome =
  | { kind: 'timeout' }
  | { kind: 'unreachable' }
  | {
      kind: 'answer';
      status: number;
      headers: Headers;
      isHtml: boolean;
      /** The parsed body; undefined where it is no JSON. */
      json: unknown;
      /** Milliseconds until the whole answer was there. */
      ms: number;
    };

export type ProbeIo = {
  fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Ends every request of a round of probes. */
  signal: AbortSignal;
};

function aborted(signal: AbortSignal): Promise<'timeout'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('timeout');
    else signal.addEventListener('abort', () => resolve('timeout'), { once: true });
  });
}

async function request(url: string, headers: Record<string, string>, io: ProbeIo): Promise<Outcome> {
  // Called as a plain function: workerd's own `fetch` refuses any other `this`.
  const { fetch } = io;
  const started = io.now();
  // A redirect is an answer in itself here (a login page), and following it would carry the key elsewhere.
  const response = await fetch(url, { headers, redirect: 'manual', signal: io.signal });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const isHtml =
    /\bhtml\b/i.test(response.headers.get('content-type') ?? '') || /^\s*<(!doctype|html)\b/i.test(text);
  return {
    kind: 'answer',
    status: response.status,
    headers: response.headers,
    isHtml,
    json,
    ms: io.now() - started,
  };
}

/** One GET. Never throws; ends with the signal even where `fetch` does not. */
export async function get(url: string, headers: Record<string, string>, io: ProbeIo): Promise<Outcome> {
  if (io.signal.aborted) return { kind: 'timeout' };
  const answer = request(url, headers, io).catch(
    (): Outcome => (io.signal.aborted ? { kind: 'timeout' } : { kind: 'unreachable' }),
  );
  const first = await Promise.race([answer, aborted(io.signal)]);
  return first === 'timeout' ? { kind: 'timeout' } : first;
}

export type Place = {
  /** The service's name, as a person knows it. */
  service: string;
  /** The variable that holds its address. */
  setting: string;
  /** Whether it stands behind a tunnel of the person's own. */
  isHome: boolean;
};

/** What kind of fault keeps a service from speaking, and the sentence that says what to do. */
export type Fault = { kind: 'down' | 'tunnel_down' | 'not_allowed'; detail: string };

const downFault = (detail: string): Fault => ({ kind: 'down', detail });

function tunnelFault(status: number, { service }: Place): Fault | null {
  if (status === 530) {
    return { kind: 'tunnel_down', detail: `The tunnel to ${service} is not connected: start cloudflared.` };
  }
  if (status === 502) {
    return downFault(`The way to ${service} is open, but nothing answers at its end: start ${service}.`);
  }
  if (status === 504 || status === 522 || status === 524) {
    return downFault(
      `${service} did not answer its gateway in time. Its machine is busy, or still takes the model into memory: wait a minute.`,
    );
  }
  return null;
}

/**
 * The fault of an outcome in which no service of the right kind has spoken; null where one has. It has the
 * faults of a tunnel apart: what to do about them differs.
 */
export function transportFault(outcome: Outcome, place: Place): Fault | null {
  const { service, setting, isHome } = place;
  if (outcome.kind === 'timeout') {
    const todo = isHome ? 'see that its machine is on and awake' : 'it is asked again soon';
    return downFault(`${service} did not answer within 5 seconds: ${todo}.`);
  }
  if (outcome.kind === 'unreachable') return downFault(`${service} cannot be reached: check ${setting}.`);
  const { status, isHtml } = outcome;
  const tunnel = isHome ? tunnelFault(status, place) : null;
  if (tunnel !== null) return tunnel;
  if (status >= 300 && status < 400) {
    const guard =
      ', and the service token (CF_ACCESS_CLIENT_ID, CF_ACCESS_CLIENT_SECRET) if Cloudflare Access guards it';
    const detail = `${service} redirects elsewhere, as a login page does: check ${setting}${isHome ? guard : ''}.`;
    return { kind: 'not_allowed', detail };
  }
  if (isHtml && status < 300) return downFault(`A web page answers instead of ${service}: check ${setting}.`);
  // 501: it speaks HTTP but does not know this path or method, as 404 and 405.
  if (status >= 500 && status !== 501) {
    const todo = isHome ? ': look into its log' : '';
    return downFault(`${service} answers with an error (status ${status})${todo}.`);
  }
  return null;
}
