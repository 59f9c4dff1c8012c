import type { ToolRound, ToolSpec, Turn } from '../agents/agent.ts';
import type { SaidMessage } from '../archive/messages.ts';
import { pastRounds } from './past-rounds.ts';

/**
 * An upper guess of the tokens of a text, without a tokenizer: a quarter for a letter or a space, three
 * quarters for a sign, one for a digit (Qwen's tokenizer cuts numbers into digits), and a little more than
 * one for a character outside ASCII. Meant to err on the high side: Ollama cuts what does not fit without a word.
 */
export function estimateTokens(text: string): number {
  let quarters = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c > 127) quarters += 5;
    else if (c >= 48 && c <= 57) quarters += 4;
    else if ((c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 32) quarters += 1;
    else quarters += 3;
  }
  return Math.ceil(quarters / 4);
}

/** What the roles and separators of one turn cost in the common chat templates. */
const TOKENS_PER_TURN = 8;

/** Whether a message belongs into what goes upstream (CONTRACT R12). */
function isSent(message: SaidMessage): boolean {
  if (message.role === 'user') return true;
  if (message.text.trim() === '') return false;
  return message.status !== 'error' && message.status !== 'refused' && message.status !== 'streaming';
}

type Counted = Turn & { tokens: number; messages: number; last: string };

function toTurns(messages: readonly SaidMessage[], question: string): Counted[] {
  const turns: Counted[] = [];
  const add = (role: Turn['role'], text: string, rounds?: readonly ToolRound[]) => {
    const last = turns.at(-1);
    // Roles must alternate: a question whose answer is not sent joins the next one, a repeated one is one.
    if (last?.role === role) {
      last.messages += 1;
      if (last.last === text) return;
      last.last = text;
      last.text += `\n\n${text}`;
      last.tokens += estimateTokens(text);
      return;
    }
    const tokens = estimateTokens(text) + TOKENS_PER_TURN + roundTokens(rounds ?? []);
    turns.push({ role, text, ...(rounds === undefined ? {} : { rounds }), tokens, messages: 1, last: text });
  };
  for (const message of messages) {
    if (!isSent(message)) continue;
    if (message.tools === undefined) add(message.role, message.text);
    else {
      const { rounds, text } = pastRounds(message.text, message.tools);
      add(message.role, text, rounds);
    }
  }
  add('user', question);
  return turns;
}

/** How much of what an upstream has refused as too long goes up next time. */
const TRIM_SHARE = 0.7;

/** How often in a row the upstream itself has just said that the conversation is too long, whatever our guess was. */
function timesTooLong(messages: readonly SaidMessage[]): number {
  const answers = messages.filter((message) => message.role === 'assistant').toReversed();
  const first = answers.findIndex((answer) => answer.error_code !== 'context_too_long');
  return first === -1 ? answers.length : first;
}

/** What rounds of tools take of a prompt, by our guess. */
export function roundTokens(rounds: readonly ToolRound[]): number {
  return rounds.reduce((sum, { text, calls, results, echo }) => {
    // The provider's own blocks hold the text and the calls, and thinking beside them.
    const said = echo === null ? text + calls.map(({ raw }) => raw).join('') : JSON.stringify(echo);
    const heard = results.map(({ content }) => content).join('');
    return sum + estimateTokens(said) + estimateTokens(heard) + TOKENS_PER_TURN * (1 + calls.length);
  }, 0);
}

/** What the descriptions of tools take, by our guess. */
export function toolTokens(tools: readonly ToolSpec[]): number {
  return tools.reduce(
    (sum, { name, description, inputSchema }) =>
      sum + estimateTokens(name + description + JSON.stringify(inputSchema)) + TOKENS_PER_TURN,
    0,
  );
}

export type Fit =
  | { ok: true; turns: Turn[]; dropped: number }
  /** In estimated tokens; `needed` counts the whole conversation, `allowed` what the model leaves for it. */
  | {
      ok: false;
      needed: number;
      allowed: number;
      canTrim: boolean;
      /** `MAX_HISTORY_TOKENS` is in the way, not the model. */
      byServer: boolean;
    };

/**
 * What of a conversation goes upstream with a new question. Nothing is ever cut silently (R13): without
 * `trim`, what does not fit is refused; with it the oldest turns are left out and counted.
 */
export function fitContext(input: {
  messages: readonly SaidMessage[];
  question: string;
  system: string;
  contextLength: number;
  maxOutputTokens: number;
  /** The most that this server sends with a question, whatever the model takes; null: no such limit. */
  historyTokens?: number | null;
  trim: boolean;
  /** Tokens of the tools that are offered. */
  toolTokens?: number;
}): Fit {
  const modelTakes = input.contextLength - input.maxOutputTokens;
  const serverSends = input.historyTokens ?? Number.POSITIVE_INFINITY;
  let allowed = Math.min(modelTakes, serverSends);
  const turns = toTurns(input.messages, input.question);
  const fixed = estimateTokens(input.system) + TOKENS_PER_TURN + (input.toolTokens ?? 0);
  let needed = fixed + turns.reduce((sum, turn) => sum + turn.tokens, 0);
  const whole = needed;
  if (input.trim) allowed = Math.min(allowed, Math.floor(whole * TRIM_SHARE ** timesTooLong(input.messages)));
  let start = 0;
  let dropped = 0;
  if (input.trim) {
    while (needed > allowed && start < turns.length - 1) {
      // A conversation starts with the user's turn: a question goes together with its answer.
      for (const turn of turns.slice(start, start + 2)) {
        needed -= turn.tokens;
        dropped += turn.messages;
      }
      start += 2;
    }
  }
  if (needed > allowed) {
    const last = turns.at(-1)?.tokens ?? 0;
    return {
      ok: false,
      needed: whole,
      allowed,
      canTrim: fixed + last <= allowed,
      byServer: serverSends < modelTakes,
    };
  }
  return { ok: true, turns: turns.slice(start).map(toSend), dropped };
}

/**
 * The turns of a {@link Fit}, once more: a run that goes on sends what it sent before, whatever the bounds are now.
 * @param dropped how many messages were left out
 */
export function sameTurns(messages: readonly SaidMessage[], question: string, dropped: number): Turn[] {
  const turns = toTurns(messages, question);
  let start = 0;
  for (let left = dropped; left > 0 && start < turns.length - 1; start++) left -= turns[start]?.messages ?? 0;
  return turns.slice(start).map(toSend);
}

function toSend({ role, text, rounds, tokens }: Counted): Turn {
  const turn: Turn = { role, text, ...(rounds === undefined ? {} : { rounds }) };
  counted.set(turn, tokens);
  return turn;
}

/** What turns were counted at: each model that may answer asks anew, and a long conversation takes its time. */
const counted = new WeakMap<Turn, number>();

function turnTokens(turn: Turn): number {
  const known =
    counted.get(turn) ?? estimateTokens(turn.text) + TOKENS_PER_TURN + roundTokens(turn.rounds ?? []);
  counted.set(turn, known);
  return known;
}

/** Whether a model takes these turns whole, the rounds of tools after them, and the tools, beside its answer. */
export function turnsFit(
  turns: readonly Turn[],
  system: string,
  model: { context_length: number; max_output_tokens: number },
  rounds: readonly ToolRound[] = [],
  tools: readonly ToolSpec[] = [],
): boolean {
  const needed = tokensOf(turns, system) + roundTokens(rounds) + toolTokens(tools);
  return needed <= model.context_length - model.max_output_tokens;
}

/** The guess for a whole prompt. */
export function tokensOf(turns: readonly Turn[], system: string): number {
  const fixed = estimateTokens(system) + TOKENS_PER_TURN;
  return turns.reduce((sum, turn) => sum + turnTokens(turn), fixed);
}
