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

/**
 * Remembers prompts by their prefixes, as Anthropic's automatic caching does: what an earlier request to
 * the same model had in front is read from the cache, the rest is written to it.
 */
export class PromptCache {
  readonly #until = new Map<string, number>();

  /**
   * @param parts the prompt in order, the system text first; each begins where a prefix may end.
   * @param minimum a shorter prompt is not cached, silently, as the real one does it.
   */
  count(model: string, parts: string[], minimum: number, nowMs: number): PromptTokens {
    const total = parts.reduce((sum, part) => sum + tokensOf(part), 0);
    if (total < minimum) return { input: total, cacheRead: 0, cacheWrite: 0 };
    let cacheRead = 0;
    let sum = 0;
    const hash = createHash('sha256').update(model);
    let key = '';
    for (const part of parts) {
      key = hash.update(`\0${part.length}\0`).update(part).copy().digest('base64');
      sum += tokensOf(part);
      if ((this.#until.get(key) ?? 0) > nowMs) {
        cacheRead = Math.max(0, sum - UNCACHED_TAIL);
        this.#until.set(key, nowMs + LIFE_MS);
      }
    }
    this.#until.set(key, nowMs + LIFE_MS);
    const input = Math.min(UNCACHED_TAIL, total);
    return { input, cacheRead, cacheWrite: Math.max(0, total - cacheRead - input) };
  }

  clear(): void {
    this.#until.clear();
  }
}
