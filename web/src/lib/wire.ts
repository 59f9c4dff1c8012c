import * as z from 'zod/mini';
import { readServerFrame, type ServerFrame } from '../../../shared/index.ts';

/** The one door from the page to the shared protocol. */
export * from '../../../shared/index.ts';

const selectionFlag = z.object({ type: z.literal('session'), model_selection: z.boolean() });

/** A server frame, and what a `session` frame says beyond the schema. */
export type Incoming = {
  frame: ServerFrame;
  /** Whether people may choose a model (R10); null when the frame does not tell. */
  modelSelection: boolean | null;
};

/** Reads a text frame; null for one that this version does not know. */
export function readIncoming(text: string): Incoming | null {
  const frame = readServerFrame(text);
  if (!frame) return null;
  if (frame.type !== 'session') return { frame, modelSelection: null };
  const flag = z.safeParse(selectionFlag, JSON.parse(text));
  return { frame, modelSelection: flag.success ? flag.data.model_selection : null };
}
