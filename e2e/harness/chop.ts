import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * From now on the body leaves in pieces of `size` bytes, each as a write of its own: characters of several
 * bytes and lines are cut anywhere, as TCP may do.
 */
export function chop(response: ServerResponse, size: number): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  let queue: Promise<void> = Promise.resolve();
  response.socket?.setNoDelay(true);

  const push = (bytes: Buffer) => {
    queue = queue.then(async () => {
      for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
        write(bytes.subarray(at, at + size));
        await turn();
      }
    });
  };
  response.write = (chunk: unknown) => {
    push(Buffer.from(String(chunk)));
    return true;
  };
  response.end = (chunk?: unknown) => {
    if (chunk !== undefined) push(Buffer.from(String(chunk)));
    queue = queue.then(() => {
      end();
    });
    return response;
  };
}
