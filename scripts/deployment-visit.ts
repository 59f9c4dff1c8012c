import * as z from 'zod/mini';
import { errorBodySchema } from '../shared/index.ts';
import type { Deployment, Finding, Observed } from './diagnosis.ts';
import { cookieFaults, readAccess, type Strangers } from './safety.ts';

/** For one answer of a deployment; it waits for its own services meanwhile. */
const ANSWER_MS = 15_000;

/** No site has this name (RFC 2606). */
const ELSEWHERE = 'https://elsewhere.invalid';

/** What opens doors, from the environment of the doctor; null where it is not set. */
export type Keys = {
  passphrase: string | null;
  /** Headers of a service token of Cloudflare Access. */
  serviceToken: Record<string, string> | null;
};

export function readKeys(environment: NodeJS.ProcessEnv): Keys {
  const { CHATBOX_PASSPHRASE, CF_ACCESS_CLIENT_ID: id, CF_ACCESS_CLIENT_SECRET: secret } = environment;
  const serviceToken = id && secret ? { 'CF-Access-Client-Id': id, 'CF-Access-Client-Secret': secret } : null;
  return { passphrase: CHATBOX_PASSPHRASE || null, serviceToken };
}

export type Request = { method?: 'GET' | 'POST' | 'DELETE'; headers?: Record<string, string>; body?: string };

export async function observe(
  url: URL,
  path: string,
  signal: AbortSignal,
  request: Request = {},
): Promise<Observed> {
  const response = await fetch(new URL(path, url), {
    ...request,
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
  });
  const body = await response.text();
  let json: unknown = null;
  try {
    json = JSON.parse(body);
  } catch {
    // Not JSON: the page, or something that is no Chatbox at all.
  }
  return { status: response.status, headers: Object.fromEntries(response.headers), json };
}

/** What there is to see with these headers. @param health looked at already */
export async function visit(
  url: URL,
  headers: Record<string, string>,
  health: Observed,
  signal: AbortSignal,
): Promise<Deployment> {
  const [models, page, socketWithoutOrigin] = await Promise.all([
    observe(url, '/models?all=1', signal, { headers }),
    observe(url, '/', signal, { headers }),
    observe(url, '/ws', signal, { headers }),
  ]);
  return { url, health, models, page, socketWithoutOrigin };
}

/** Tries what a stranger may not. Should it succeed, what it made is taken away again. */
export async function visitAsStranger(
  url: URL,
  page: Observed,
  token: Record<string, string>,
  signal: AbortSignal,
): Promise<Strangers> {
  const [access, none, other, socketFromElsewhere] = await Promise.all([
    observe(url, '/access', signal, { headers: token }),
    observe(url, '/sessions', signal, { method: 'POST', headers: token }),
    observe(url, '/sessions', signal, { method: 'POST', headers: { ...token, Origin: ELSEWHERE } }),
    observe(url, '/ws', signal, { headers: { ...token, Origin: ELSEWHERE } }),
  ]);
  const mode = readAccess(access)?.mode ?? 'local';
  const headers = { Origin: url.origin };
  const session =
    mode === 'local' ? null : await observe(url, '/sessions', signal, { method: 'POST', headers });
  const id = session !== null && session.status < 300 ? sessionId(session.json) : null;
  if (id !== null) {
    const owner = { ...headers, Authorization: `Bearer ${id}` };
    await observe(url, '/sessions', signal, { method: 'DELETE', headers: owner });
  }
  return { url, access, page, session, writes: { none, other }, socketFromElsewhere };
}

function sessionId(json: unknown): string | null {
  if (typeof json !== 'object' || json === null || !('session_id' in json)) return null;
  return typeof json.session_id === 'string' ? json.session_id : null;
}

export type SignedIn = { cookie: Record<string, string>; unsafe: Finding[]; wrong: Finding[] };

/** Signs in with a passphrase, as the page does. */
export async function signIn(
  url: URL,
  passphrase: string,
  token: Record<string, string>,
  signal: AbortSignal,
): Promise<SignedIn> {
  const answer = await observe(url, '/sign-in', signal, {
    method: 'POST',
    headers: { ...token, Origin: url.origin, 'Content-Type': 'application/json' },
    body: JSON.stringify({ passphrase }),
  });
  if (answer.status !== 204) {
    const fault = z.safeParse(errorBodySchema, answer.json);
    const why = fault.success ? fault.data.error.message : `/sign-in answers ${answer.status}.`;
    return { cookie: {}, unsafe: [], wrong: [`Signing in with CHATBOX_PASSPHRASE failed: ${why}`] };
  }
  const header = answer.headers['set-cookie'] ?? '';
  return { cookie: { Cookie: header.split(';')[0] ?? '' }, unsafe: cookieFaults(header, url), wrong: [] };
}
