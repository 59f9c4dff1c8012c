import type { Exchange } from './exchange.ts';
import type { Step } from './plan.ts';
import type { BreakOff } from './switches.ts';

/**
 * Sends the steps of an answer in their time, and breaks off where the plan says so.
 * @param frame puts a piece of text into the wire's format.
 * @param errorFrame what the wire says when it fails in the middle.
 * @returns whether the answer may go on: nobody left, and nothing broke.
 */
export async function play(
  exchange: Exchange,
  steps: Step[],
  frame: (text: string) => string,
  breakOff: BreakOff | null = null,
  errorFrame = '',
): Promise<boolean> {
  const end = breakOff === null ? steps.length : Math.min(breakOff.words, steps.length);
  for (const step of steps.slice(0, end)) {
    await exchange.sleep(step.delayMs);
    if (exchange.gone) return false;
    await exchange.write(frame(step.text));
  }
  if (breakOff === null) return !exchange.gone;
  await breakDown(exchange, breakOff.how, errorFrame);
  return false;
}

/** Ends an answer in the middle. */
export async function breakDown(exchange: Exchange, how: BreakOff['how'], errorFrame: string): Promise<void> {
  switch (how) {
    case 'error':
      await exchange.write(errorFrame);
      exchange.end();
      break;
    case 'cut':
      // What was written must leave before the connection goes.
      await exchange.sleep(5);
      exchange.destroy();
      break;
    case 'stall':
      await exchange.untilGone();
      break;
  }
}
