import type { Turn } from '../agents/agent.ts';
import { type SystemPrompts, systemFor } from '../agents/system-prompt.ts';
import { findMessage, saidMessages } from '../archive/messages.ts';
import { messageId } from '../archive/rows.ts';
import type { Sql } from '../archive/sql.ts';
import type { ModelEntry } from '../models/types.ts';
import { circumstancesOf, runChoices, type Wish } from './automatic.ts';
import { fitContext } from './context.ts';
import type { LiveRun } from './live-run.ts';
import type { Offer } from './offer.ts';
import type { RunDeps } from './run-types.ts';
import type { SessionDeps } from './session-deps.ts';
import type { RunTools } from './tool-round.ts';

/** Everything that a run asks the outside for, as it stands when it starts. */
export function runDeps(
  deps: Pick<
    SessionDeps,
    'sql' | 'createAgent' | 'telemetry' | 'till' | 'settings' | 'secondOpinion' | 'now'
  >,
  conversation: string,
  wish: Wish,
  offer: Offer,
  tools: RunTools,
): RunDeps {
  const { sql, createAgent, telemetry, till, settings, secondOpinion, now } = deps;
  const circumstances = circumstancesOf(sql, conversation, wish, offer, now());
  return {
    ...runChoices(offer, circumstances, settings),
    createAgent,
    telemetry,
    till,
    tools,
    secondOpinion,
  };
}

/** What goes upstream for a run that goes on: the same as when it began, since nothing is ever replaced. */
export function turnsOf(
  sql: Sql,
  run: LiveRun,
  bound: ModelEntry,
  bounds: { historyTokens: number | null; prompts: SystemPrompts; toolTokens: number },
): Turn[] {
  const question = findMessage(sql, run.conversation, messageId(run.conversation, run.parent));
  const fit = fitContext({
    messages: saidMessages(sql, run.conversation, question?.parent ?? null),
    question: question?.message.text ?? '',
    system: systemFor(bounds.prompts, bound),
    contextLength: bound.context_length,
    maxOutputTokens: bound.max_output_tokens,
    historyTokens: bounds.historyTokens,
    toolTokens: bound.capabilities.tools ? bounds.toolTokens : 0,
    trim: run.dropped > 0,
  });
  return fit.ok ? fit.turns : [{ role: 'user', text: question?.message.text ?? '' }];
}
