import type { AgentRequest, ToolRound } from './agent.ts';
import { argumentsToSend, CallIds, nameToSend } from './tool-calls.ts';

/** A call and its result as they go upstream: a valid name, an object as arguments, never without a result. */
export type SentCall = {
  id: string;
  name: string;
  arguments: Record<string, unknown>;
  ok: boolean;
  /** Never empty: Anthropic refuses an empty error. */
  content: string;
};

export type SentRound = {
  text: string;
  calls: SentCall[];
  /** The provider's own, or null. */
  echo: unknown;
};

export type SentHistory = {
  /** The rounds of each turn of the request, in its order. */
  ofTurns: SentRound[][];
  ofRun: SentRound[];
  /** Knows every id of the request: the answer's calls take theirs from here. */
  ids: CallIds;
  /** The names of all calls, each once. */
  names: string[];
};

/** What a model is told of a call that has no result. */
export const NOT_RUN = 'This call was not run.';
const NOTHING = '(no output)';

/**
 * What a request says about tools that were used before, made fit for either provider. The same request always
 * gives the same: what is cached at the provider stays so.
 * @param isOwn whether an echo is the provider's own, so that its blocks, and the ids in them, go back unchanged
 */
export function sentHistory(
  { turns, rounds = [] }: Pick<AgentRequest, 'turns' | 'rounds'>,
  isOwn: (echo: unknown) => boolean,
): SentHistory {
  const ids = new CallIds();
  const ofTurns = turns.map(({ role, rounds: earlier = [] }) =>
    // Thinking of another run never goes upstream (CONTRACT R12), whatever the caller kept.
    role === 'assistant' ? earlier.map((round) => sentRound(round, ids, false)) : [],
  );
  const ofRun = rounds.map((round) => sentRound(round, ids, isOwn(round.echo)));
  const names = new Set([...ofTurns.flat(), ...ofRun].flatMap(({ calls }) => calls.map(({ name }) => name)));
  return { ofTurns, ofRun, ids, names: [...names] };
}

function sentRound({ text, calls, results, echo }: ToolRound, ids: CallIds, isOwn: boolean): SentRound {
  return {
    text,
    calls: calls.map((call) => {
      const result = results.find(({ id }) => id === call.id);
      return {
        id: isOwn ? ids.keep(call.id) : ids.take(call.id),
        name: nameToSend(call.name),
        arguments: argumentsToSend(call),
        ok: result?.ok ?? false,
        content: result === undefined ? NOT_RUN : result.content.trim() === '' ? NOTHING : result.content,
      };
    }),
    echo: isOwn ? echo : null,
  };
}
