import type { Budget } from '../../shared/index.ts';
import type { AgentRequest, AgentStop } from '../agents/agent.ts';
import type { Charge } from '../guard/charge.ts';
import type { ModelEntry } from '../models/types.ts';
import { attempt, type Outcome, type PrintedCalls } from './attempt.ts';
import type { Candidate, RunEnd, RunMoney, RunningAnswer } from './run-types.ts';

/** Sets the money for one call aside, and makes it. Null when there is none for it, which was reported. */
export async function askOnce(
  run: RunningAnswer,
  candidate: Candidate,
  request: Omit<AgentRequest, 'maxTokens' | 'upstreamModel' | 'thinking'>,
  printed: PrintedCalls | null,
): Promise<Outcome | null> {
  const { plan, deps, listener, signal } = run;
  const { entry } = candidate;
  const charge = await paidFor(run, { ...request, maxTokens: entry.max_output_tokens }, entry);
  if (charge === null) return null;
  deps.telemetry({
    event: 'model_request',
    model_id: entry.id,
    routing_path: entry.routing_path,
    connection_id: plan.connectionId,
  });
  return attempt(
    () => deps.createAgent(entry),
    {
      ...request,
      upstreamModel: entry.upstream_model ?? entry.id,
      maxTokens: charge.maxTokens,
      thinking: entry.thinking,
    },
    charge,
    {
      begins: () => {
        if (!run.hasStarted) listener.start(candidate);
        run.hasStarted = true;
      },
      delta: (kind, text) => {
        const isBreak = run.breaks && kind === 'text_delta';
        if (isBreak) run.breaks = false;
        listener.delta(kind, isBreak ? `\n\n${text}` : text);
      },
      usage: listener.usage,
      drafted: listener.drafted,
      ends: (stop) => listener.end(endOf(stop, entry)),
    },
    printed,
    deps.telemetry,
    signal,
  );
}

/** @returns null when nothing is to be asked: there is no money for it, which was reported, or nobody waits any more */
async function paidFor(
  { plan, deps: { till }, listener, signal }: RunningAnswer,
  request: Omit<AgentRequest, 'upstreamModel' | 'thinking'>,
  entry: ModelEntry,
): Promise<Charge | null> {
  const answer = await till.reserve({ entry, request, payer: plan.payer });
  if (signal.aborted) {
    if (answer.ok) answer.charge.settle('unbilled');
    return null;
  }
  if (answer.ok) {
    listener.charged(answer.charge);
    return answer.charge;
  }
  const { refused, budget } = answer;
  listener.charged(noMoney(budget));
  listener.end({ stop_reason: 'error', error: refused });
  return null;
}

const noMoney = (budget: Budget | null): RunMoney => ({ settle: () => {}, budget: () => budget });

function endOf(stop: Exclude<AgentStop, 'tool_use'>, entry: ModelEntry): RunEnd {
  if (stop !== 'refused') return { stop_reason: stop, error: null };
  const message = `${entry.name} declined to answer this.`;
  return { stop_reason: 'refused', error: { code: 'refused', message } };
}
