import { createHash, timingSafeEqual } from 'node:crypto';
import type { OperatorSettings } from '../config-usage.ts';
import type { Caller } from '../guard/caller.ts';
import { signInCounts } from '../guard/rates.ts';
import type { AttemptCounter } from '../guard/sign-in.ts';

/** Whether who asks runs this deployment. */
export type OperatorCheck =
  | { kind: 'operator' }
  /** It was never said who that is. */
  | { kind: 'nobody' }
  /** `known`: signed in, and somebody else. */
  | { kind: 'stranger'; known: boolean }
  | { kind: 'limited'; waitMs: number }
  /** The attempt could not be counted, so nothing was tried. */
  | { kind: 'unchecked' };

export type Asking = {
  operator: OperatorSettings;
  /** `npm start`: who sits at this machine. */
  local: boolean;
  /** Of the header `Authorization`; null without one. */
  bearer: string | null;
  /** Who asks, where Cloudflare Access says it; null in the other modes. */
  visitor: () => Promise<Caller | null>;
  address: string;
  attempts: Pick<AttemptCounter, 'take' | 'giveBack'>;
};

export async function checkOperator(asking: Asking): Promise<OperatorCheck> {
  const { operator, local, bearer } = asking;
  if (local) return { kind: 'operator' };
  if (operator.token !== '' && bearer !== null) return checkToken(bearer, asking);
  const caller = operator.emails.length > 0 ? await asking.visitor() : null;
  if (caller !== null) {
    const name = caller.ok ? caller.name?.toLowerCase() : undefined;
    if (name !== undefined && operator.emails.includes(name)) return { kind: 'operator' };
    return { kind: 'stranger', known: caller.ok };
  }
  return operator.token === '' ? { kind: 'nobody' } : { kind: 'stranger', known: false };
}

/** Counted before it is looked at, as a passphrase is: a thousand at once get no more tries than one after the other. */
async function checkToken(bearer: string, { operator, address, attempts }: Asking): Promise<OperatorCheck> {
  const counts = signInCounts(address, true);
  const taken = await attempts.take(counts).catch(() => null);
  if (taken === null) return { kind: 'unchecked' };
  if (!taken.ok) return { kind: 'limited', waitMs: taken.waitMs };
  if (!isSame(bearer, operator.token)) return { kind: 'stranger', known: false };
  const names = counts.map(({ name }) => name);
  // One that stays counted costs the operator one of ten attempts, no more.
  await attempts.giveBack(names, taken.at).catch(() => {});
  return { kind: 'operator' };
}

/** By their digests, which have one length: the time tells neither how long the token is nor how much of it was right. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
