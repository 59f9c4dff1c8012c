import { faultOf, ToolFault } from './fault.ts';
import type { McpConnection } from './mcp-client.ts';
import { within } from './within.ts';

/** Of the handshake, which may take several requests, and may be made twice. Milliseconds. */
export const CONNECTED_MS = 20_000;
const CLOSE_MS = 5_000;

/** A connection, and how many calls are on it. */
type Opened = { opened: Promise<McpConnection>; users: number; isDropped: boolean; ended: Promise<void> };

function isLost({ kind }: ToolFault): boolean {
  return kind === 'unreachable' || kind === 'died';
}

/** A server that was started anew, or dropped the session, says so with these before it does anything. */
function isGone({ kind, status }: ToolFault): boolean {
  return kind === 'not_found' || status === 400;
}

export type Line = {
  /**
   * Runs with a connection, which is made where there is none; once again with a new one where the server has
   * forgotten the old, or where the connection was lost and the work may be repeated.
   * @throws {ToolFault}
   */
  use<T>(
    work: (connection: McpConnection) => Promise<T>,
    options: { signal: AbortSignal | undefined; mayRepeat: boolean },
  ): Promise<T>;
  /** Ends the connection; the next use makes another one. Never rejects. */
  close(): Promise<void>;
};

/** Keeps one connection for all calls, however many there are at once. */
export function createLine(connect: () => Promise<McpConnection>): Line {
  let line: Opened | null = null;

  function take(): Opened {
    if (line === null) {
      const mine: Opened = { opened: connect(), users: 0, isDropped: false, ended: Promise.resolve() };
      line = mine;
      mine.opened.catch(() => drop(mine));
    }
    line.users += 1;
    return line;
  }

  /** For no new call any more; it ends when the last of those that it carries is over. */
  function drop(one: Opened): void {
    if (line === one) line = null;
    one.isDropped = true;
    endIfUnused(one);
  }

  function endIfUnused(one: Opened): void {
    if (!one.isDropped || one.users > 0) return;
    one.ended = one.opened.then(
      (opened) => opened.end(),
      () => {},
    );
  }

  async function once<T>(
    work: (connection: McpConnection) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const one = take();
    try {
      const opened = await within(one.opened, CONNECTED_MS, signal);
      try {
        return await work(opened);
      } catch (error) {
        const fault = faultOf(error, signal);
        const isForgotten = isGone(fault) && opened.hasSession();
        if (isForgotten || isLost(fault)) drop(one);
        throw isForgotten ? new ToolFault('died', { wasNotMade: true }) : fault;
      }
    } finally {
      one.users -= 1;
      endIfUnused(one);
    }
  }

  async function use<T>(
    work: (connection: McpConnection) => Promise<T>,
    options: { signal: AbortSignal | undefined; mayRepeat: boolean },
  ): Promise<T> {
    const hadOne = line !== null;
    try {
      return await once(work, options.signal);
    } catch (error) {
      const fault = faultOf(error, options.signal);
      const again = fault.wasNotMade || (isLost(fault) && options.mayRepeat);
      if (!hadOne || !again) throw fault;
      return await once(work, options.signal);
    }
  }

  return {
    use,
    close: async () => {
      const one = line;
      if (one === null) return;
      // A list that comes too late for its run is there for the next: it is not cut, and its server not taken for broken.
      drop(one);
      if (one.users === 0) await within(one.ended, CLOSE_MS).catch(() => {});
    },
  };
}
