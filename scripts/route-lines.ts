import * as z from 'zod/mini';
import { type AgentStep, isCodeTask, isFromPassages, offersTools } from '../worker/auto/agent-step.ts';
import { type Decision, type RouteInput, route } from '../worker/auto/router.ts';

const textPart = z.object({ type: z.literal('text'), text: z.string() });
const otherPart = z.object({ type: z.string() });
const content = z.union([z.string(), z.array(z.union([textPart, otherPart]))]);

const toolCall = z.object({ function: z.optional(z.object({ name: z.optional(z.string()) })) });

const requestSchema = z.union([
  z.object({ id: z.optional(z.unknown()), prompt: z.string() }),
  z.object({
    id: z.optional(z.unknown()),
    messages: z.array(
      z.object({
        role: z.string(),
        content: z.optional(z.nullable(content)),
        text: z.optional(z.string()),
        tool_calls: z.optional(z.nullable(z.array(toolCall))),
      }),
    ),
  }),
]);

function textOf(value: z.infer<typeof content> | null | undefined): string {
  if (value === undefined || value === null || typeof value === 'string') return value ?? '';
  return value.flatMap((part) => ('text' in part ? [part.text] : [])).join('\n');
}

/** `calls`: names of the tools that the message calls. */
type Message = { role: string; text: string; calls: string[] };

function messagesOf(request: z.infer<typeof requestSchema>): Message[] {
  if ('prompt' in request) return [{ role: 'user', text: request.prompt, calls: [] }];
  return request.messages.map(({ role, content: parts, text, tool_calls }) => ({
    role,
    text: text ?? textOf(parts),
    calls: tool_calls?.flatMap((call) => call.function?.name ?? []) ?? [],
  }));
}

/** So many calls that change something make a task one of changing things. */
const CHANGES = 3;
const CHANGING = /write|edit|patch|create|update|delete|apply/i;

/** What the messages tell of tools and passages; null where there is nothing of the kind. */
function stepOf(messages: readonly Message[]): AgentStep | null {
  const textsOf = (wanted: string) => messages.flatMap(({ role, text }) => (role === wanted ? [text] : []));
  const system = textsOf('system').join('\n');
  const toolResults = textsOf('tool').length;
  const onCode = isCodeTask(system, textsOf('user')[0] ?? '');
  const fromPassages = isFromPassages(system);
  const changes = messages.flatMap(({ calls }) => calls.filter((name) => CHANGING.test(name))).length;
  const offered = toolResults > 0 || offersTools(system);
  if (!offered && !onCode && !fromPassages) return null;
  return {
    onCode,
    toolResults,
    tools: changes >= CHANGES ? 'write' : offered ? 'read' : 'none',
    fromPassages,
  };
}

/** Earlier user turns whose tiers are worked out anew: who answered them is not in the line. */
const REPLAYED = 3;

/** Decides the last user turn as a conversation would have: each earlier turn's tier is the next one's previous. */
function decide(messages: readonly Message[]): Decision {
  const turns: RouteInput['turns'] = messages.flatMap(({ role, text }) =>
    role === 'user' || role === 'assistant' ? [{ role, text }] : [],
  );
  const asked = turns.flatMap(({ role }, i) => (role === 'user' ? [i + 1] : [])).slice(-1 - REPLAYED);
  const step = stepOf(messages);
  const ends = asked.length === 0 ? [turns.length] : asked;
  let decision: Decision | null = null;
  for (const end of ends) {
    const last = end === ends.at(-1);
    const previousTier = decision?.tier ?? null;
    decision = route({
      turns: turns.slice(0, end),
      previousTier,
      available: [],
      step: last || step?.fromPassages ? step : null,
    });
  }
  return decision ?? route({ turns, previousTier: null, available: [] });
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
  const { tier, score, reason } = decide(messagesOf(request.data));
  return { ok: true, output: JSON.stringify({ id: request.data.id ?? null, tier, score, reason }) };
}
