import { createHash } from 'node:crypto';

/** About 3.5 characters of English make a token. */
const CHARS_PER_TOKEN = 3.5;

/** An estimate of the tokens of a text, or of that many characters. */
export function tokensOf(text: string | number): number {
  return Math.ceil((typeof text === 'string' ? text.length : text) / CHARS_PER_TOKEN);
}

/** How a prompt is counted: the parts add up to the whole prompt. */
export type PromptTokens = { input: number; cacheRead: number; cacheWrite: number };

/** A cached prefix lives for five minutes after its last use. */
const LIFE_MS = 5 * 60_000;
/** The end of the prompt that a breakpoint on its last block leaves out. */
const UNCACHED_TAIL = 3;

/** A piece of a prompt behind which a cached prefix may end; `mark`: a breakpoint stands there. */
export type PromptPart = { text: string; mark: boolean };

/** So many blocks back from a breakpoint a cached prefix is looked for. */
const LOOK_BACK = 20;

/**
 * Remembers prompts up to their breakpoints, as Anthropic does: what an earlier request to the same model had in front,
 * up to one of its breakpoints, is read from the cache where it lies less than 20 blocks before one of this request's;
 * the rest, up to the last breakpoint, is written to it.
 */
export class PromptCache {
  readonly #until = new Map<string, number>();

  /**
   * @param parts the prompt in order: tools, system text, blocks of the messages
   * @param minimum a shorter prompt is not cached, silently, as the real one does it.
   */
  count(model: string, parts: readonly PromptPart[], minimum: number, nowMs: number): PromptTokens {
    const total = parts.reduce((sum, { text }) => sum + tokensOf(text), 0);
    const last = parts.findLastIndex(({ mark }) => mark);
    if (total < minimum || last === -1) return { input: total, cacheRead: 0, cacheWrite: 0 };
    const hash = createHash('sha256').update(model);
    let sum = 0;
    const prefixes = parts.map(({ text, mark }, index) => {
      sum += tokensOf(text);
      const key = hash.update(`\0${text.length}\0`).update(text).copy().digest('base64');
      const reached = parts.slice(index, index + LOOK_BACK).some((part) => part.mark);
      return { key, sum, mark, isHit: reached && (this.#until.get(key) ?? 0) > nowMs };
    });
    const hit = prefixes.findLast(({ isHit }) => isHit);
    for (const { key, mark } of prefixes) if (mark) this.#until.set(key, nowMs + LIFE_MS);
    if (hit !== undefined) this.#until.set(hit.key, nowMs + LIFE_MS);
    const cacheRead = Math.max(0, (hit?.sum ?? 0) - UNCACHED_TAIL);
    const cached = (prefixes[last]?.sum ?? 0) - UNCACHED_TAIL;
    return {
      input: total - Math.max(cached, cacheRead),
      cacheRead,
      cacheWrite: Math.max(0, cached - cacheRead),
    };
  }

  clear(): void {
    this.#until.clear();
  }
}
