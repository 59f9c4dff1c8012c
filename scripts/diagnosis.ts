import * as z from 'zod/mini';
import {
  errorBodySchema,
  type Health,
  healthSchema,
  isChoosable,
  type Model,
  modelSchema,
  SERVICES,
} from '../shared/index.ts';

/** One thing that is wrong, in words that say what to do. */
export type Finding = string;

/** What is wrong with health and models as a Worker tells them (H2, H3). Empty when nothing is. */
export function diagnoseState(health: Health, models: readonly Model[]): Finding[] {
  const findings = [...health.warnings];
  for (const name of SERVICES) {
    const { status, detail } = health.services[name];
    // A home model that cannot answer is a warning in the very words of its service.
    if (status === 'down' && !findings.includes(detail)) findings.push(`${name} is down: ${detail}`);
  }
  for (const { name, status, detail } of health.tool_servers ?? []) {
    if (status === 'down') findings.push(`The tool server "${name}" is down: ${detail}`);
  }
  // The reason of a model is often the fault of its service, which is told already.
  for (const { name, status, reason } of models) {
    if (status !== 'unavailable' || (reason !== null && findings.some((finding) => finding.includes(reason))))
      continue;
    findings.push(`${name} cannot be chosen: ${reason ?? 'no reason is given.'}`);
  }
  if (!models.some(isChoosable)) findings.push('No model can be chosen now.');
  return [...new Set(findings)];
}

/** One answer over HTTP, as far as it is looked at. Names of headers are in lower case. */
export type Observed = { status: number; headers: Record<string, string>; json: unknown };

export type Deployment = {
  url: URL;
  health: Observed;
  models: Observed;
  page: Observed;
  /** `GET /ws` without an Origin. */
  socketWithoutOrigin: Observed;
};

/** What a deployment says of itself; null where that is not in the format of a NetBox Chatbox. */
export function readState({
  health,
  models,
}: Pick<Deployment, 'health' | 'models'>): { health: Health; models: Model[] } | null {
  const state = z.safeParse(healthSchema, health.json);
  const list = z.safeParse(z.array(modelSchema), models.json);
  return state.success && list.success ? { health: state.data, models: list.data } : null;
}

/** Whether it is a NetBox Chatbox that answers there, even one with nothing to offer. */
export function isChatbox(deployment: Pick<Deployment, 'health' | 'models'>): boolean {
  return z.safeParse(errorBodySchema, deployment.health.json).success || readState(deployment) !== null;
}

/**
 * Whether an answer of `/health` rests on a look at some service before a time.
 * @param body parsed JSON
 * @param time milliseconds since the epoch
 */
export function wasCheckedBefore(body: unknown, time: number): boolean {
  const health = z.safeParse(healthSchema, body);
  if (!health.success) return false;
  return SERVICES.some((name) => {
    const { checked_at } = health.data.services[name];
    return checked_at !== null && Date.parse(checked_at) < time;
  });
}

const PAGE_HEADERS: [string, RegExp][] = [
  ['content-security-policy', /frame-ancestors 'none'/],
  ['referrer-policy', /^no-referrer$/],
  ['x-content-type-options', /^nosniff$/],
];

/** What is wrong with a deployment that was asked over HTTP. */
export function diagnoseDeployment(deployment: Deployment): Finding[] {
  const { url, health, models, page, socketWithoutOrigin } = deployment;
  const findings: Finding[] = [];
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !isLocal)
    findings.push('The address is not https: keys of sessions travel in the open.');

  const fault = z.safeParse(errorBodySchema, health.json);
  if (fault.success) return [...findings, fault.data.error.message];
  if (health.status >= 300 && health.status < 400) {
    const told = `${url.origin} redirects elsewhere, as a sign-in before the whole address does: the doctor passes Cloudflare Access with a service token in CF_ACCESS_CLIENT_ID and CF_ACCESS_CLIENT_SECRET.`;
    return [...findings, told];
  }
  const state = readState(deployment);
  if (state === null) {
    return [
      ...findings,
      `This is not a NetBox Chatbox: /health answers ${health.status}, /models ${models.status}.`,
    ];
  }
  findings.push(...diagnoseState(state.health, state.models));
  if (!isLocal && state.models.some(({ simulated }) => simulated)) {
    findings.push(
      'Its models are simulated: a deployment must not have SIMULATED=true; take it out and deploy again.',
    );
  }
  if (page.status !== 200)
    findings.push(`The page is not served (${page.status}): run \`npm run deploy\`, which builds it.`);
  for (const [name, wanted] of PAGE_HEADERS) {
    if (!wanted.test(page.headers[name] ?? ''))
      findings.push(`The page lacks the header ${name} as web/static/_headers sets it.`);
  }
  if (socketWithoutOrigin.status !== 403) {
    findings.push(
      `/ws answers ${socketWithoutOrigin.status} to a request without an Origin; it must refuse it with 403.`,
    );
  }
  return findings;
}
