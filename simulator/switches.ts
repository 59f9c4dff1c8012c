/** How an answer breaks off after a number of words. */
export type BreakOff = { how: 'error' | 'cut' | 'stall'; words: number };

/** A call that a message dictates; the JSON is sent as it is written. */
export type ScriptedCall = { name: string; json: string };

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
  /** Tools are passed over, whatever is asked. */
  noTools: boolean;
  /** These calls, all at once, whether offered or not. */
  calls: ScriptedCall[];
  /** So many calls at once. */
  parallel: number | null;
  /** So many rounds of calls before the answer. */
  rounds: number | null;
  /** Arguments that are no JSON. */
  badJson: boolean;
  /** A tool that is not offered. */
  unknownTool: boolean;
  /** The same call again and again, as long as calls are allowed. */
  sameCall: boolean;
  /** A call that is written as text; which way of writing it, see `printedCall`. */
  printedCall: number | null;
  /** How the answer breaks off inside of a call. */
  callBreak: BreakOff['how'] | null;
  /** The request of this round fails with 529; the first one is 1. */
  failRound: number | null;
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
  ['[[no-tools]]', 'no tool is used'],
  ['[[call get_objects {"object_type": "dcim.site", "filters": {}}]]', 'exactly this call'],
  ['[[parallel 3]]', 'three calls at once'],
  ['[[rounds 3]]', 'three calls one after the other'],
  ['[[same-call]]', 'the same call for ever'],
  ['[[unknown-tool]]', 'a call of a tool that does not exist'],
  ['[[bad-json]]', 'a call whose arguments are no JSON'],
  ['[[printed-call 1]]', 'a call that is only written as text'],
  ['[[cut-call]]', 'the connection is lost inside a call'],
  ['[[stall-call]]', 'silence inside a call'],
  ['[[error-call]]', 'an error event inside a call'],
  ['[[fail-round 2]]', 'fails after the first results'],
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
  noTools: false,
  calls: [],
  parallel: null,
  rounds: null,
  badJson: false,
  unknownTool: false,
  sameCall: false,
  printedCall: null,
  callBreak: null,
  failRound: null,
  unknown: [],
};

const BRACKETS = /\[\[([^[\]]{1,400})\]\]/g;
const CALL = /^call\s+([\w.-]+)(?:\s+(\{.*\}))?(?:\s+on\s+(\S+))?$/s;
const PARTS = /^([a-z-]+)(?:\s+(\d+))?(?:\s+on\s+(\S+))?$/;

/** Longer answers than this are of no use to anybody. */
const MAX_WORDS = 20_000;
const MAX_CALLS = 100;

/**
 * Reads the switches of a message. One that ends in `on <model>` counts only for that model, so that a
 * fallback to another one can be shown.
 */
export function readSwitches(message: string, model: string): Switches {
  const switches: Switches = { ...NONE, calls: [], unknown: [] };
  for (const [, inside = ''] of message.matchAll(BRACKETS)) {
    const call = CALL.exec(inside.trim());
    if (call !== null) {
      const [, name = '', json = '{}', only] = call;
      if (only === undefined || only.toLowerCase() === model.toLowerCase())
        switches.calls.push({ name, json });
      continue;
    }
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
    case 'no-tools':
      switches.noTools = true;
      return true;
    case 'parallel':
      switches.parallel = Math.min(value ?? 2, MAX_CALLS);
      return true;
    case 'rounds':
      switches.rounds = Math.min(value ?? 2, MAX_CALLS);
      return true;
    case 'same-call':
      switches.sameCall = true;
      return true;
    case 'unknown-tool':
      switches.unknownTool = true;
      return true;
    case 'bad-json':
      switches.badJson = true;
      return true;
    case 'printed-call':
      switches.printedCall = value ?? 1;
      return true;
    case 'cut-call':
      switches.callBreak = 'cut';
      return true;
    case 'stall-call':
      switches.callBreak = 'stall';
      return true;
    case 'error-call':
      switches.callBreak = 'error';
      return true;
    case 'fail-round':
      switches.failRound = value ?? 2;
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
