import { runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { usageReportSchema } from '../../shared/index.ts';
import type { Ledger } from '../guard/ledger.ts';
import { Deployment, errorOf, PASSWORD } from '../testing/deployment.ts';
import { deploymentUsage } from '../usage/deployment-usage.ts';
import type { AnsweredOnce } from '../usage/report.ts';

const TOKEN = 'correct-horse-battery-staple';
const PATH = '/operator/usage-report';
const HOUR = 3_600_000;
const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

const ANSWER: AnsweredOnce = {
  at: Date.now(),
  model: 'claude-haiku-5-5',
  automatic: true,
  fallback: false,
  error: false,
  costUsd: 0.5,
  alwaysUsd: { haiku: 0.5, sonnet: 10, opus: 20 },
  usage: {
    input_tokens: 12,
    output_tokens: 7,
    cache_read_tokens: 0,
    cache_write_tokens: null,
    thinking_tokens: null,
  },
  ttftMs: 400,
};

/** As a session does at the end of an answer. */
async function record(...answers: AnsweredOnce[]): Promise<void> {
  const work: Promise<unknown>[] = [];
  const usage = deploymentUsage(env, (promise) => work.push(promise));
  for (const one of answers) usage.record(one);
  await Promise.all(work);
}

beforeEach(async () => {
  await runInDurableObject(env.LEDGER.getByName('ledger'), (_: Ledger, ctx: DurableObjectState) => {
    ctx.storage.sql.exec('DELETE FROM answered');
  });
  await runInDurableObject(env.ATTEMPTS.getByName('operator'), async (_, ctx) => {
    ctx.storage.kv.delete('all');
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function reportOf(response: Response) {
  expect(response.status).toBe(200);
  expect(response.headers.get('Cache-Control')).toBe('no-store');
  return usageReportSchema.parse(await response.json());
}

describe('what a deployment has used', () => {
  const there = () => new Deployment({ ...PASSWORD, OPERATOR_TOKEN: TOKEN });

  it('is told to who has the token, signed in or not', async () => {
    await record(
      ANSWER,
      { ...ANSWER, at: ANSWER.at - HOUR, model: 'ollama-qwen2.5', automatic: false },
      ANSWER,
    );
    const report = await reportOf(await there().ask(PATH, bearer(TOKEN)));
    expect(report.scope).toBe('deployment');
    expect(report.rows).toMatchObject([
      { model: 'ollama-qwen2.5', tier: null, answers: 1, automatic: 0 },
      {
        model: 'claude-haiku-5-5',
        tier: 'haiku',
        answers: 2,
        automatic: 2,
        cost_usd: 1,
        compared_usd: 1,
        always_usd: { haiku: 1, sonnet: 20, opus: 40 },
        input_tokens: 24,
        cache_write_tokens: 0,
      },
    ]);
    expect(report.rows[0]?.ttft_p50_ms).toBeGreaterThan(380);
    expect(report.rows[0]?.ttft_p95_ms).toBeLessThan(420);
  });

  it('goes back three months at most, and says so', async () => {
    const { since } = await reportOf(await there().ask(`${PATH}?since=2020-01-01`, bearer(TOKEN)));
    expect((Date.now() - Date.parse(since)) / (24 * HOUR)).toBeCloseTo(92, 0);
    const later = await reportOf(await there().ask(`${PATH}?since=9999-12-31`, bearer(TOKEN)));
    expect(later.rows).toEqual([]);
    expect((await there().ask(`${PATH}?since=x`, bearer(TOKEN))).status).toBe(400);
  });

  it('is a file as CSV', async () => {
    await record(ANSWER);
    const response = await there().ask(`${PATH}?format=csv`, bearer(TOKEN));
    expect(response.headers.get('Content-Disposition')).toMatch(
      /^attachment; filename="usage-deployment-since-\d{4}-\d{2}-\d{2}\.csv"$/,
    );
    expect(await response.text()).toMatch(
      /\r\n[^\r]*,claude-haiku-5-5,haiku,1,1,0,0,0\.5,0\.5,0\.5,10,20,12,7,/,
    );
  });

  it('is told to nobody else: 401, and the right token still works', async () => {
    const here = there();
    for (const init of [{}, bearer('wrong'), bearer(TOKEN.slice(1)), bearer('')]) {
      const response = await here.ask(PATH, init);
      expect(response.status).toBe(401);
      expect((await errorOf(response)).code).toBe('unauthorized');
    }
    const cookie = await here.signIn({ passphrase: 'open sesame' });
    expect((await here.ask(PATH, { headers: cookie })).status).toBe(401);
    await reportOf(await here.ask(PATH, bearer(TOKEN)));
  });

  it('ten wrong tokens from an address are followed by 429, the right one included; sign-ins go on', async () => {
    const here = there();
    for (let i = 0; i < 10; i++) expect((await here.ask(PATH, bearer(`wrong-${i}`))).status).toBe(401);
    const response = await here.ask(PATH, bearer(TOKEN));
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(800);
    await here.signIn({ passphrase: 'open sesame' });
    await reportOf(await there().ask(PATH, bearer(TOKEN)));
  });

  it.each([{}, { OPERATOR_TOKEN: 'too-short' }, { OPERATOR_EMAILS: 'ada@example.com' }])(
    'with %j nobody is the operator: 404, with what to set',
    async (settings) => {
      const response = await new Deployment({ ...PASSWORD, ...settings }).ask(PATH, bearer('too-short'));
      expect(response.status).toBe(404);
      const { code, message } = await errorOf(response);
      expect(code).toBe('not_found');
      expect(message).toMatch(/OPERATOR_TOKEN.*OPERATOR_EMAILS/);
    },
  );

  it('a local Worker tells whoever sits there', async () => {
    const here = new Deployment({ LOCAL: 'true' });
    // By this name it is none.
    expect((await here.ask(PATH)).status).toBe(403);
    await reportOf(await exports.default.fetch(`http://localhost:8787${PATH}`));
    const post = await exports.default.fetch(`http://localhost:8787${PATH}`, { method: 'POST' });
    expect([post.status, post.headers.get('Allow')]).toEqual([405, 'GET']);
  });
});

describe('with Cloudflare Access', () => {
  const ACCESS = {
    ACCESS_MODE: 'cloudflare-access',
    CF_ACCESS_TEAM_DOMAIN: 'team.cloudflareaccess.com',
    CF_ACCESS_AUD: 'our-tag',
    CF_ACCESS_CERTS_URL: 'https://certs.test/keys',
    OPERATOR_EMAILS: 'Ada@example.com',
  };

  it('the named people are told, others are not', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const keys = [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' }];
    const real = globalThis.fetch;
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) =>
      String(input) === ACCESS.CF_ACCESS_CERTS_URL ? Response.json({ keys }) : real(input, init),
    );
    const there = new Deployment(ACCESS);
    const asked = async (email: string, audience = 'our-tag') => {
      const token = await new SignJWT({ email })
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setIssuer('https://team.cloudflareaccess.com')
        .setAudience(audience)
        .setExpirationTime('1m')
        .sign(privateKey);
      return there.ask(PATH, { headers: { 'Cf-Access-Jwt-Assertion': token } });
    };
    await reportOf(await asked('ada@example.com'));
    expect((await asked('eve@example.com')).status).toBe(403);
    expect((await asked('ada@example.com', 'their-tag')).status).toBe(401);
    expect((await there.ask(PATH)).status).toBe(401);
  });
});
