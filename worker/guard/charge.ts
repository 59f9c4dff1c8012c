import type { Budget, Usage } from '../../shared/index.ts';
import { estimateTokens } from '../session/context.ts';
import type { WorstCase } from './ledger-book.ts';
import { costOf } from './worst-case.ts';

/** The money that was set aside for one call. Whoever holds it settles it, once and whatever happens. */
export interface Charge {
  /** The most that the answer may have: what was asked for, or what there is money for. */
  readonly maxTokens: number;
  /** Some of the answer has come. @returns false when it is more than was paid for: it is to be stopped */
  took(kind: 'text' | 'thinking', text: string): boolean;
  counted(usage: Partial<Usage>): void;
  /**
   * `complete`: the provider has said its last word. `cut`: it was stopped, or broke off. `unbilled`: it has refused, or
   * was never reached. The first settlement counts.
   */
  settle(how: 'complete' | 'cut' | 'unbilled'): void;
  /** What is left of the tightest limit, as far as it is known here; null without limits. */
  budget(): Budget | null;
}

const COUNTS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens'] as const;

const UNKNOWN: Usage = {
  input_tokens: null,
  output_tokens: null,
  cache_read_tokens: null,
  cache_write_tokens: null,
  thinking_tokens: null,
};

/** For a call that costs nothing. */
export function freeCharge(maxTokens: number, budget: () => Budget | null = () => null): Charge {
  return { maxTokens, took: () => true, counted: () => {}, settle: () => {}, budget };
}

/** What a charge knows of its reservation. */
export type Reserved = {
  nanos: number;
  maxTokens: number;
  call: WorstCase;
  /** US dollars of a usage; null where it does not say enough. */
  price: (usage: Usage) => number | null;
  /** Whether the model may think without showing it. */
  thinks: boolean;
  now: () => number;
  /** Called once, with what the call has cost in nanodollars. */
  settle: (nanos: number) => void;
  budget: () => Budget | null;
};

/** See {@link Charge}. */
export class LedgerCharge implements Charge {
  readonly maxTokens: number;
  readonly #reserved: Reserved;
  #startedAt: number | null = null;
  #textAt: number | null = null;
  #usage = UNKNOWN;
  #estimated = 0;
  #isSettled = false;

  constructor(reserved: Reserved) {
    this.#reserved = reserved;
    this.maxTokens = reserved.maxTokens;
  }

  took(kind: 'text' | 'thinking', text: string): boolean {
    this.#startedAt ??= this.#reserved.now();
    if (kind === 'text') this.#textAt ??= this.#reserved.now();
    this.#estimated += estimateTokens(text);
    // The provider keeps the limit itself, and our guess is high: only one that surely does not is stopped.
    return this.#estimated <= 2 * this.maxTokens;
  }

  counted(usage: Partial<Usage>): void {
    this.#startedAt ??= this.#reserved.now();
    for (const key of COUNTS) {
      const count = usage[key];
      // Whatever an upstream sends there: less than nothing would be money back.
      if (typeof count === 'number' && Number.isFinite(count) && count >= 0)
        this.#usage = { ...this.#usage, [key]: count };
    }
  }

  settle(how: 'complete' | 'cut' | 'unbilled'): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const { thinks, now, price, settle } = this.#reserved;
    const outcome = {
      usage: this.#usage,
      isComplete: how === 'complete',
      estimated: this.#estimated,
      // A provider says that it begins before it thinks.
      hiddenMs: thinks && this.#startedAt !== null ? (this.#textAt ?? now()) - this.#startedAt : 0,
    };
    settle(how === 'unbilled' ? 0 : costOf(outcome, this.#reserved, price));
  }

  budget(): Budget | null {
    return this.#reserved.budget();
  }
}
