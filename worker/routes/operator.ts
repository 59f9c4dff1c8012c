import { type Context, Hono } from 'hono';
import type { UsageReport } from '../../shared/index.ts';
import type { AppEnv } from '../app.ts';
import { inWords } from '../guard/rates.ts';
import { checkOperator } from '../usage/operator.ts';
import { hourOf } from '../usage/report.ts';
import { KEPT_MS } from '../usage/usage-book.ts';
import { withTier } from '../usage/with-tier.ts';
import { failure, tooMany } from './errors.ts';
import { addressOfCaller, callerOf } from './over-http.ts';
import { reportWish, sendReport } from './usage-report.ts';

const NOT_SET =
  'Who runs this deployment is not set, so this report is closed. Set OPERATOR_TOKEN (a secret of at least 16 characters, sent as "Authorization: Bearer …") or, with ACCESS_MODE=cloudflare-access, OPERATOR_EMAILS.';

/** Null for the operator. */
async function refusal(c: Context<AppEnv>): Promise<Response | null> {
  const { config, house } = c.get('services');
  const check = await checkOperator({
    operator: config.operator,
    local: config.local,
    bearer: /^Bearer (.+)$/.exec(c.req.header('Authorization') ?? '')?.[1] ?? null,
    visitor: async () => (house.door.mode === 'cloudflare-access' ? callerOf(c) : null),
    address: addressOfCaller(c),
    // Not the counter of sign-ins: who tries tokens here must not keep anybody from signing in.
    attempts: c.env.ATTEMPTS.getByName('operator'),
  });
  switch (check.kind) {
    case 'operator':
      return null;
    case 'nobody':
      return failure(c, 'not_found', NOT_SET);
    case 'stranger':
      return check.known
        ? failure(c, 'unauthorized', 'This report is for who runs this deployment.', {}, 403)
        : failure(c, 'unauthorized', 'This report is for who runs this deployment: send OPERATOR_TOKEN.');
    case 'limited':
      return tooMany(c, `Too many wrong tokens. Try again ${inWords(check.waitMs)}.`, check.waitMs);
    case 'unchecked':
      return failure(c, 'internal', 'The token could not be checked, so nobody is let in. Try again.');
  }
}

/** What the whole deployment has used; nothing in it belongs to a person or a session. */
export const operator = new Hono<AppEnv>().get('/operator/usage-report', async (c) => {
  const refused = await refusal(c);
  if (refused !== null) return refused;
  const wish = reportWish(c);
  if ('refused' in wish) return wish.refused;
  const { registry, now } = c.get('services');
  const since = hourOf(Math.max(wish.since, now() - KEPT_MS));
  const rows = await c.env.LEDGER.getByName('ledger').answersSince(since);
  const report: UsageReport = {
    scope: 'deployment',
    since: new Date(since).toISOString(),
    rows: rows.map((row) => withTier(row, registry)),
  };
  return sendReport(c, report, wish.format);
});
