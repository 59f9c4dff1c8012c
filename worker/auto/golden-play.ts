import { TIERS } from '../models/tiers.ts';
import type { Tier } from '../models/types.ts';
import { type Decision, type RouteInput, route, withSecondOpinion } from './router.ts';

/** The weakest and the strongest tier that are right for a turn. */
export type Band = readonly [floor: Tier, ceiling: Tier];

export type ScriptTurn = {
  text: string;
  band: Band;
  /** The question is not asked again: its answer is made anew, perhaps by a tier that the person names. */
  redo?: boolean;
  /** Haiku's opinion, for a turn that must be uncertain. */
  opinion?: Tier;
  more?: Partial<RouteInput>;
};
export type Script = { name: string; turns: readonly ScriptTurn[] };

export const HAIKU: Band = ['haiku', 'haiku'];
export const SONNET: Band = ['sonnet', 'sonnet'];
export const OPUS: Band = ['opus', 'opus'];
export const UP_TO_SONNET: Band = ['haiku', 'sonnet'];
export const FROM_SONNET: Band = ['sonnet', 'opus'];

export const say = (text: string, band: Band, more?: Partial<RouteInput>): ScriptTurn =>
  more === undefined ? { text, band } : { text, band, more };
export const redo = (band: Band, chosen?: Tier): ScriptTurn =>
  chosen === undefined ? { text: '', band, redo: true } : { text: '', band, redo: true, more: { chosen } };

const ANSWER = 'An answer of some length. '.repeat(20);
/** Answered turns after a redo in which its tier is held. */
const HELD_TURNS = 3;
const rank = (tier: Tier) => TIERS.indexOf(tier);

export function within(tier: Tier, [floor, ceiling]: Band): boolean {
  return rank(tier) >= rank(floor) && rank(tier) <= rank(ceiling);
}

/** Plays a conversation as a session does: each decision is the next turn's previous tier, and a redo is held. */
export function play(script: Script): { turn: ScriptTurn; decision: Decision }[] {
  const said: { role: 'user' | 'assistant'; text: string }[] = [];
  const redone: (Tier | null)[] = [];
  let previousTier: Tier | null = null;
  let attempts = 0;
  return script.turns.map((turn) => {
    attempts = turn.redo ? attempts + 1 : 0;
    if (turn.redo) said.pop();
    else said.push({ role: 'user', text: turn.text });
    const held = redone.slice(-HELD_TURNS).reduce<Tier | null>((most, tier) => {
      return tier !== null && (most === null || rank(tier) > rank(most)) ? tier : most;
    }, null);
    const first = route({ turns: said, previousTier, available: [], attempts, held, ...turn.more });
    const decision = turn.opinion === undefined ? first : withSecondOpinion(first, turn.opinion);
    said.push({ role: 'assistant', text: ANSWER });
    redone.push(turn.redo ? decision.tier : null);
    previousTier = decision.tier;
    return { turn, decision };
  });
}
