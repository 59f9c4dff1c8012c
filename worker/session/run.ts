import type { ErrorCode, RoutingPath } from '../../shared/index.ts';
import type { AgentError, Turn } from '../agents/agent.ts';
import { type Fallback, fallbackFor } from '../agents/fallback.ts';
import { routingOf } from '../auto/router.ts';
import type { ModelEntry } from '../models/types.ts';
import { tokensOf } from './context.ts';
import type { Candidate, RunDeps, RunEnd, RunListener, RunningAnswer, RunPlan } from './run-types.ts';
import { withOpinion } from './second-opinion.ts';
import { type Failure, useTools } from './tool-loop.ts';

/** Codes and words for what has no fallback, or has used it up. */
function failed(
  error: AgentError,
  entry: ModelEntry,
  hadOutput: boolean,
  turns: readonly Turn[],
  system: string,
): RunEnd {
  const homeOnly = entry.provider !== 'anthropic' && !hadOutput;
  const code: ErrorCode =
    error.kind === 'context_too_long'
      ? 'context_too_long'
      : homeOnly && error.kind !== 'bad_request'
        ? 'model_unavailable'
        : error.timedOut
          ? 'upstream_timeout'
          : 'upstream_error';
  const what = hadOutput ? 'broke off' : 'did not answer';
  const figures =
    code === 'context_too_long'
      ? ` By our count it has about ${tokensOf(turns, system).toLocaleString('en-US')} tokens, and the model takes ${entry.context_length.toLocaleString('en-US')}.`
      : '';
  return {
    stop_reason: 'error',
    error: { code, message: `${entry.name} ${what}: ${error.message}${figures}` },
  };
}

/**
 * Generates one answer: asks the bound model (or Automatic's choice), goes on to the fallback where R9
 * allows it, makes the calls of tools that it asks for, and reports everything to `listener`. After `signal`
 * is aborted nothing is reported any more: whoever aborted has ended the run.
 */
export async function runAnswer(
  plan: RunPlan,
  deps: RunDeps,
  listener: RunListener,
  signal: AbortSignal,
): Promise<void> {
  const { resumed } = plan;
  if (resumed !== null) {
    const run: RunningAnswer = {
      plan,
      deps,
      listener,
      signal,
      hasStarted: true,
      breaks: listener.textLength() > 0,
    };
    const failure = await useTools(run, { ...resumed, tools: deps.tools.again(resumed.tools) });
    // Something was said before it waited, so nothing is switched any more.
    if (failure !== null) settleFailure(run, resumed.candidate.entry, failure, null);
    return;
  }
  const first = await firstCandidate(plan, deps, signal);
  if (signal.aborted) return;
  if (first === null) {
    listener.end({
      stop_reason: 'error',
      error: { code: 'model_unavailable', message: 'No Claude model can answer now.' },
    });
    return;
  }
  decided(plan, deps, first, first.entry.routing_path);

  let candidate: Candidate = first;
  const usedFor = new Set<ModelEntry['provider']>();
  for (;;) {
    const { entry } = candidate;
    const tools = [...(await deps.tools.offer(entry, signal))];
    if (signal.aborted) return;
    const run: RunningAnswer = { plan, deps, listener, signal, hasStarted: false, breaks: false };
    const asking = { candidate, rounds: [], round: null };
    let failure = await useTools(run, { ...asking, tools });
    if (failure !== null && mayBeTheTools(failure, entry) && tools.length > 0) {
      failure = await useTools(run, { ...asking, tools: [] });
    }
    if (failure === null) return;
    const fallback =
      failure.hadOutput || usedFor.has(entry.provider)
        ? null
        : fallbackFor({
            failed: entry,
            error: failure.error,
            localFallback: deps.localFallback,
            fallbackModel: deps.fallbackModel,
            usable: deps.usable,
            tier: deps.tier,
            automatic: () => deps.automatic(plan.turns)?.entry ?? null,
            fits: (other) => deps.fits(other, plan.turns),
          });
    settleFailure(run, entry, failure, fallback);
    if (fallback === null) return;
    usedFor.add(entry.provider);
    const next: Candidate = { ...fallback, routing: null, opinionUsd: candidate.opinionUsd };
    decided(plan, deps, next, entry.routing_path);
    candidate = next;
  }
}

/** Ollama refuses a whole request with tools (400) where the model's template has no place for them. */
function mayBeTheTools({ error, hadOutput }: Failure, { provider }: ModelEntry): boolean {
  return provider !== 'anthropic' && error.kind === 'bad_request' && !hadOutput;
}

/** Tells the log what an upstream did wrong, and everybody who answers in its place, or that nobody does. */
function settleFailure(
  { plan, deps, listener }: RunningAnswer,
  entry: ModelEntry,
  { error, hadOutput }: Failure,
  fallback: Fallback | null,
): void {
  deps.telemetry({
    event: 'model_error',
    model_id: entry.id,
    routing_path: entry.routing_path,
    connection_id: plan.connectionId,
    error: error.message,
    error_kind: error.kind,
    status: error.status,
    fallback_used: fallback !== null,
    fallback_model: fallback?.entry.id ?? null,
  });
  if (fallback !== null) listener.fallback(entry, fallback);
  else listener.end(failed(error, entry, hadOutput, plan.turns, deps.system(entry, true)));
}

async function firstCandidate(plan: RunPlan, deps: RunDeps, signal: AbortSignal): Promise<Candidate | null> {
  if (!plan.bound.is_automatic) {
    return {
      entry: plan.bound,
      reason: `You chose ${plan.bound.name}.`,
      reason_code: 'fixed',
      routing: null,
      opinionUsd: 0,
    };
  }
  const choice = deps.automatic(plan.turns);
  if (choice === null) return null;
  const { decision, opinion } = await withOpinion(choice.decision, plan, deps, signal);
  const entry = decision === choice.decision ? choice.entry : (deps.tier(decision.tier) ?? choice.entry);
  const routing = { ...routingOf(decision), ...(opinion === null ? {} : { second_opinion: opinion }) };
  const { reason, reason_code } = decision;
  return { entry, reason, reason_code, routing, opinionUsd: opinion?.cost_usd ?? 0 };
}

function decided(plan: RunPlan, deps: RunDeps, candidate: Candidate, requestedPath: RoutingPath): void {
  deps.telemetry({
    event: 'routing_decision',
    model_id: plan.bound.id,
    actual_model: candidate.entry.id,
    requested_path: requestedPath,
    actual_path: candidate.entry.routing_path,
    connection_id: plan.connectionId,
    reason: candidate.reason,
    reason_code: candidate.reason_code,
  });
}
