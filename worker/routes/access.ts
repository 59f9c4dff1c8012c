import { type Context, Hono } from 'hono';
import type { Access, Budget } from '../../shared/index.ts';
import type { AppEnv } from '../app.ts';
import { deploymentTill } from '../guard/deployment-till.ts';
import { sessionVisitor } from '../guard/visitor.ts';
import { addressOfCaller, callerOf, type Person, visitorOf } from './over-http.ts';
import { bearerSession } from './session-stubs.ts';

/** What is left for who asks; where nobody signs in, for the session of `Authorization`, if there is one. */
function budgetFor(c: Context<AppEnv>, person: Person): Promise<Budget | null> {
  const address = addressOfCaller(c);
  const session = bearerSession(c);
  const { who } = person;
  const unknown = who === null ? sessionVisitor('', address) : { who, address };
  const visitor = session === null ? unknown : visitorOf(c, person, session);
  return deploymentTill(c.env, (work) => c.executionCtx.waitUntil(work)).look(visitor);
}

/** How one comes in, and whether who asks is in; open to everybody, so there is nothing secret in it. */
export const access = new Hono<AppEnv>().get('/access', async (c) => {
  const { door } = c.get('services').house;
  const caller = await callerOf(c);
  const body: Access = {
    mode: door.mode,
    signed_in: caller.ok,
    name: caller.ok ? caller.name : null,
    turnstile_site_key: door.mode === 'open' ? door.siteKey : null,
    message: door.mode === 'closed' ? door.message : null,
    budget: caller.ok ? await budgetFor(c, caller) : null,
  };
  c.header('Cache-Control', 'no-store');
  return c.json(body);
});
