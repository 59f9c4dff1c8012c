import type { JWTVerifyGetKey } from 'jose';
import { verifyAccessToken } from './access-token.ts';
import { verifyCookie } from './cookie.ts';
import type { Door } from './door.ts';
import { type Pass, passFor } from './pass.ts';

/** What a request brings to show who sends it. */
export type Credentials = {
  /** Value of the sign-in cookie. */
  cookie: string | undefined;
  /** Value of the header of Cloudflare Access. */
  token: string | null;
};

export type House = {
  door: Door;
  signInSecret: string;
  /** Of Cloudflare Access; null in the other modes. */
  teamKeys: JWTVerifyGetKey | null;
};

export type Caller =
  | {
      ok: true;
      /** The person for limits and the ledger; null where nobody signs in: the session is the person then. */
      who: string | null;
      /** For the page; null where there is none. */
      name: string | null;
      /** Goes with the person's sockets. */
      pass: Pass | null;
    }
  | { ok: false; message: string };

const no = (message: string): Caller => ({ ok: false, message });

const yes = (who: string, name: string | null, until: number, house: House): Caller => ({
  ok: true,
  who,
  name,
  pass: passFor(who, until, house),
});

/** Who asks. Whatever cannot be verified is nobody. */
export async function whoAsks({ cookie, token }: Credentials, house: House, now: number): Promise<Caller> {
  const { door } = house;
  switch (door.mode) {
    case 'local':
      return { ok: true, who: null, name: null, pass: null };
    case 'closed':
      return no(door.message);
    case 'password': {
      const claims = await verifyCookie(cookie, house, now);
      if (claims === null) return no('Sign in first.');
      return yes(`password:${claims.who}`, claims.who, claims.expires, house);
    }
    case 'open': {
      const claims = await verifyCookie(cookie, house, now);
      if (claims === null) return no('Show first that you are no robot.');
      return yes(`open:${claims.who}`, null, claims.expires, house);
    }
    case 'cloudflare-access': {
      if (house.teamKeys === null) return no('Sign in through Cloudflare Access.');
      const result = await verifyAccessToken(token, door, house.teamKeys, now);
      if (result.ok) return yes(`cloudflare-access:${result.who}`, result.who, result.until, house);
      return no(
        result.reason === 'unreachable'
          ? 'The sign-in could not be checked, because the keys of Cloudflare Access could not be had. Try again.'
          : 'Sign in through Cloudflare Access.',
      );
    }
  }
}
