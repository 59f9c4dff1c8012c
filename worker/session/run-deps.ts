import type { Turn } from '../agents/agent.ts';
import { findMessage, saidMessages } from '../archive/messages.ts';
import { messageId } from '../archive/rows.ts';
import type { Sql } from '../archive/sql.ts';
import { circumstancesOf, runChoices, type Wish } from './automatic.ts';
import { sameTurns } from './context.ts';
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
export function turnsOf(sql: Sql, { conversation, parent, dropped }: LiveRun): Turn[] {
  const question = findMessage(sql, conversation, messageId(conversation, parent));
  const messages = saidMessages(sql, conversation, question?.parent ?? null);
  return sameTurns(messages, question?.message.text ?? '', dropped);
}
