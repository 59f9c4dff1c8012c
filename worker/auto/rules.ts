import { TIERS } from '../models/tiers.ts';
import type { Tier } from '../models/types.ts';
import type { AgentStep } from './agent-step.ts';
import type { ReasonCode } from './reasons.ts';
import type { Signals } from './signals.ts';

/** How the answer before this one ended, where it did not end well. */
export type BadEnd = 'refused' | 'cut' | 'empty' | 'tool_errors' | 'same_tool_call';

export type Circumstances = {
  previousTier: Tier | null;
  /** How often this very question was answered already: retries, edits, redos, thumbs down. */
  attempts: number;
  /** The strongest tier that a redo or a retry shortly before asked for or led to; null where there was none. */
  held: Tier | null;
  badEnd: BadEnd | null;
  /** A job of our own: a title, a summary of the history, a safety check. */
  chore: boolean;
  images: number;
  documents: number;
  step: AgentStep | null;
  /** Follow-ups in a row up to this turn, this one included. */
  followUps: number;
};

/** A bound and the code of its reason. */
export type Bound = { tier: Tier; code: ReasonCode };
export type Bounds = { floor: Bound | null; ceiling: Bound | null };

/** So many follow-ups keep the tier; the next ones fall a step. */
const FOLLOW_UPS_HELD = 3;
const CONDITIONS = 4;
const MANY_RESULTS = 6;

export function stronger(tier: Tier | null, steps: number): Tier {
  const index = tier === null ? 0 : TIERS.indexOf(tier);
  return TIERS[Math.max(0, Math.min(TIERS.length - 1, index + steps))] ?? 'sonnet';
}

/** Of a coding loop the first step only looks around; what follows its first result decides the outcome. */
function floorOfStep(step: AgentStep): Bound | null {
  if (step.onCode && step.toolResults > 0) return { tier: 'opus', code: 'coding_loop' };
  if (step.onCode) return null;
  return step.tools === 'write' && step.toolResults > MANY_RESULTS
    ? { tier: 'sonnet', code: 'long_tool_use' }
    : null;
}

function followedUp(previous: Tier, followUps: number): Bound {
  const eased = followUps > FOLLOW_UPS_HELD && previous !== 'haiku';
  return eased
    ? { tier: stronger(previous, -1), code: 'follow_up_eased' }
    : { tier: previous, code: 'follow_up' };
}

function floors(s: Signals, c: Circumstances): Bound[] {
  const found: (Bound | null)[] = [
    s.empty ? { tier: 'sonnet', code: 'nothing_to_judge' } : null,
    s.rigour ? { tier: stronger(c.previousTier ?? 'haiku', 1), code: 'asked_for_rigour' } : null,
    c.attempts > 0
      ? { tier: stronger(c.previousTier, c.previousTier === null ? c.attempts : 1), code: 'asked_again' }
      : null,
    s.dissatisfied ? { tier: stronger(c.previousTier, 1), code: 'not_satisfied' } : null,
    s.askedAgain && !s.smallTalk ? { tier: stronger(c.previousTier, 1), code: 'asked_again' } : null,
    c.badEnd !== null && !s.smallTalk ? { tier: stronger(c.previousTier, 1), code: 'answer_failed' } : null,
    c.images >= 3 || c.documents > 0 ? { tier: 'sonnet', code: 'documents' } : null,
    c.step === null ? null : floorOfStep(c.step),
    c.step?.tools === 'write' && c.step.toolResults === 0 && !c.step.onCode && s.features.designWords > 0
      ? { tier: 'sonnet', code: 'writes' }
      : null,
    s.hardBug && !s.grounded ? { tier: 'sonnet', code: 'debugging' } : null,
    s.features.constraints >= CONDITIONS && s.features.words >= 25 && !s.grounded && c.step === null
      ? { tier: 'sonnet', code: 'many_constraints' }
      : null,
    s.regulated && !s.brevity ? { tier: 'sonnet', code: 'regulated' } : null,
    // Small talk ends a subject; anything else this short goes on with it.
    s.followUp && !s.brevity && c.previousTier !== null ? followedUp(c.previousTier, c.followUps) : null,
  ];
  return found.filter((bound) => bound !== null);
}

function ceilings(s: Signals, c: Circumstances): Bound[] {
  const found: (Bound | null)[] = [
    s.smallTalk ? { tier: 'haiku', code: 'small_talk' } : null,
    s.brevity ? { tier: 'haiku', code: 'asked_for_brevity' } : null,
    s.definition ? { tier: 'haiku', code: 'short_question' } : null,
    s.lookup ? { tier: 'haiku', code: 'lookup' } : null,
    s.rewriting ? { tier: 'haiku', code: 'rewriting' } : null,
    c.step?.fromPassages ? { tier: 'haiku', code: 'in_the_text' } : null,
    s.grounded ? { tier: 'haiku', code: 'in_the_text' } : null,
    c.step !== null && c.step.toolResults === 0 && (c.step.onCode || c.step.tools === 'read')
      ? { tier: 'haiku', code: 'first_look' }
      : null,
    c.step !== null && !c.step.onCode && c.step.toolResults > 0 ? { tier: 'haiku', code: 'tool_step' } : null,
    s.followUp && !s.rigour && c.previousTier !== null ? { tier: c.previousTier, code: 'follow_up' } : null,
  ];
  return found.filter((bound) => bound !== null);
}

const rank = (bound: Bound) => TIERS.indexOf(bound.tier);
const highest = (bounds: readonly Bound[]) =>
  bounds.reduce<Bound | null>((best, bound) => (best && rank(bound) <= rank(best) ? best : bound), null);
const lowest = (bounds: readonly Bound[]) =>
  bounds.reduce<Bound | null>((best, bound) => (best && rank(bound) >= rank(best) ? best : bound), null);

/**
 * The hard rules: what no score may undercut or exceed. Of several floors the highest holds, of several ceilings the
 * lowest; where they contradict each other the floor wins. A job of our own is Haiku's whatever it says. What is held
 * from before yields to small talk, and to a wish for brevity where nothing else asks for more.
 */
export function boundsOf(signals: Signals, circumstances: Circumstances): Bounds {
  if (circumstances.chore) return { floor: null, ceiling: { tier: 'haiku', code: 'chore' } };
  const found = floors(signals, circumstances);
  const { held } = circumstances;
  const yields = signals.smallTalk || (signals.brevity && found.length === 0);
  if (held !== null && !yields) found.push({ tier: held, code: 'held' });
  return { floor: highest(found), ceiling: lowest(ceilings(signals, circumstances)) };
}
