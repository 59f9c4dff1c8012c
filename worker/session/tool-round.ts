import type { ToolRound, ToolUse } from '../agents/agent.ts';
import type { Grant } from '../archive/tools.ts';
import type { ModelEntry } from '../models/types.ts';
import { asData } from '../tools/as-data.ts';
import { REPEATED, type RepeatVerdict } from '../tools/repeats.ts';
import type { OfferedTool } from '../tools/toolbox.ts';
import type { PrintedCalls } from './attempt.ts';
import type { Called, CallResult } from './tool-log.ts';

/** The tools of a session, as far as a run uses them. Nothing here ever rejects. */
export type RunTools = {
  /** What can be offered to a model now; servers that do not answer in time are left out. */
  offer: (entry: ModelEntry, signal: AbortSignal) => Promise<readonly OfferedTool[]>;
  /** Tools that an answer was offered before it waited; what may run by itself is the word of today. */
  again: (tools: readonly OfferedTool[]) => OfferedTool[];
  /** @param chars the most that the result may have, in UTF-16 units */
  call: (
    tool: OfferedTool,
    args: Record<string, unknown>,
    options: { signal: AbortSignal; chars: number },
  ) => Promise<CallResult>;
  grant: (tool: Pick<OfferedTool, 'name' | 'server'>) => Grant | null;
  /** For a model that may print its calls: what of its text can be shown. Null where nothing is offered. */
  printed: (offered: readonly OfferedTool[]) => PrintedCalls | null;
  /** How often a model may ask for tools in one answer. */
  rounds: number;
  /** The most of one result that a model is told, UTF-16 units. */
  resultChars: number;
};

/** One call of a round that is not over. */
export type OpenCall = {
  use: ToolUse;
  called: Called;
  /** `waiting`: for a person. `ready`: it is made, or refused, next. */
  state: 'waiting' | 'ready' | 'running' | 'done';
  /** Who let it run, or did not. */
  by: Decider;
  result: CallResult | null;
};

/** Who decided about a call, for the audit. */
export type Decider =
  | 'read_only'
  | 'person'
  | 'grant'
  | 'denied'
  | 'grant_denied'
  | 'not_offered'
  | 'malformed'
  | 'repeated';

/** JSON, so that it can wait in storage. */
export type OpenRound = { text: string; echo: unknown; calls: OpenCall[] };

/** What a model is told of a result: what came from a server is marked as data, what we say ourselves is not. */
export function asTold(content: string, server: string | null): string {
  return server === null || OURS.has(content) ? content : asData(content, server);
}

/** Calls of one round: more than a question needs, and few enough for what is numbered and stored of them. */
export const MOST_CALLS = 64;
/** Of the arguments of one call, UTF-16 units: as much as a person may write. What is longer is not looked at. */
const MOST_ARGUMENTS = 32_000;
/** ... and levels. SQLite reads JSON of a thousand. */
const MOST_LEVELS = 100;
/** What is kept of arguments that are too much, and of a name. */
const SHOWN_ARGUMENTS = 2_000;
const SHOWN_NAME = 128;

const failed = (content: string): CallResult => ({ ok: false, content, truncated: false, duration_ms: 0 });

export const DENIED = failed(
  'The person did not allow this call. Do not ask for it again; go on without it.',
);

const MALFORMED = 'The arguments are not a JSON object. Send the call again with valid JSON.';
const TOO_MUCH =
  'The arguments are too long, or nested too deep: the call was not made. Ask for less at once.';
const GONE = 'This tool is no longer there.';
const OURS: ReadonlySet<string> = new Set([DENIED.content, MALFORMED, TOO_MUCH, GONE, REPEATED]);

/**
 * What is to become of each call that a model asked for. Only what is offered is ever called; what its server marks
 * read-only runs by itself, everything else waits for a person.
 * @param at characters of the answer's text before these calls
 */
export function openRound(
  asked: { text: string; calls: readonly ToolUse[]; echo: unknown },
  place: { round: number; at: number },
  offered: readonly OfferedTool[],
  grant: RunTools['grant'],
  repeats: (use: ToolUse) => RepeatVerdict,
): OpenRound {
  const calls = asked.calls.map((given): OpenCall => {
    const isTooMuch = given.raw.length > MOST_ARGUMENTS || isDeeper(given.arguments, MOST_LEVELS);
    const use = { ...(isTooMuch ? cut(given) : given), name: given.name.slice(0, SHOWN_NAME) };
    const tool = offered.find((one) => one.name === use.name) ?? null;
    const called: Called = {
      call_id: use.id,
      name: use.name,
      arguments: use.arguments ?? use.raw,
      server: tool?.server ?? null,
      title: tool?.title ?? null,
      ...place,
    };
    const refuse = (by: Decider, why: string): OpenCall => ({
      use,
      called,
      state: 'ready',
      by,
      result: failed(why),
    });
    if (tool === null) {
      const names = offered.map((one) => one.name).join(', ');
      return refuse('not_offered', `There is no tool "${use.name}" here. There are: ${names || 'none'}.`);
    }
    if (use.arguments === null) return refuse('malformed', isTooMuch ? TOO_MUCH : MALFORMED);
    if (repeats(given) !== 'go') return refuse('repeated', REPEATED);
    const standing = grant(tool);
    if (standing === 'denied') return { use, called, state: 'ready', by: 'grant_denied', result: DENIED };
    const free = tool.readOnly || standing === 'allowed';
    const by: Decider = tool.readOnly ? 'read_only' : standing === 'allowed' ? 'grant' : 'person';
    return { use, called, state: free ? 'ready' : 'waiting', by, result: null };
  });
  return { text: asked.text, echo: asked.echo, calls };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1));
}

function cut(use: ToolUse): ToolUse {
  return { ...use, arguments: null, raw: use.raw.slice(0, SHOWN_ARGUMENTS).toWellFormed() };
}

/** What a person has decided about a call that waits. A deny wins over an allow that came before it. */
export function decide(round: OpenRound, callId: string, allow: boolean): 'decided' | 'unknown' {
  const call = round.calls.find(({ use }) => use.id === callId);
  if (call === undefined || call.by !== 'person') return 'unknown';
  const mayBeDecided = call.state === 'waiting' || (call.state === 'ready' && !allow);
  if (!mayBeDecided) return 'unknown';
  call.state = 'ready';
  if (!allow) {
    call.by = 'denied';
    call.result = DENIED;
  }
  return 'decided';
}

export const isWaiting = (round: OpenRound): boolean => round.calls.some(({ state }) => state === 'waiting');

export type RoundListener = {
  waits: (called: Called) => void;
  starts: (call: OpenCall) => void;
  ends: (call: OpenCall, result: CallResult) => void;
};

/**
 * Carries out every call that need not wait, at once; what was refused gets its result as well. Then, what a person has
 * let run meanwhile.
 */
export async function runReady(
  round: OpenRound,
  offered: readonly OfferedTool[],
  tools: Pick<RunTools, 'call'>,
  listener: Pick<RoundListener, 'starts' | 'ends'>,
  chars: number,
  signal: AbortSignal,
): Promise<void> {
  const ready = round.calls.filter(({ state }) => state === 'ready');
  if (ready.length === 0) return;
  await Promise.all(
    ready.map(async (call) => {
      call.state = 'running';
      if (call.by !== 'denied') listener.starts(call);
      // A disk that takes no writes ends the run: nothing is made that could not be noted.
      if (signal.aborted) return;
      const tool = offered.find((one) => one.name === call.use.name);
      const args = call.use.arguments;
      const result =
        call.result ??
        (tool === undefined || args === null
          ? failed(GONE)
          : await tools.call(tool, args, { signal, chars }));
      if (signal.aborted) return;
      call.result = result;
      call.state = 'done';
      listener.ends(call, result);
    }),
  );
  if (!signal.aborted) await runReady(round, offered, tools, listener, chars, signal);
}

/** What goes back to the model when all of a round is over. */
export function closedRound(round: OpenRound): ToolRound {
  return {
    // As it is read from the archive later: the same prompt stays cached.
    text: round.text.trim(),
    calls: round.calls.map(({ use }) => use),
    results: round.calls.map(({ use, called, result }) => ({
      id: use.id,
      ok: result?.ok ?? false,
      content: asTold(result?.content ?? '', called.server ?? null),
    })),
    echo: round.echo,
  };
}
