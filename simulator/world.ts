import type { Control } from './control.ts';
import type { PromptCache } from './tokens.ts';

/** What the simulated services share. */
export type World = {
  control: Control;
  cache: PromptCache;
  /** Calls that came after thinking, by their ids: their turn has to come back with it. */
  thoughtBefore: Set<string>;
  seed: number;
  /** 1 is believable, 0 waits for nothing. */
  pace: number;
  now(): Date;
  /** Ids that count up: `msg_sim_1`. */
  id(prefix: string): string;
};
