import type { Budget, ErrorCode, Routing, RoutingPath, StopReason, Usage } from '../../shared/index.ts';
import { type Agent, AgentError, type AgentStop, type Turn } from '../agents/agent.ts';
import { type Fallback, fallbackFor } from '../agents/fallback.ts';
import { SYSTEM_PROMPT } from '../agents/system-prompt.ts';
import { type Decision, routingOf } from '../auto/router.ts';
import type { Charge } from '../guard/charge.ts';
import type { Till } from '../guard/till.ts';
import type { Visitor } from '../guard/visitor.ts';
import type { ModelEntry, Tier } from '../models/types.ts';
import { describeFault, type Telemetry } from '../telemetry/telemetry.ts';
import { tokensOf } from './context.ts';

/** Who answers, and why: a fixed model, or what Automatic decided. */
export type Candidate = {
  entry: ModelEntry;
  reason: string;
  reason_code: string;
  /** What Automatic thought; null where it did not choose. */
  routing: Routing | null;
};

export type RunError = { code: ErrorCode; message: string; retry_after_ms?: number };

export type RunEnd = {
  stop_reason: Exclude<StopReason, 'stopped' | 'interrupted'>;
  error: RunError | null;
};

/** What is paid for a run, as far as its session has to do with it. */
export type RunMoney = Pick<Charge, 'settle' | 'budget'>;

/** What a run tells its session. `start` comes at most once, right before the first output or the end. */
export type RunListener = {
  start: (candidate: Candidate) => void;
  /** Money was set aside for the call that comes now, in place of an earlier one; or there was none. */
  charged: (money: RunMoney) => void;
  delta: (kind: 'text_delta' | 'thinking_delta', text: string) => void;
  usage: (usage: Partial<Usage>) => void;
  fallback: (requested: ModelEntry, fallback: Fallback) => void;
  end: (end: RunEnd) => void;
};

/** Which models may be asked, and in whose place. */
export type RunChoices = {
  localFallback: boolean;
  fallbackModel: ModelEntry | null;
  usable: (id: string) => ModelEntry | null;
  tier: (tier: Tier) => ModelEntry | null;
  /** Whether a model takes these turns whole (R13: nothing is ever cut silently). */
  fits: (entry: ModelEntry, turns: readonly Turn[]) => boolean;
  /** Automatic's choice for these turns; null when no Claude model can be asked. */
  automatic: (turns: readonly Turn[]) => { entry: ModelEntry; decision: Decision } | null;
};

export type RunDeps = RunChoices & {
  createAgent: (entry: ModelEntry) => Agent;
  telemetry: Telemetry;
  till: Till;
};

export type RunPlan = { bound: ModelEntry; turns: Turn[]; connectionId: string; payer: Visitor };

/** Codes and words for what has no fallback, or has used it up. */
function failed(error: AgentError, entry: ModelEntry, hadOutput: boolean, turns: readonly Turn[]): RunEnd {
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
      ? ` By our count it has about ${tokensOf(turns, SYSTEM_PROMPT).toLocaleString('en-US')} tokens, and the model takes ${entry.context_length.toLocaleString('en-US')}.`
      : '';
  return {
    stop_reason: 'error',
    error: { code, message: `${entry.name} ${what}: ${error.message}${figures}` },
  };
}

/**
 * Generates one answer: asks the bound model (or Automatic's choice), goes on to the fallback where R9
 * allows it, and reports everything to `listener`. After `signal` is aborted nothing is reported any more:
 * whoever aborted has ended the run.
 */
export async function runAnswer(
  plan: RunPlan,
  deps: RunDeps,
  listener: RunListener,
  signal: AbortSignal,
): Promise<void> {
  const first = firstCandidate(plan, deps);
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
    const charge = await paidFor(plan, deps, listener, signal, candidate);
    if (charge === null) return;
    const failure = await attempt(plan, deps, listener, signal, candidate, charge);
    if (signal.aborted || failure === null) return;
    const { error, hadOutput } = failure;
    const provider = candidate.entry.provider;
    const fallback =
      hadOutput || usedFor.has(provider)
        ? null
        : fallbackFor({
            failed: candidate.entry,
            error,
            localFallback: deps.localFallback,
            fallbackModel: deps.fallbackModel,
            usable: deps.usable,
            tier: deps.tier,
            automatic: () => deps.automatic(plan.turns)?.entry ?? null,
            fits: (entry) => deps.fits(entry, plan.turns),
          });
    deps.telemetry({
      event: 'model_error',
      model_id: candidate.entry.id,
      routing_path: candidate.entry.routing_path,
      connection_id: plan.connectionId,
      error: error.message,
      error_kind: error.kind,
      status: error.status,
      fallback_used: fallback !== null,
      fallback_model: fallback?.entry.id ?? null,
    });
    if (fallback === null) {
      listener.end(failed(error, candidate.entry, hadOutput, plan.turns));
      return;
    }
    usedFor.add(provider);
    listener.fallback(candidate.entry, fallback);
    const next: Candidate = { ...fallback, routing: null };
    decided(plan, deps, next, candidate.entry.routing_path);
    candidate = next;
  }
}

function firstCandidate(plan: RunPlan, deps: RunDeps): Candidate | null {
  if (!plan.bound.is_automatic) {
    return {
      entry: plan.bound,
      reason: `You chose ${plan.bound.name}.`,
      reason_code: 'fixed',
      routing: null,
    };
  }
  const choice = deps.automatic(plan.turns);
  if (choice === null) return null;
  const { reason, reason_code } = choice.decision;
  return { entry: choice.entry, reason, reason_code, routing: routingOf(choice.decision) };
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

/** @returns null when nothing is to be asked: there is no money for it, which was reported, or nobody waits any more */
async function paidFor(
  plan: RunPlan,
  { till }: RunDeps,
  listener: RunListener,
  signal: AbortSignal,
  { entry }: Candidate,
): Promise<Charge | null> {
  const request = { turns: plan.turns, system: SYSTEM_PROMPT, maxTokens: entry.max_output_tokens };
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

type Failure = { error: AgentError; hadOutput: boolean };

/** @returns null when the run has come to its end, which was reported at once */
async function attempt(
  plan: RunPlan,
  deps: RunDeps,
  listener: RunListener,
  signal: AbortSignal,
  candidate: Candidate,
  charge: Charge,
): Promise<Failure | null> {
  const { entry } = candidate;
  let hadOutput = false;
  /** Its answer has begun, be it with nothing to show: a provider may bill that. */
  let hasBegun = false;
  let hasEnded = false;
  deps.telemetry({
    event: 'model_request',
    model_id: entry.id,
    routing_path: entry.routing_path,
    connection_id: plan.connectionId,
  });
  try {
    const events = deps.createAgent(entry).stream(
      {
        upstreamModel: entry.upstream_model ?? entry.id,
        turns: plan.turns,
        system: SYSTEM_PROMPT,
        maxTokens: charge.maxTokens,
        thinking: entry.thinking,
      },
      signal,
    );
    for await (const event of events) {
      hasBegun = true;
      if (signal.aborted) break;
      switch (event.type) {
        case 'text':
        case 'thinking':
          if (event.text === '' || hasEnded) break;
          if (!hadOutput) listener.start(candidate);
          hadOutput = true;
          listener.delta(event.type === 'text' ? 'text_delta' : 'thinking_delta', event.text);
          if (charge.took(event.type, event.text)) break;
          hasEnded = true;
          charge.settle('cut');
          listener.end({ stop_reason: 'limit', error: null });
          return null;
        case 'usage':
          charge.counted(event.usage);
          listener.usage(event.usage);
          break;
        case 'end':
          if (hasEnded) break;
          charge.settle('complete');
          if (!hadOutput) listener.start(candidate);
          listener.end(endOf(event.stop, entry));
          // The loop goes on to the end of the body, so that the connection can be used again.
          hasEnded = true;
          break;
        case 'alive':
          break;
      }
    }
    return hasEnded
      ? null
      : { error: new AgentError('transient', 'The answer broke off in the middle.'), hadOutput };
  } catch (error) {
    if (hasEnded) return null;
    // Who said no by a status sends no bill, nor does who was never reached; who was silent may.
    if (error instanceof AgentError && !error.timedOut && !hasBegun) charge.settle('unbilled');
    if (error instanceof AgentError) return { error, hadOutput };
    deps.telemetry({ event: 'internal_error', where: 'run', error: describeFault(error) });
    listener.end({
      stop_reason: 'error',
      error: { code: 'internal', message: 'The answer broke off because of a fault in this program.' },
    });
    return null;
  } finally {
    charge.settle('cut');
  }
}

function endOf(stop: AgentStop, entry: ModelEntry): RunEnd {
  if (stop !== 'refused') return { stop_reason: stop, error: null };
  const message = `${entry.name} declined to answer this.`;
  return { stop_reason: 'refused', error: { code: 'refused', message } };
}
