import * as z from 'zod/mini';
import { type RouteInput, route } from '../worker/auto/router.ts';

const textPart = z.object({ type: z.literal('text'), text: z.string() });
const otherPart = z.object({ type: z.string() });
const content = z.union([z.string(), z.array(z.union([textPart, otherPart]))]);

const requestSchema = z.union([
  z.object({ id: z.optional(z.unknown()), prompt: z.string() }),
  z.object({
    id: z.optional(z.unknown()),
    messages: z.array(
      z.object({ role: z.string(), content: z.optional(content), text: z.optional(z.string()) }),
    ),
  }),
]);

function textOf(value: z.infer<typeof content> | undefined): string {
  if (value === undefined || typeof value === 'string') return value ?? '';
  return value.flatMap((part) => ('text' in part ? [part.text] : [])).join('\n');
}

/** Only what people and models said takes part; a system text is the same for every message. */
function turnsOf(request: z.infer<typeof requestSchema>): RouteInput['turns'] {
  if ('prompt' in request) return [{ role: 'user', text: request.prompt }];
  return request.messages.flatMap(({ role, content: parts, text }) =>
    role === 'user' || role === 'assistant' ? [{ role, text: text ?? textOf(parts) }] : [],
  );
}

function idOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'id' in json ? json.id : null;
}

/**
 * One line of `npm run -s route`: `{id, prompt}` or `{id, messages: [{role, content}]}` in,
 * `{id, tier, score, reason}` out. A line that cannot be used gives `{id, error}`, with the id
 * null where none could be read.
 */
export function routeLine(line: string): { ok: boolean; output: string } {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return { ok: false, output: JSON.stringify({ id: null, error: 'The line is not JSON.' }) };
  }
  const request = z.safeParse(requestSchema, json);
  if (!request.success) {
    const error = 'The line needs "prompt" (a string) or "messages" (a list of {role, content}).';
    return { ok: false, output: JSON.stringify({ id: idOf(json), error }) };
  }
  const { tier, score, reason } = route({ turns: turnsOf(request.data), previousTier: null, available: [] });
  return { ok: true, output: JSON.stringify({ id: request.data.id ?? null, tier, score, reason }) };
}
