import type { Ids } from './frames.ts';

/** What there is to attack: one person's session, with all that opens it. */
export type Prey = Ids & {
  origin: string;
  /** `name=value` of somebody who is signed in; null where nobody needs to be. */
  cookie: string | null;
  session: string;
  /** A code that was made and not used. */
  link: string;
  passphrase: string;
};

/** What a request must bring along: the page's origin, somebody's cookie, a session's id. */
export type Door = 'origin' | 'cookie' | 'bearer';
