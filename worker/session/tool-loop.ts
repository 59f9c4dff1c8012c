import type { AgentError, ToolUse, Turn } from '../agents/agent.ts';
import type { ModelEntry } from '../models/types.ts';
import { callKey, judgeRepeat, type RepeatVerdict } from '../tools/repeats.ts';
import { askOnce } from './ask-once.ts';
import { roundTokens, tokensOf, toolTokens } from './context.ts';
import type { Parked, RunEnd, RunningAnswer } from './run-types.ts';
import { closedRound, isWaiting, MOST_CALLS, openRound, runReady } from './tool-round.ts';

/** What an upstream did wrong, and whether anything was said before. */
export type Failure = { error: AgentError; hadOutput: boolean };

/** A tool's result may take this share of a small model's context, in UTF-16 units a token. */
const RESULT_SHARE = 0.75;
/** Of JSON, by our guess (see estimateTokens), which errs on the high side. */
const CHARS_PER_TOKEN = 1.9;
/** ... of what room is left, so that there is some for the next round. */
const ROUND_SHARE = 0.65;
/** Less of a result says nothing. */
const LEAST_CHARS = 600;

/**
 * Lets one model work on an answer: asks it, makes the calls that it asks for, and asks again, until it has answered,
 * has used up its rounds, or has to wait for a person.
 * @param state where it stands; `round` null: it is to be asked
 * @returns what an upstream did wrong; null when the run has come to its end, or waits, which was reported
 */
export async function useTools(
  run: RunningAnswer,
  state: Omit<Parked, 'round'> & { round: Parked['round'] | null },
): Promise<Failure | null> {
  const { plan, deps, listener, signal } = run;
  const { candidate, tools } = state;
  const { entry } = candidate;
  const rounds = [...state.rounds];
  let { round } = state;
  const asked = [...rounds, ...(round === null ? [] : [round])].flatMap(({ calls }) =>
    calls.map((one) => keyOf('use' in one ? one.use : one)),
  );
  const end = (stop_reason: 'limit') => listener.end({ stop_reason, error: null });
  // Without tools a provider refuses a conversation that has calls of tools in it. Turns without any stay the same ones:
  // what they were counted at is remembered by them.
  const hasCalls = plan.turns.some(({ rounds }) => rounds !== undefined);
  const turns = tools.length === 0 && hasCalls ? plan.turns.map(withoutRounds) : plan.turns;
  const system = deps.system(entry, tools.length > 0);
  if (round !== null) listener.opened(round);
  for (;;) {
    if (round === null) {
      // What was asked for is not thrown away: the last round has to be an answer.
      const isLast = rounds.length >= deps.tools.rounds;
      if (!deps.fits(entry, turns, rounds, tools)) {
        if (rounds.length > 0) end('limit');
        else listener.end(noRoom(entry, tokensOf(turns, system) + toolTokens(tools)));
        return null;
      }
      const offer = tools.length === 0 ? {} : ({ tools, toolChoice: isLast ? 'none' : 'auto' } as const);
      const printed = entry.provider === 'anthropic' ? null : deps.tools.printed(tools);
      const request = { turns, system, rounds, ...offer };
      const outcome = await askOnce(run, candidate, request, printed);
      if (outcome === null) return null;
      switch (outcome.kind) {
        case 'ended':
        case 'aborted':
          return null;
        case 'limit':
          end('limit');
          return null;
        case 'fault':
          listener.end({
            stop_reason: 'error',
            error: { code: 'internal', message: 'The answer broke off because of a fault in this program.' },
          });
          return null;
        case 'failed':
          return { error: outcome.error, hadOutput: outcome.hadOutput || rounds.length > 0 };
        case 'tools': {
          const { calls, text, echo } = outcome;
          const verdicts = new Map<ToolUse, RepeatVerdict>();
          for (const use of calls) {
            verdicts.set(use, judgeRepeat(asked, keyOf(use)));
            asked.push(keyOf(use));
          }
          if (isLast || calls.length > MOST_CALLS || [...verdicts.values()].includes('stop')) {
            end('limit');
            return null;
          }
          listener.callEnded();
          run.breaks = listener.textLength() > 0;
          const place = { round: rounds.length + 1, at: listener.textLength() };
          round = openRound(
            { text, calls, echo },
            place,
            tools,
            deps.tools.grant,
            (use) => verdicts.get(use) ?? 'go',
          );
          listener.opened(round);
          for (const { state: is, called } of round.calls) if (is === 'waiting') listener.waits(called);
        }
      }
    }
    const used = tokensOf(turns, system) + toolTokens(tools) + roundTokens([...rounds, closedRound(round)]);
    const chars = resultChars(entry, used, round.calls.length, deps.tools.resultChars);
    await runReady(round, tools, deps.tools, listener, chars, signal);
    if (signal.aborted) return null;
    if (isWaiting(round)) {
      listener.parked({ candidate, tools, rounds, round });
      return null;
    }
    rounds.push(closedRound(round));
    round = null;
  }
}

const keyOf = ({ name, arguments: args, raw }: ToolUse): string => callKey(name, args ?? raw);

/** All words of an answer, as if it had used none. */
function withoutRounds({ role, text, rounds = [] }: Turn): Turn {
  const words = [...rounds.map((round) => round.text), text].filter((one) => one.trim() !== '');
  return { role, text: words.join('\n\n') };
}

/** R13: before a question was accepted it was not known yet what tools there are. */
function noRoom({ name, context_length, max_output_tokens }: ModelEntry, needed: number): RunEnd {
  const [has, takes] = [needed, context_length - max_output_tokens].map((n) => n.toLocaleString('en-US'));
  const message = `Together with its tools this conversation does not fit ${name}: about ${has} tokens, and the model takes ${takes} beside its answer. Start a new conversation, or leave out the oldest turns.`;
  return { stop_reason: 'error', error: { code: 'context_too_long', message } };
}

/**
 * How much of each result of a round a model gets to read, UTF-16 units: what it has room for, or the round after would
 * not fit. The results of one round share the room.
 * @param used tokens of everything before them
 */
export function resultChars(entry: ModelEntry, used: number, calls: number, most: number): number {
  const room = entry.context_length - entry.max_output_tokens - used;
  const share = Math.floor((room * ROUND_SHARE * CHARS_PER_TOKEN) / Math.max(1, calls));
  return Math.max(LEAST_CHARS, Math.min(most, Math.floor(entry.context_length * RESULT_SHARE), share));
}
