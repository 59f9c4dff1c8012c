import { canonicalJson } from './toolbox.ts';

/** go: it runs. warn: it does not run, and the model is told that it asked before. stop: the run ends. */
export type RepeatVerdict = 'go' | 'warn' | 'stop';

/** The third identical call brings nothing new; a model that is told so twice and goes on is caught in a circle. */
const WARN_AT = 3;
const STOP_AT = 5;

/** What makes two calls the same: name and arguments, whatever the order of the arguments. */
export function callKey(name: string, args: unknown): string {
  try {
    return canonicalJson([name, args]);
  } catch {
    // Nested deeper than the stack: no tool takes that, so all such calls are one.
    return canonicalJson([name, null]);
  }
}

/** @param earlier the keys of all calls that this run has asked for so far, those that were not run included */
export function judgeRepeat(earlier: readonly string[], key: string): RepeatVerdict {
  const times = earlier.filter((one) => one === key).length + 1;
  if (times >= STOP_AT) return 'stop';
  return times >= WARN_AT ? 'warn' : 'go';
}

/** What a model is told instead of a result. */
export const REPEATED =
  'This very call was made before, and its result stands above: it was not made again. Answer from what you have, or ask for something else.';
