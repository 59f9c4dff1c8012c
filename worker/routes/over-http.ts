import type { Context } from 'hono';
import type { AppEnv } from '../app.ts';
import { refusalOf } from '../guard/admission.ts';
import { comesFromAllowedPage } from '../guard/origin.ts';
import { failure } from './errors.ts';

/** 403 for what no page of ours has sent; null for the rest. */
export function strangersRefusal(c: Context<AppEnv>): Response | null {
  const { config } = c.get('services');
  if (comesFromAllowedPage(c.req.raw, config)) return null;
  return failure(c, 'origin_refused', 'Requests from this origin are not accepted.');
}

/** Whom the chat over plain HTTP refuses (H9): the same as /ws does, told by a status instead of a close code. */
export function refusalOverHttp(c: Context<AppEnv>): Response | null {
  const { config, registry } = c.get('services');
  const stranger = strangersRefusal(c);
  if (stranger !== null) return stranger;
  const refusal = refusalOf(config, registry);
  return refusal === null ? null : failure(c, refusal.code, refusal.message);
}
