import * as z from 'zod/mini';
import { type Access, accessSchema, errorBodySchema } from '../shared/index.ts';
import { isTurnstileTestKey } from '../worker/guard/door.ts';
import { LOCAL_HOSTS } from '../worker/guard/origin.ts';
import { policyFaults } from './content-policy.ts';
import type { Finding, Observed } from './diagnosis.ts';

/** What a stranger gets to see: nobody is signed in, no token of Access is shown. */
export type Strangers = {
  url: URL;
  access: Observed;
  page: Observed;
  /** `POST /sessions` with the deployment's own Origin; null where nobody has to sign in. */
  session: Observed | null;
  /** `POST /sessions` without an Origin, and with one of another site. */
  writes: { none: Observed; other: Observed };
  /** `GET /ws` with the Origin of another site. */
  socketFromElsewhere: Observed;
};

export type Judgement = {
  /** Must not stay so: a paid key, or somebody's conversations, may be open to others. */
  unsafe: Finding[];
  /** Does not work, or not as it should. */
  wrong: Finding[];
  /** Works, and could be safer. */
  advice: Finding[];
};

const TRANSPORT = 'Always Use HTTPS';

/** What `GET /access` says; null where that is not in its format. */
export function readAccess(access: Observed): Access | null {
  const read = z.safeParse(accessSchema, access.json);
  return access.status === 200 && read.success ? read.data : null;
}

/** A Worker with LOCAL=true under a public name refuses everything in these words. */
function isLocalWorker({ status, json }: Observed): boolean {
  const fault = z.safeParse(errorBodySchema, json);
  return status === 403 && fault.success && /^A local Worker/.test(fault.data.error.message);
}

function originFaults({ writes, socketFromElsewhere }: Strangers): Finding[] {
  const asked: [string, Observed][] = [
    ['POST /sessions without an Origin', writes.none],
    ["POST /sessions with another site's Origin", writes.other],
    ["/ws with another site's Origin", socketFromElsewhere],
  ];
  return asked
    .filter(([, { status }]) => status !== 403)
    .map(
      ([request, { status }]) =>
        `${request} is answered with ${status}, not 403: other sites may use this chat in the name of who is signed in. Something before the Worker changes the request, or ALLOWED_ORIGINS is too wide.`,
    );
}

function accessFaults(access: Access, isLocal: boolean): Judgement {
  const unsafe: Finding[] = [];
  const wrong: Finding[] = [];
  const key = access.turnstile_site_key;
  if (access.mode === 'local' && !isLocal)
    unsafe.push(
      'Nobody has to sign in: LOCAL is true here. Take it away (`npx wrangler secret delete LOCAL`, or in the dashboard).',
    );
  if (key !== null && isTurnstileTestKey(key) && !isLocal)
    unsafe.push(
      "TURNSTILE_SITE_KEY is Turnstile's key for tests, which stops nobody: make a widget of your own in the dashboard.",
    );
  if (access.mode === 'closed')
    wrong.push(
      `Nobody gets an answer: ${access.message ?? 'no reason is given.'} \`npm run deploy\` asks for it.`,
    );
  return { unsafe, wrong, advice: [] };
}

/** What a deployment, or a local Worker, lets strangers do. */
export function judgeSafety(seen: Strangers): Judgement {
  const { url, access, page, session } = seen;
  const isLocal = LOCAL_HOSTS.has(url.hostname);
  if (isLocalWorker(access)) {
    const told =
      'LOCAL is true: such a Worker lifts its rules and answers only to localhost. Take it away (`npx wrangler secret delete LOCAL`, or in the dashboard).';
    return { unsafe: [told], wrong: [], advice: [] };
  }
  const said = readAccess(access);
  if (said === null) {
    const told = `/access answers ${access.status} in no known format, so it is not known who may come in: an older release, or a gate before it. \`npm run deploy\` brings this one.`;
    return { unsafe: [], wrong: [told], advice: [] };
  }
  const { unsafe, wrong, advice } = accessFaults(said, isLocal);
  unsafe.push(...originFaults(seen));
  // Behind Access, or closed, any refusal will do; only an open door is a fault.
  if (session !== null && session.status < 300)
    unsafe.push(
      `Somebody who is not signed in gets a session (POST /sessions: ${session.status}), although the mode is ${said.mode}.`,
    );
  const policy = page.headers['content-security-policy'];
  const faults = page.status === 200 && policy !== undefined ? policyFaults(policy) : [];
  if (faults.length > 0)
    unsafe.push(
      `The page's Content-Security-Policy allows too much (${faults.join(', ')}): what a model writes could become a script. web/static/_headers has the right one.`,
    );
  if (url.protocol === 'http:' && !isLocal)
    advice.push(`Switch on "${TRANSPORT}" for the domain, and give the doctor the https address.`);
  return { unsafe, wrong, advice };
}

/** Rules of the cookie beyond its name; each with what goes wrong without it. */
const COOKIE_RULES: readonly [RegExp, string][] = [
  [/;\s*HttpOnly/i, 'HttpOnly, so that scripts could read it'],
  [/;\s*SameSite=Strict/i, 'SameSite=Strict, so that other sites could send it'],
];

/** What is wrong with the cookie of a sign-in. @param cookie the header `Set-Cookie` */
export function cookieFaults(cookie: string, url: URL): Finding[] {
  const missing = COOKIE_RULES.filter(([rule]) => !rule.test(cookie)).map(([, told]) => told);
  if (url.protocol === 'https:' && !/^__Host-[^;]+;.*;\s*Secure/i.test(cookie))
    missing.push('the name __Host-… and Secure, so that other hosts of the domain could set it');
  return missing.map((told) => `The cookie of a sign-in lacks ${told}.`);
}

/** What to say about money, once somebody is signed in. */
export function spendingAdvice(access: Access): Finding[] {
  if (!access.signed_in || access.budget !== null || access.mode === 'local') return [];
  return [
    'No spending limit holds for who is signed in: set DAILY_BUDGET_USD (docs/spending.md), and a limit at your provider as well.',
  ];
}
