import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import type { Env } from './env.ts';
import { isLocalHost } from './guard/origin.ts';
import { access } from './routes/access.ts';
import { conversations } from './routes/conversations.ts';
import { failure } from './routes/errors.ts';
import { frames } from './routes/frames.ts';
import { health } from './routes/health.ts';
import { links } from './routes/links.ts';
import { models } from './routes/models.ts';
import { operator } from './routes/operator.ts';
import { pageOrNotFound } from './routes/page.ts';
import { sessions } from './routes/sessions.ts';
import { signIn } from './routes/sign-in.ts';
import { stream } from './routes/stream.ts';
import { toolCalls } from './routes/tool-calls.ts';
import { usageReport } from './routes/usage-report.ts';
import { ws } from './routes/ws.ts';
import { type Services, servicesOf } from './services.ts';
import { describeFault } from './telemetry/telemetry.ts';

export type AppEnv = { Bindings: Env; Variables: { services: Services; requestId: string } };

/** Method of each address of the API, for 405 (H8). */
const ALLOWED: Readonly<Record<string, string>> = {
  '/models': 'GET',
  '/health': 'GET',
  '/access': 'GET',
  '/sign-in': 'POST',
  '/sign-out': 'POST',
  '/ws': 'GET',
  '/sessions': 'POST, DELETE',
  '/frames': 'POST',
  '/stream': 'GET',
  '/conversations': 'GET',
  '/conversations/:id': 'GET, DELETE',
  '/usage-report': 'GET',
  '/operator/usage-report': 'GET',
  '/tool-calls': 'GET',
  '/links': 'POST',
  '/links/redeem': 'POST',
};

export const app = new Hono<AppEnv>();

app.use(requestId({ headerName: '' }));
app.use(async (c, next) => {
  c.set('services', servicesOf(c.env));
  await next();
});
app.use(async (c, next) => {
  const { config } = c.get('services');
  if (config.local && !isLocalHost(new URL(c.req.url))) {
    return failure(c, 'origin_refused', 'A local Worker answers to localhost, 127.0.0.1 and [::1] only.');
  }
  await next();
});
// The page brings its own headers (web/static/_headers); an answer of the API is never shown as a page.
for (const path of Object.keys(ALLOWED)) {
  if (path === '/ws') continue;
  app.use(
    path,
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      referrerPolicy: 'no-referrer',
      xFrameOptions: 'DENY',
    }),
  );
}

app.route('/', models);
app.route('/', health);
app.route('/', access);
app.route('/', signIn);
app.route('/', ws);
app.route('/', sessions);
app.route('/', frames);
app.route('/', stream);
app.route('/', conversations);
app.route('/', toolCalls);
app.route('/', links);
app.route('/', usageReport);
app.route('/', operator);

for (const [path, allow] of Object.entries(ALLOWED)) {
  app.all(path, (c) => failure(c, 'method_not_allowed', `Only ${allow} is possible here.`, { Allow: allow }));
}
app.notFound(pageOrNotFound);
app.onError((error, c) => {
  c.get('services')?.telemetry({ event: 'internal_error', where: 'http', error: describeFault(error) });
  return failure(c, 'internal', 'That did not work because of a fault in this program.');
});
