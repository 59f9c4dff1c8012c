import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { AppEnv } from '../app.ts';
import type { Env } from '../env.ts';
import { ACCESS_TOKEN_HEADER } from '../guard/access-token.ts';
import { addressOf } from '../guard/address.ts';
import { refusalOf } from '../guard/admission.ts';
import { type Caller, whoAsks } from '../guard/caller.ts';
import { cookieKind } from '../guard/cookie.ts';
import { comesFromAllowedPage } from '../guard/origin.ts';
import { type Counters, type Entering, mayEnter } from '../guard/rates.ts';
import { sessionVisitor, type Visitor } from '../guard/visitor.ts';
import { failure, tooMany } from './errors.ts';

/** Whose request it is, once nothing speaks against it. */
export type Admitted = { refused: Response } | { refused: null; caller: Person };

/** Who came in; see {@link Caller}. */
export type Person = Pick<Extract<Caller, { ok: true }>, 'who' | 'pass'>;

export function addressOfCaller(c: Context<AppEnv>): string {
  return addressOf(c.req.header('CF-Connecting-IP') ?? null);
}

export function countersOf(env: Env): Counters {
  return { gate: env.CONNECT_GATE, named: (name) => env.ATTEMPTS.getByName(name) };
}

export function callerOf(c: Context<AppEnv>): Promise<Caller> {
  const { config, house, now } = c.get('services');
  const { name } = cookieKind(new URL(c.req.url), config.local);
  const credentials = { cookie: getCookie(c, name), token: c.req.header(ACCESS_TOKEN_HEADER) ?? null };
  return whoAsks(credentials, house, now());
}

/** Where nobody signs in the session is the person. */
export function visitorOf(c: Context<AppEnv>, person: Person, session: { id: DurableObjectId }): Visitor {
  const { who, pass } = person;
  const address = addressOfCaller(c);
  if (who === null) return sessionVisitor(session.id.toString(), address);
  return pass === null ? { who, address } : { who, address, pass };
}

/** 403 for what no page of ours has sent; null for the rest. */
export function strangersRefusal(c: Context<AppEnv>): Response | null {
  const { config } = c.get('services');
  if (comesFromAllowedPage(c.req.raw, config)) return null;
  return failure(c, 'origin_refused', 'Requests from this origin are not accepted.');
}

/** Only who is signed in comes in; a deployment that is closed lets nobody in. */
export async function admitReader(c: Context<AppEnv>): Promise<Admitted> {
  const { house } = c.get('services');
  if (house.door.mode === 'closed') {
    return { refused: failure(c, 'not_configured', house.door.message) };
  }
  const caller = await callerOf(c);
  return caller.ok ? { refused: null, caller } : { refused: failure(c, 'unauthorized', caller.message) };
}

/** The same for what changes something, so from a page of ours only. */
export async function admitWriter(c: Context<AppEnv>): Promise<Admitted> {
  const stranger = strangersRefusal(c);
  return stranger === null ? admitReader(c) : { refused: stranger };
}

/** The same for what wakes an object of its own: it counts as a connection. */
export async function admitEntering(c: Context<AppEnv>): Promise<Admitted> {
  const admitted = await admitWriter(c);
  return admitted.refused === null ? counted(c, admitted, 'connect') : admitted;
}

async function counted(c: Context<AppEnv>, admitted: Admitted, entering: Entering): Promise<Admitted> {
  const entry = await mayEnter(
    entering,
    addressOfCaller(c),
    c.get('services').config.rates,
    countersOf(c.env),
  );
  return entry.ok ? admitted : { refused: tooMany(c, entry.message, entry.waitMs) };
}

/**
 * Whom the chat over plain HTTP lets in (H9): the same as /ws does, told by a status instead of a close code.
 * @param entering what it counts as; null for a request of somebody who is in
 */
export async function admitChat(c: Context<AppEnv>, entering: Entering | null): Promise<Admitted> {
  const { config, registry } = c.get('services');
  const stranger = strangersRefusal(c);
  if (stranger !== null) return { refused: stranger };
  const refusal = refusalOf(config, registry);
  if (refusal !== null) return { refused: failure(c, refusal.code, refusal.message) };
  const admitted = await admitReader(c);
  return admitted.refused !== null || entering === null ? admitted : counted(c, admitted, entering);
}
