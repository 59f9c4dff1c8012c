import type { ToolUse } from '../agents/agent.ts';
import { callsIn, couldBeCallJson, jsonEnd, type PrintedCall } from './printed-json.ts';

/**
 * Small models print their calls as text: in the marks that their training had (Hermes and Qwen `<tool_call>`, Mistral
 * `[TOOL_CALLS]`, Llama `<|python_tag|>` and `<function=name>`), in a fence, or as bare JSON in a line of its own.
 */
const MARKS = ['<tool_call>', '<function_call>', '<|python_tag|>', '[TOOL_CALLS]'];
const FUNCTION_MARK = '<function=';
const CLOSING = /^\s*(?:<\/(?:tool_call|function_call|function)>|<\|(?:eom_id|eot_id)\|>|;)/;
const FENCE = '```';
const FENCE_KINDS = ['', 'json', 'tool_call', 'tool_code', 'tool'];

/** Longer ones are not waited for. UTF-16 units. */
const MOST_HELD = 20_000;

/** no: it is none. maybe: it can still become one. Otherwise the calls, and the index behind them. */
type Reading = 'no' | 'maybe' | { calls: PrintedCall[]; end: number };

type Names = ReadonlySet<string>;

/** What begins at `from` with JSON. `isMarked`: a mark stands before it, so that malformed JSON is a call as well. */
function readJson(text: string, from: number, names: Names, isMarked: boolean): Reading {
  const start = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
  if (start === text.length) return 'maybe';
  if (!couldBeCallJson(text.slice(start), names)) return 'no';
  const end = jsonEnd(text, start);
  if (end === null) return 'maybe';
  const json = text.slice(start, end);
  try {
    const calls = callsIn(JSON.parse(json), names, !isMarked);
    return calls === null ? 'no' : { calls, end };
  } catch {
    const name = /"name"\s*:\s*"([^"]*)"/.exec(json)?.[1];
    if (!isMarked || name === undefined || !names.has(name)) return 'no';
    return { calls: [{ name, arguments: null, raw: json }], end };
  }
}

/** `name` and JSON of the arguments behind a mark: `<function=name>{…}`, `[TOOL_CALLS]name[ARGS]{…}`. */
function readNamed(text: string, from: number, names: Names, between: RegExp): Reading {
  const word = /^[a-zA-Z0-9_-]*/.exec(text.slice(from))?.[0] ?? '';
  const after = from + word.length;
  if (after === text.length) return [...names].some((name) => name.startsWith(word)) ? 'maybe' : 'no';
  if (!names.has(word)) return 'no';
  const gap = between.exec(text.slice(after))?.[0];
  if (gap === undefined) return text.length - after < 8 && !text.includes('{', after) ? 'maybe' : 'no';
  const start = after + gap.length;
  if (start === text.length) return 'maybe';
  if (text[start] !== '{') return 'no';
  const end = jsonEnd(text, start);
  if (end === null) return 'maybe';
  const raw = text.slice(start, end);
  const [call] = callsIn({ name: word, arguments: raw }, names, true) ?? [];
  return call === undefined ? 'no' : { calls: [call], end };
}

function readFence(text: string, names: Names): Reading {
  const line = /^```([a-z_]*)[ \t]*(\r?\n)?/.exec(text);
  const [opening = '', kind = '', newLine] = line ?? [];
  if (newLine === undefined) {
    return opening.length === text.length && FENCE_KINDS.some((one) => one.startsWith(kind)) ? 'maybe' : 'no';
  }
  if (!FENCE_KINDS.includes(kind)) return 'no';
  const read = readJson(text, opening.length, names, kind.startsWith('tool'));
  if (typeof read === 'string') return read;
  const closing = /^\s*```/.exec(text.slice(read.end));
  return closing === null ? read : { ...read, end: read.end + closing[0].length };
}

/** What a text begins with. What is text stays text, and a call a call, whatever comes after it. */
function read(text: string, names: Names, isLineStart: boolean): Reading {
  const reading = readStart(text.slice(0, MOST_HELD), names, isLineStart);
  return reading === 'maybe' && text.length >= MOST_HELD ? 'no' : reading;
}

function readStart(text: string, names: Names, isLineStart: boolean): Reading {
  const mark = MARKS.find((one) => text.startsWith(one));
  if (mark === '[TOOL_CALLS]') {
    const named = readNamed(text, mark.length, names, /^(?:\[ARGS\])?\s*(?=\{|$)/);
    if (named !== 'no') return named;
  }
  if (mark !== undefined) return readJson(text, mark.length, names, true);
  if (text.startsWith(FUNCTION_MARK)) return readNamed(text, FUNCTION_MARK.length, names, /^>\s*/);
  if ([...MARKS, FUNCTION_MARK].some((one) => one.startsWith(text))) return 'maybe';
  if (!isLineStart) return 'no';
  if (text.startsWith(FENCE)) return readFence(text, names);
  if (FENCE.startsWith(text)) return 'maybe';
  return /^[{[]/.test(text) ? readJson(text, 0, names, false) : 'no';
}

/**
 * Whether a text, taken from the place where a call could begin, may still be one: it is then not shown yet.
 * @param names of the tools that are offered; anything else is text
 * @param isLineStart whether it stands at the beginning of a line; fences and bare JSON do
 */
export function couldBeCall(text: string, names: Names, isLineStart = true): boolean {
  return read(text, names, isLineStart) !== 'no';
}

/** Where something stands that is a call, or can become one; null where nothing does. */
function findFirst(text: string, names: Names, isLineStart: boolean) {
  let atStart = isLineStart;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if ('<[{`'.includes(char)) {
      const reading = read(text.slice(i), names, atStart);
      if (reading !== 'no') return { at: i, reading };
    }
    if (char === '\n') atStart = true;
    else if (!/\s/.test(char)) atStart = false;
  }
  return null;
}

/** A call behind a mark, in the middle of which the text ended. */
function brokenCall(text: string, names: Names): PrintedCall[] {
  if (!MARKS.some((mark) => text.startsWith(mark))) return [];
  const [, name, raw = ''] = /^[^{]*(?:\[\s*)?\{\s*"name"\s*:\s*"([^"]*)"\s*(.*)$/s.exec(text) ?? [];
  return name !== undefined && names.has(name) ? [{ name, arguments: null, raw }] : [];
}

export type PrintedText = {
  /** @returns what can be shown now */
  take: (text: string) => string;
  /**
   * The text is over. From the first call on nothing is shown: what a model writes there is what it imagines the
   * result to be.
   * @returns what is to be shown of what was held back, and the calls in it
   */
  end: () => { text: string; calls: ToolUse[] };
};

/**
 * Reads a stream of text piece by piece; the result does not depend on how it is cut.
 * @param names of the tools that are offered
 * @param newId makes the id of a call
 */
export function createPrintedCalls(names: Names, newId: () => string): PrintedText {
  let held = '';
  let isLineStart = true;
  let hasCall = false;

  function show(length: number): string {
    const shown = held.slice(0, length);
    held = held.slice(length);
    const line = shown.slice(shown.lastIndexOf('\n') + 1);
    if (shown !== '') isLineStart = (isLineStart || shown.includes('\n')) && line.trim() === '';
    return shown;
  }

  function collect(): PrintedCall[] {
    const calls: PrintedCall[] = [];
    let rest = held;
    let atStart = isLineStart;
    for (;;) {
      const first = findFirst(rest, names, atStart);
      if (first === null) return calls;
      if (typeof first.reading === 'string') {
        calls.push(...brokenCall(rest.slice(first.at), names));
        rest = rest.slice(first.at + 1);
        atStart = false;
        continue;
      }
      calls.push(...first.reading.calls);
      rest = rest.slice(first.at + first.reading.end);
      rest = rest.slice(CLOSING.exec(rest)?.[0].length ?? 0);
      atStart = true;
    }
  }

  return {
    take: (text) => {
      held += text;
      if (hasCall) return '';
      const first = findFirst(held, names, isLineStart);
      if (first === null) return show(held.length);
      hasCall = typeof first.reading !== 'string';
      return show(first.at);
    },
    end: () => {
      const calls = collect();
      const text = calls.length === 0 ? held : '';
      held = '';
      return { text, calls: calls.map((call) => ({ id: newId(), ...call })) };
    },
  };
}
