/** How the page talks to the server: a WebSocket, or H9's plain HTTP where a proxy lets no WebSocket through. */
export type Way = 'socket' | 'http';

/**
 * How an attempt ended that never got a `session` frame.
 * refused: it never opened. silent: it neither opened nor failed, or opened and nothing came. closed: the server
 * itself spoke, by a close code, so the way is free.
 */
export type Failure = 'refused' | 'silent' | 'closed';

export type Ways = {
  /** What worked last; the first to be tried. */
  preferred: Way;
  /** The last attempt, when it failed; `answered`: the server had answered a plain request right before it. */
  failed: { way: Way; how: Failure; answered: boolean } | null;
  /** Attempts over HTTP that failed in a row. */
  httpFailures: number;
};

/** HTTP has to fail this often before WebSockets are tried again where they were blocked. */
const HTTP_PATIENCE = 2;

export function startWith(preferred: Way): Ways {
  return { preferred, failed: null, httpFailures: 0 };
}

/** Whether the next attempt needs to know if the server answers plain requests. */
export function isSuspicious({ failed }: Ways): boolean {
  return failed !== null && failed.way === 'socket' && failed.how !== 'closed';
}

/**
 * The way of the next attempt. A WebSocket counts as blocked only while the server answers plain requests: a server
 * that is down, or a device that is offline, refuses both. Silence proves it at once; a refusal only when the server
 * had answered before it, since it may have come back in between.
 * @param answers whether the server answers plain requests now; only asked for when {@link isSuspicious}
 */
export function nextWay(ways: Ways, answers: boolean): Way {
  const { failed, preferred, httpFailures } = ways;
  if (failed === null) return preferred;
  if (failed.way === 'http') return preferred === 'http' && httpFailures < HTTP_PATIENCE ? 'http' : 'socket';
  if (failed.how === 'closed' || !answers) return 'socket';
  return failed.how === 'silent' || failed.answered ? 'http' : 'socket';
}

export function failedOn(ways: Ways, way: Way, how: Failure, answered: boolean): Ways {
  return {
    ...ways,
    failed: { way, how, answered },
    httpFailures: way === 'http' ? ways.httpFailures + 1 : ways.httpFailures,
  };
}
