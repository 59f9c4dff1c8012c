import type { Usage } from '../../shared/index.ts';
import type { AgentRequest, ToolRound, Turn } from '../agents/agent.ts';
import { worstRates } from '../models/prices.ts';
import type { ModelEntry, Rates } from '../models/types.ts';
import { NANOS_PER_USD, type WorstCase } from './ledger-book.ts';

/** What a provider adds to a request, and to each turn of it, beside the text: roles, separators, its own preamble. */
const TOKENS_PER_REQUEST = 256;
const TOKENS_PER_TURN = 16;

/** An answer of fewer tokens is not worth asking for. */
const LEAST_TOKENS = 256;

/**
 * Output tokens a second that no model here is taken to be faster than: what a hidden thought may have come to when an
 * answer was cut. An assumption on the safe side; no provider publishes such a figure.
 */
const FASTEST_TOKENS_PER_S = 250;

/**
 * A count that is so many times below our guess is none: the first event of a stream has one of a few tokens, and some
 * proxy may leave out the last one. Our guess is never so far off for what people read.
 */
const LEAST_BELIEVED = 8;

/** A dollar a million tokens is a thousand nanodollars a token; rounded up, so that sums stay whole numbers. */
const NANOS_PER_TOKEN = NANOS_PER_USD / 1_000_000;
const upwards = (nanos: number) => Math.ceil(Number(nanos.toFixed(3)));

/** The UTF-8 length of a text, without making the bytes. */
function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) bytes += 1;
    // The two halves of a pair are four bytes together.
    if (unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff)) bytes += 1;
  }
  return bytes;
}

/**
 * More tokens than a prompt can have: every token of a byte-level vocabulary stands for at least one byte. Ordinary text
 * has a quarter of that, but a text made of rare letters comes close, and whoever can write a message can write that one.
 */
export function mostTokens({ turns, system, tools = [], rounds = [] }: Prompt): number {
  const ofTurn = (turn: Turn) => utf8Bytes(turn.text) + TOKENS_PER_TURN + roundBytes(turn.rounds ?? []);
  const known = counted.get(turns) ?? turns.reduce((sum, turn) => sum + ofTurn(turn), 0);
  counted.set(turns, known);
  const offered = tools.length === 0 ? 0 : utf8Bytes(JSON.stringify(tools)) + TOKENS_FOR_TOOLS;
  return known + utf8Bytes(system) + TOKENS_PER_REQUEST + offered + roundBytes(rounds);
}

/** What decides how long a prompt is. */
export type Prompt = Pick<AgentRequest, 'turns' | 'system' | 'tools' | 'rounds'>;

/** What a provider says to its model about tools in general: it bills up to about 600 tokens for it. */
const TOKENS_FOR_TOOLS = 1_024;

function roundBytes(rounds: readonly ToolRound[]): number {
  return rounds.reduce((sum, round) => {
    const { calls, results } = round;
    return sum + utf8Bytes(JSON.stringify(round)) + TOKENS_PER_TURN * (2 + calls.length + results.length);
  }, 0);
}

/** Each model that may answer asks anew for the same turns, and a long conversation takes its time. */
const counted = new WeakMap<readonly Turn[], number>();

export type Priced =
  /** The model at home: nobody is paid. */
  | { kind: 'free' }
  /** Nobody knows what it costs. */
  | { kind: 'unknown' }
  | { kind: 'priced'; call: WorstCase };

/** What asking a model for this may cost at worst: all of the prompt written to the cache, the whole answer used. */
export function worstCase(
  entry: ModelEntry,
  request: Prompt & Pick<AgentRequest, 'maxTokens'>,
  at: number,
): Priced {
  const promptTokens = mostTokens(request);
  const rates = worstRates(entry, promptTokens, at);
  if (rates === null) return { kind: 'unknown' };
  if (Object.values(rates).every((rate) => rate === 0)) return { kind: 'free' };
  return {
    kind: 'priced',
    call: {
      input: upwards(promptTokens * inputNanos(rates)),
      perOutputToken: upwards(rates.output * NANOS_PER_TOKEN),
      maxTokens: request.maxTokens,
      minTokens: LEAST_TOKENS,
    },
  };
}

function inputNanos(rates: Rates): number {
  return Math.max(rates.input, rates.cache_write, rates.cache_read) * NANOS_PER_TOKEN;
}

/** How a call came to its end, for what it has cost. */
export type Outcome = {
  /** The latest counts of the provider. */
  usage: Usage;
  /** It said itself that the answer is complete, so that its counts are final. */
  isComplete: boolean;
  /** Tokens of what was received, by our own guess. */
  estimated: number;
  /** Milliseconds in which it may have thought without showing it; 0 for a model that does not think. */
  hiddenMs: number;
};

/**
 * What a call has cost, in nanodollars. Where the provider was cut before its last word, what it did not tell is taken
 * at its worst, up to what was reserved; what it did tell counts as told.
 * @param price US dollars of a usage; null where it does not say enough
 */
export function costOf(
  outcome: Outcome,
  reserved: { nanos: number; maxTokens: number; call: WorstCase },
  price: (usage: Usage) => number | null,
): number {
  const { usage, isComplete, estimated, hiddenMs } = outcome;
  const nanos = (counts: Usage): number | null => {
    const usd = price(counts);
    return usd === null ? null : upwards(usd * NANOS_PER_USD);
  };
  const told = usage.output_tokens ?? 0;
  const exact = isComplete && told >= estimated / LEAST_BELIEVED ? nanos(usage) : null;
  if (exact !== null) return exact;
  const hidden = Math.ceil((hiddenMs / 1000) * FASTEST_TOKENS_PER_S);
  const output = Math.min(Math.max(told, estimated + hidden), reserved.maxTokens);
  const guessed =
    nanos({ ...usage, output_tokens: output }) ?? reserved.call.input + output * reserved.call.perOutputToken;
  return Math.max(nanos({ ...usage, output_tokens: told }) ?? 0, Math.min(guessed, reserved.nanos));
}
