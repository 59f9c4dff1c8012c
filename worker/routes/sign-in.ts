import { type Context, Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import * as z from 'zod/mini';
import type { AppEnv } from '../app.ts';
import { type Claims, cookieKind, signCookie } from '../guard/cookie.ts';
import { inWords } from '../guard/rates.ts';
import { type SignIn, signInByPassphrase, signInByToken } from '../guard/sign-in.ts';
import { readText } from './body.ts';
import { failure, tooMany } from './errors.ts';
import { addressOfCaller, strangersRefusal } from './over-http.ts';

/** A token of Turnstile and its braces, with room to spare. */
const BODY_BYTES = 8_192;

/** HMAC pads its key with zeros: with one at its end a passphrase would be the same to it. */
const passphrase = z.string().check(z.regex(/^\P{Cc}*$/u));

const bodySchema = z.object({
  passphrase: z.optional(passphrase),
  turnstile_token: z.optional(z.string()),
});

async function readBody(c: Context<AppEnv>): Promise<z.infer<typeof bodySchema> | null> {
  const body = await readText(c.req.raw, BODY_BYTES);
  try {
    return body.ok ? z.parse(bodySchema, JSON.parse(body.text)) : null;
  } catch {
    return null;
  }
}

/** @param value null takes the cookie away */
function putCookie(c: Context<AppEnv>, value: string | null): void {
  const { config } = c.get('services');
  const { name, secure } = cookieKind(new URL(c.req.url), config.local);
  setCookie(c, name, value ?? '', {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    secure,
    maxAge: value === null ? 0 : config.access.signInMs / 1000,
  });
}

async function answer(c: Context<AppEnv>, mode: Claims['mode'], result: SignIn): Promise<Response> {
  if (result.kind === 'wrong') return failure(c, 'unauthorized', result.message);
  if (result.kind === 'limited') {
    return tooMany(c, `Too many attempts to sign in. Try again ${inWords(result.waitMs)}.`, result.waitMs);
  }
  if (result.kind === 'unchecked') {
    return failure(c, 'internal', 'The sign-in could not be checked, so nobody is let in. Try again.');
  }
  const { config, house, now } = c.get('services');
  const claims = { who: result.who, mode, expires: now() + config.access.signInMs };
  const value = await signCookie(claims, house);
  // The Worker that knew the passphrase a moment ago has been replaced by one that does not.
  if (value === null) return failure(c, 'unauthorized', 'This passphrase is not right.');
  putCookie(c, value);
  return c.body(null, 204);
}

export const signIn = new Hono<AppEnv>()
  .post('/sign-in', async (c) => {
    const stranger = strangersRefusal(c);
    if (stranger !== null) return stranger;
    const { config, house, fetch } = c.get('services');
    const { door } = house;
    c.header('Cache-Control', 'no-store');
    if (door.mode === 'closed') return failure(c, 'not_configured', door.message);
    if (door.mode === 'local') return failure(c, 'bad_frame', 'Nobody needs to sign in here.');
    if (door.mode === 'cloudflare-access') {
      return failure(c, 'bad_frame', 'Cloudflare Access does the sign-in here, before this page.');
    }
    const body = await readBody(c);
    const address = addressOfCaller(c);
    const attempts = c.env.ATTEMPTS.getByName('sign-in');
    if (door.mode === 'password') {
      if (body?.passphrase === undefined) return failure(c, 'bad_frame', 'The body is {"passphrase": "…"}.');
      return answer(c, door.mode, await signInByPassphrase(body.passphrase, door, address, attempts));
    }
    if (body?.turnstile_token === undefined) {
      return failure(c, 'bad_frame', 'The body is {"turnstile_token": "…"}.');
    }
    const result = await signInByToken({
      token: body.turnstile_token,
      door,
      ip: c.req.header('CF-Connecting-IP') ?? null,
      address,
      hostname: new URL(c.req.url).hostname,
      config,
      attempts,
      fetch,
      newId: () => crypto.randomUUID(),
    });
    return answer(c, door.mode, result);
  })
  .post('/sign-out', (c) => {
    const stranger = strangersRefusal(c);
    if (stranger !== null) return stranger;
    putCookie(c, null);
    c.header('Cache-Control', 'no-store');
    return c.body(null, 204);
  });
