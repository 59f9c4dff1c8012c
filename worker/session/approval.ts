import type { ToolDecisionFrame } from '../../shared/index.ts';
import { grantKey, saveGrant } from '../archive/tools.ts';
import type { AnswerStream } from './answer-stream.ts';
import type { Wish } from './automatic.ts';
import type { Offer } from './offer.ts';
import { decideCall } from './parked-run.ts';
import { turnsOf } from './run-deps.ts';
import type { RunDeps } from './run-types.ts';
import type { SessionDeps } from './session-deps.ts';

/**
 * C6: takes what a person says about a call that waits. When nothing of its round waits any more, the answer goes on.
 * @returns `unknown`: no such call waits. `ended`: the model that asked for it is gone, and the answer with it
 */
export function takeDecision(
  frame: ToolDecisionFrame,
  stream: AnswerStream,
  offer: Offer,
  sql: SessionDeps['sql'],
  runDeps: (wish: Wish) => RunDeps,
): 'unknown' | 'taken' | 'ended' {
  const { run } = stream;
  const { call_id: callId, allow, remember: remembers = false } = frame;
  const decided = run === null ? null : decideCall(sql, run, { callId, allow, remembers });
  if (run === null || decided === null) return 'unknown';
  if (remembers) {
    const { server, name } = decided.called;
    saveGrant(sql, run.conversation, grantKey(server ?? '', name), allow ? 'allowed' : 'denied');
  }
  if (decided.ready === null) return 'taken';
  const { parked } = decided.ready;
  const bound = offer.rebind(run.requested);
  const entry = offer.usable(parked.candidate.entry.id);
  if (bound.kind !== 'ok' || entry === null) {
    const error = { code: 'model_unavailable', message: 'The model that asked for it is gone.' } as const;
    stream.end({ stop_reason: 'error', error });
    return 'ended';
  }
  const resumed = { ...parked, candidate: { ...parked.candidate, entry } };
  stream.resume(bound.entry, turnsOf(sql, run), runDeps(run.wish), resumed);
  return 'taken';
}
