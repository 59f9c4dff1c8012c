import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Whether a process with this id runs, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The owner is gone; one that has not yet written its id gets ten seconds. */
function isStale(lock: string, owner: string): boolean {
  try {
    if (existsSync(owner)) return !isAlive(Number(readFileSync(owner, 'utf8')));
    return Date.now() - statSync(lock).mtimeMs > 10_000;
  } catch {
    return false;
  }
}

/**
 * Runs `work` while no other process holds the lock at this path; waits for as long as the holder lives.
 * @throws what `work` throws, and the signal's reason when `signal` aborts the wait.
 */
export async function withLock<T>(lock: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const owner = join(lock, 'pid');
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    signal.throwIfAborted();
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    if (isStale(lock, owner)) rmSync(lock, { recursive: true, force: true });
    await pause(200);
  }
  try {
    writeFileSync(owner, String(process.pid));
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}
