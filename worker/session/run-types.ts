import type { ErrorCode, Routing, StopReason, Usage } from '../../shared/index.ts';
import type { Agent, ToolRound, ToolSpec, Turn } from '../agents/agent.ts';
import type { Fallback } from '../agents/fallback.ts';
import type { Decision } from '../auto/router.ts';
import type { Charge } from '../guard/charge.ts';
import type { Till } from '../guard/till.ts';
import type { Visitor } from '../guard/visitor.ts';
import type { ModelEntry, Tier } from '../models/types.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { OfferedTool } from '../tools/toolbox.ts';
import type { SecondOpinion } from './second-opinion.ts';
import type { OpenRound, RoundListener, RunTools } from './tool-round.ts';

/** Who answers, and why: a fixed model, or what Automatic decided. */
export type Candidate = {
  entry: ModelEntry;
  reason: string;
  reason_code: string;
  /** What Automatic thought; null where it did not choose. */
  routing: Routing | null;
  /** What was spent to choose, US dollars. */
  opinionUsd: number;
};

export type RunError = { code: ErrorCode; message: string; retry_after_ms?: number };

export type RunEnd = {
  stop_reason: Exclude<StopReason, 'stopped' | 'interrupted'>;
  error: RunError | null;
};

/** What is paid for a run, as far as its session has to do with it. */
export type RunMoney = Pick<Charge, 'settle' | 'budget'>;

/** A run that waits for a person: as JSON it is all that is needed to go on, beside the conversation itself. */
export type Parked = {
  candidate: Candidate;
  tools: OfferedTool[];
  rounds: ToolRound[];
  round: OpenRound;
};

/** What a run tells its session. `start` comes at most once, right before the first output or the end. */
export type RunListener = RoundListener & {
  start: (candidate: Candidate) => void;
  /** Money was set aside for the call that comes now, in place of an earlier one; or there was none. */
  charged: (money: RunMoney) => void;
  delta: (kind: 'text_delta' | 'thinking_delta', text: string) => void;
  usage: (usage: Partial<Usage>) => void;
  /** A piece of a call came, which nobody sees. */
  drafted: (text: string) => void;
  /** One call of an upstream is over, and the answer is not: what it took is added up. */
  callEnded: () => void;
  /** The calls of this round are made now; a person may decide about those that wait. */
  opened: (round: OpenRound) => void;
  /** How much text the answer has so far, UTF-16 units. */
  textLength: () => number;
  fallback: (requested: ModelEntry, fallback: Fallback) => void;
  /** Nothing goes on until a person has decided. */
  parked: (parked: Parked) => void;
  end: (end: RunEnd) => void;
};

/** Which models may be asked, and in whose place. */
export type RunChoices = {
  localFallback: boolean;
  fallbackModel: ModelEntry | null;
  usable: (id: string) => ModelEntry | null;
  tier: (tier: Tier) => ModelEntry | null;
  /** What a model is told before everything else; of tools only where it is offered any. */
  system: (entry: ModelEntry, hasTools: boolean) => string;
  /** Whether a model takes these turns whole (R13: nothing is ever cut silently), with what else goes up. */
  fits: (
    entry: ModelEntry,
    turns: readonly Turn[],
    rounds?: readonly ToolRound[],
    tools?: readonly ToolSpec[],
  ) => boolean;
  /** Automatic's choice for these turns; null when no Claude model can be asked. */
  automatic: (turns: readonly Turn[]) => { entry: ModelEntry; decision: Decision } | null;
};

export type RunDeps = RunChoices & {
  createAgent: (entry: ModelEntry) => Agent;
  telemetry: Telemetry;
  till: Till;
  tools: RunTools;
  /** Null where Haiku is not asked for its opinion. */
  secondOpinion: SecondOpinion | null;
};

export type RunPlan = {
  bound: ModelEntry;
  turns: Turn[];
  connectionId: string;
  payer: Visitor;
  /** Where it goes on, with every call of the open round decided; null at its beginning. */
  resumed: Parked | null;
};

/** What stays the same while one model works on an answer. */
export type RunningAnswer = {
  plan: RunPlan;
  deps: RunDeps;
  listener: RunListener;
  signal: AbortSignal;
  /** Its `start` was told. */
  hasStarted: boolean;
  /** There is text before the rounds of tools: what comes now begins a new paragraph. */
  breaks: boolean;
};
