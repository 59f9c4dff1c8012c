import type { ServerFrame } from '../../shared/index.ts';
import type { Visitor } from '../guard/visitor.ts';

/** A client's connection; it can be gone at any moment. */
export interface Socket {
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Random, for logs; never the session's id. */
  readonly connectionId: string;
  /** Who sends by it, and pays for what that leads to. */
  readonly visitor: Visitor;
}

/** A socket that is gone is no fault: its client comes back with its cursor. */
function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // Gone.
  }
}

/** To one socket. */
export function reply(socket: Socket, frame: ServerFrame): void {
  attempt(() => socket.send(JSON.stringify(frame)));
}

/** To every socket of the session (R4). */
export function tellAll(sockets: Iterable<Socket>, wire: string): void {
  for (const socket of sockets) attempt(() => socket.send(wire));
}

/** What they belong to is gone for good. */
export function closeAll(sockets: Iterable<Socket>, code: number, reason: string): void {
  for (const socket of sockets) attempt(() => socket.close(code, reason));
}

/** What they were told may not be true any more: they come back and are told what is. */
export function sendAway(sockets: Iterable<Socket>): void {
  closeAll(sockets, 1011, 'A fault of this program. Come back.');
}
