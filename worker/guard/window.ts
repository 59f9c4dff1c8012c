/** How often something may happen in any stretch of time of that length. */
export type Allowance = { limit: number; windowMs: number };

/** One thing that is counted, under a name that is unique where it is kept. */
export type Count = Allowance & { name: string };

/** `at` names what was taken, to give it back; `name` is what is full for the longest. */
export type Taken = { ok: true; at: number } | { ok: false; name: string; waitMs: number };

/** When something happened, oldest first; milliseconds since 1970. */
export type Times = readonly number[];

/** What is still within the window. A clock that went back must not free anybody, so the future counts too. */
export function within(times: Times, windowMs: number, now: number): Times {
  return times.filter((at) => at > now - windowMs);
}

/** How long until one more is allowed, milliseconds; 0: now. */
export function waitMs(times: Times, { limit, windowMs }: Allowance, now: number): number {
  const counted = within(times, windowMs, now);
  // The one that must leave the window first, also when the limit was lowered meanwhile.
  const blocking = counted[counted.length - limit];
  return blocking === undefined ? 0 : Math.max(1, blocking + windowMs - now);
}

/** Without one that happened at that moment: it turned out not to count. */
export function without(times: Times, at: number): Times {
  const index = times.lastIndexOf(at);
  return index === -1 ? times : times.toSpliced(index, 1);
}
