import { createHash } from 'node:crypto';
import type { Block, Message } from './anthropic-content.ts';

/**
 * What a thinking block is bound to: the tools, the system text, and the messages before it. Cache breakpoints, the
 * model, and limits are no part of it.
 */
export function prefixOf(tools: unknown, system: string, messages: readonly Message[]): string {
  const before = messages.map(({ role, blocks }) => ({ role, blocks }));
  return digest(JSON.stringify([tools ?? null, system, before]));
}

/** The signature of a thinking block. Any change to it, or to what stands before it, can be seen from it. */
export function sign(thinking: string, prefix: string): string {
  return Buffer.from(`simulated ${digest(thinking)} ${prefix}`).toString('base64');
}

/** @returns what is wrong with a block that came back, in the API's words */
export function signatureFault({ thinking, signature }: Block, prefix: string): string | null {
  const [mark, text, bound] = Buffer.from(String(signature), 'base64').toString().split(' ');
  if (mark !== 'simulated') return 'Invalid `signature` in `thinking` block';
  if (text !== digest(String(thinking)))
    return '`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.';
  return bound === prefix
    ? null
    : 'Invalid `signature` in `thinking` block. The block is bound to a different conversation.';
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
