import { count, duration, plural } from '#lib/text/format.ts';
import { dollars, percent } from './amounts.ts';
import type { Series } from './series.ts';
import type { Timeline } from './timeline.ts';

/** What each chart shows, in words: its description for who does not see it, its gist for who does. */
export function costWords(series: readonly Series[], { step, slots }: Timeline): string {
  const total = series.reduce((sum, one) => sum + (one.total ?? 0), 0);
  if (total === 0) return 'Nothing was spent in this time.';
  const top = series.reduce((most, one) => ((one.total ?? 0) > (most.total ?? 0) ? one : most));
  const part = (top.total ?? 0) / total;
  const who = part === 1 ? `all of it by ${top.name}` : `${percent(part)} of it by ${top.name}`;
  const whole = `${dollars(total)} in all, ${who}.`;
  const sums = slots.map((_, i) => series.reduce((sum, { values }) => sum + (values[i] ?? 0), 0));
  const most = sums.indexOf(Math.max(...sums));
  const slot = slots[most];
  if (slot === undefined || sums.filter((sum) => sum > 0).length < 2) return whole;
  return `${whole} Most in one ${step}: ${dollars(sums[most] ?? 0)} (${slot.long}).`;
}

export function tokenWords([input, cached, output]: readonly Series[]): string {
  const [fresh, read, out] = [input?.total ?? 0, cached?.total ?? 0, output?.total ?? 0];
  if (fresh + read + out === 0) return 'No tokens were counted in this time.';
  const said = fresh + read === 0 ? '' : `, ${percent(read / (fresh + read))} of it from the cache`;
  return `${count(fresh + read)} tokens of input${said}, and ${count(out)} of output.`;
}

/** @param answers how many Automatic's conversations had */
export function shareWords(series: readonly Series[], answers: number): string {
  if (answers === 0) return 'Automatic was not asked in this time.';
  const parts = series
    .filter(({ total }) => total !== null && total > 0)
    .map(({ name, total }) => `${name} ${percent(total ?? 0)}`);
  return `Of ${plural(answers, 'answer')} in conversations of Automatic: ${parts.join(', ')}.`;
}

export function waitWords([p50, p95]: readonly Series[]): string {
  const [half, most] = [p50?.total ?? null, p95?.total ?? null];
  if (half === null || most === null) return 'No answer had a first word in this time.';
  return `Half of the answers began within ${duration(half)}, 95 of 100 within ${duration(most)}.`;
}

/** @param answers how many there were of all kinds */
export function troubleWords([fallbacks, errors]: readonly Series[], answers: number): string {
  const [others, failed] = [fallbacks?.total ?? 0, errors?.total ?? 0];
  if (answers === 0) return 'There was no answer in this time.';
  if (others + failed === 0) return `None among ${plural(answers, 'answer')}.`;
  return `Among ${plural(answers, 'answer')}: ${plural(others, 'fallback')}, ${plural(failed, 'error')}.`;
}
