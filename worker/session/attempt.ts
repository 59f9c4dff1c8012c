import type { Usage } from '../../shared/index.ts';
import { type Agent, AgentError, type AgentRequest, type AgentStop, type ToolUse } from '../agents/agent.ts';
import type { Charge } from '../guard/charge.ts';
import { describeFault, type Telemetry } from '../telemetry/telemetry.ts';

/** What one call of an upstream tells while it goes on. */
export type AttemptListener = {
  /** The first output of this call is there, be it only its end; `delta` and everything else come after it. */
  begins: () => void;
  delta: (kind: 'text_delta' | 'thinking_delta', text: string) => void;
  usage: (usage: Partial<Usage>) => void;
  /** A piece of a call that is not complete: nobody sees it, and it is paid for. */
  drafted: (text: string) => void;
  /** The last word of the answer, told before the upstream has closed the connection. */
  ends: (stop: Exclude<AgentStop, 'tool_use'>) => void;
};

/** How one call of an upstream came to its end. */
export type Outcome =
  | { kind: 'ended'; stop: Exclude<AgentStop, 'tool_use'> }
  /** It waits for the results of these calls, or, without any, to go on. */
  | { kind: 'tools'; text: string; calls: ToolUse[]; echo: unknown }
  /** More came than was paid for. */
  | { kind: 'limit' }
  | { kind: 'failed'; error: AgentError; hadOutput: boolean }
  /** A fault of ours. */
  | { kind: 'fault' }
  /** Whoever aborted has ended the run. */
  | { kind: 'aborted' };

/**
 * Text of a model that may print its calls instead of making them: what could still become one is held back.
 * @see worker/tools/printed-calls.ts
 */
export type PrintedCalls = {
  /** @returns what can be shown now */
  take: (text: string) => string;
  /** The text is over. @returns what is to be shown of what was held back, and the calls in it */
  end: () => { text: string; calls: ToolUse[] };
};

/** Asks an upstream once. Its charge is settled in every case. */
export async function attempt(
  agent: () => Agent,
  request: AgentRequest,
  charge: Charge,
  listener: AttemptListener,
  printed: PrintedCalls | null,
  telemetry: Telemetry,
  signal: AbortSignal,
): Promise<Outcome> {
  const calls: ToolUse[] = [];
  let text = '';
  let hadOutput = false;
  /** Arguments that came in pieces, and were paid for before their call was complete; UTF-16 units. */
  let drafted = 0;
  /** Its answer has begun, be it with nothing to show: a provider may bill that. */
  let hasBegun = false;
  let outcome: Outcome | null = null;
  const say = (kind: 'text_delta' | 'thinking_delta', said: string) => {
    if (said === '') return;
    if (!hadOutput) listener.begins();
    hadOutput = true;
    if (kind === 'text_delta') text += said;
    listener.delta(kind, said);
  };
  /** @returns false where it is more than there is money for */
  const paid = (args: string): boolean => {
    if (args === '') return true;
    listener.drafted(args);
    if (charge.took('text', args)) return true;
    charge.settle('cut');
    return false;
  };
  try {
    for await (const event of agent().stream(request, signal)) {
      hasBegun = true;
      if (signal.aborted) break;
      switch (event.type) {
        case 'text':
        case 'thinking': {
          if (event.text === '' || outcome !== null) break;
          const shown = event.type === 'text' && printed !== null ? printed.take(event.text) : event.text;
          say(event.type === 'text' ? 'text_delta' : 'thinking_delta', shown);
          if (charge.took(event.type, event.text)) break;
          charge.settle('cut');
          return { kind: 'limit' };
        }
        case 'tool_use':
          if (outcome !== null) break;
          if (!hadOutput) listener.begins();
          hadOutput = true;
          calls.push(event.call);
          if (paid(event.call.raw.slice(drafted))) {
            drafted = Math.max(0, drafted - event.call.raw.length);
            break;
          }
          return { kind: 'limit' };
        case 'usage':
          charge.counted(event.usage);
          listener.usage(event.usage);
          break;
        case 'end': {
          if (outcome !== null) break;
          charge.settle('complete');
          const rest = printed?.end() ?? { text: '', calls: [] };
          say('text_delta', rest.text);
          if (!hadOutput) listener.begins();
          hadOutput = true;
          calls.push(...rest.calls);
          if (event.stop === 'tool_use' || (event.stop === 'end_turn' && rest.calls.length > 0)) {
            outcome = { kind: 'tools', text, calls, echo: event.echo ?? null };
          } else {
            outcome = { kind: 'ended', stop: event.stop };
            listener.ends(event.stop);
          }
          // The loop goes on to the end of the body, so that the connection can be used again.
          break;
        }
        case 'alive':
          if (event.drafted === undefined || outcome !== null) break;
          drafted += event.drafted.length;
          if (!paid(event.drafted)) return { kind: 'limit' };
          break;
      }
    }
    if (signal.aborted) return { kind: 'aborted' };
    return (
      outcome ?? {
        kind: 'failed',
        error: new AgentError('transient', 'The answer broke off in the middle.'),
        hadOutput,
      }
    );
  } catch (error) {
    if (outcome !== null) return outcome;
    // Who said no by a status sends no bill, nor does who was never reached; who was silent may.
    if (error instanceof AgentError && !error.timedOut && !hasBegun) charge.settle('unbilled');
    if (signal.aborted) return { kind: 'aborted' };
    if (error instanceof AgentError) return { kind: 'failed', error, hadOutput };
    telemetry({ event: 'internal_error', where: 'run', error: describeFault(error) });
    return { kind: 'fault' };
  } finally {
    charge.settle('cut');
  }
}
