/** How an answer breaks off after a number of words. */
export type BreakOff = { how: 'error' | 'cut' | 'stall'; words: number };

/** What the double brackets in a message ask for. */
export type Switches = {
  /** HTTP status to fail with, before anything else. */
  status: number | null;
  /** An error event before the first text. */
  errorBefore: boolean;
  breakOff: BreakOff | null;
  /** Ten times slower than usual. */
  slow: boolean;
  /** Headers, then nothing. */
  silent: boolean;
  html: boolean;
  refuse: boolean;
  empty: boolean;
  maxTokens: boolean;
  think: boolean;
  echo: boolean;
  code: boolean;
  table: boolean;
  list: boolean;
  /** The answer has this many words. */
  long: number | null;
  /** What stood in brackets and is no switch. */
  unknown: string[];
};

export const SWITCHES: readonly (readonly [string, string])[] = [
  ['[[status 529]]', 'fails with that HTTP status'],
  ['[[error-before]]', 'an error event before the first text'],
  ['[[error-after 20]]', 'an error event after 20 words'],
  ['[[cut 20]]', 'the connection is lost after 20 words'],
  ['[[stall 20]]', 'silence after 20 words'],
  ['[[silent]]', 'silence from the start'],
  ['[[slow]]', 'ten times slower'],
  ['[[html]]', 'a web page instead of an answer'],
  ['[[refuse]]', 'the model refuses'],
  ['[[empty]]', 'an answer without text'],
  ['[[max-tokens]]', 'the answer ends at its token limit'],
  ['[[think]]', 'thinking before the answer'],
  ['[[long 500]]', 'an answer of 500 words'],
  ['[[code]]', 'a code block'],
  ['[[table]]', 'a table'],
  ['[[list]]', 'a list'],
  ['[[echo]]', 'the rest of your message, word for word'],
];

const NONE: Switches = {
  status: null,
  errorBefore: false,
  breakOff: null,
  slow: false,
  silent: false,
  html: false,
  refuse: false,
  empty: false,
  maxTokens: false,
  think: false,
  echo: false,
  code: false,
  table: false,
  list: false,
  long: null,
  unknown: [],
};

const BRACKETS = /\[\[([^[\]]{1,80})\]\]/g;
const PARTS = /^([a-z-]+)(?:\s+(\d+))?(?:\s+on\s+(\S+))?$/;

/** Longer answers than this are of no use to anybody. */
const MAX_WORDS = 20_000;

/**
 * Reads the switches of a message. One that ends in `on <model>` counts only for that model, so that a
 * fallback to another one can be shown.
 */
export function readSwitches(message: string, model: string): Switches {
  const switches: Switches = { ...NONE, unknown: [] };
  for (const [, inside = ''] of message.matchAll(BRACKETS)) {
    const parts = PARTS.exec(inside.trim().toLowerCase());
    if (parts === null) {
      switches.unknown.push(inside);
      continue;
    }
    const [, name = '', digits, only] = parts;
    if (only !== undefined && only !== model.toLowerCase()) continue;
    if (!turnOn(switches, name, digits === undefined ? null : Number(digits))) switches.unknown.push(inside);
  }
  return switches;
}

/** The message without its switches. */
export function withoutSwitches(message: string): string {
  return message.replace(BRACKETS, '').trim();
}

function turnOn(switches: Switches, name: string, value: number | null): boolean {
  switch (name) {
    case 'status':
      if (value === null || value < 300 || value > 599) return false;
      switches.status = value;
      return true;
    case 'error-before':
      switches.errorBefore = true;
      return true;
    case 'error-after':
      switches.breakOff = { how: 'error', words: value ?? 10 };
      return true;
    case 'cut':
      switches.breakOff = { how: 'cut', words: value ?? 10 };
      return true;
    case 'stall':
      switches.breakOff = { how: 'stall', words: value ?? 10 };
      return true;
    case 'long':
      switches.long = Math.min(value ?? 500, MAX_WORDS);
      return true;
    case 'max-tokens':
      switches.maxTokens = true;
      return true;
    case 'slow':
    case 'silent':
    case 'html':
    case 'refuse':
    case 'empty':
    case 'think':
    case 'echo':
    case 'code':
    case 'table':
    case 'list':
      switches[name] = true;
      return true;
    default:
      return false;
  }
}
