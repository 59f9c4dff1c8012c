import { count, day, duration } from '#lib/text/format.ts';
import type { ToolCall } from '#lib/wire.ts';
import { asRecord } from './json.ts';
import { filtersOf, netBoxDeed, nounOf } from './netbox-words.ts';
import { foundIn, objectName, type ResultView } from './result-view.ts';
import { serverName, shortly } from './server-words.ts';
import { keyText, valueText } from './value-text.ts';

/**
 * How a call stands. undone: the answer ended before it did. refused: it was never made, because the model asked for
 * something that is not offered.
 */
export type CallState = 'waiting' | 'running' | 'done' | 'failed' | 'denied' | 'undone' | 'refused';

/** The server tells the model in these words, and the archive has nothing else that says so. */
const DENIED = 'The person did not allow this call.';

export function callState(call: ToolCall): CallState {
  const state = call.state ?? (call.ok === null ? 'running' : 'done');
  if (state !== 'done') return state;
  if (call.ok === true) return 'done';
  if (call.duration_ms === null) return 'undone';
  if (call.duration_ms === 0 && call.content?.startsWith(DENIED)) return 'denied';
  return call.duration_ms === 0 && (call.server ?? null) === null ? 'refused' : 'failed';
}

export const STATE_WORDS: Record<CallState, string> = {
  waiting: 'waits for you',
  running: 'running',
  done: 'done',
  failed: 'failed',
  denied: 'not allowed',
  undone: 'not finished',
  refused: 'not made',
};

/** Beyond these a row would be no summary. */
const MOST_FACTS = 3;

/** A verb as `wants to …`, `… now`, `… then`. */
type Verb = readonly [bare: string, now: string, past: string];
const ASK: Verb = ['ask', 'Asks', 'Asked'];
const USE: Verb = ['use', 'Uses', 'Used'];

type Deed = { verb: Verb; object: string; facts: [string, unknown][] };

function deedOf(call: ToolCall): Deed {
  const args = asRecord(call.arguments) ?? {};
  const server = serverName(call.server);
  const { which, one, many } = objectOf(args);
  const data = Object.entries(asRecord(args.data) ?? {});
  // Only of a tool that somebody offers the name says anything.
  switch (server === null ? null : netBoxDeed(call.name)) {
    case 'list':
      return { verb: ASK, object: `${server} for ${many}`, facts: filtersOf(args) };
    case 'changes':
      return { verb: ASK, object: `${server} what has changed`, facts: filtersOf(args) };
    case 'one':
      return { verb: ['look up', 'Looks up', 'Looked up'], object: `${which} in ${server}`, facts: [] };
    case 'search':
      return {
        verb: ['search', 'Searches', 'Searched'],
        object: `${server} for “${shortly(valueText(args.query))}”`,
        facts: [],
      };
    case 'update':
      return { verb: ['change', 'Changes', 'Changed'], object: `${which} in ${server}`, facts: data };
    case 'create':
      return { verb: ['add', 'Adds', 'Added'], object: `a ${one} to ${server}`, facts: data };
    case 'delete':
      return { verb: ['delete', 'Deletes', 'Deleted'], object: `${which} from ${server}`, facts: [] };
    default: {
      const of = server === null ? '' : ` of ${server}`;
      const facts = Object.entries(args).filter(([, value]) => typeof value !== 'object');
      return { verb: USE, object: `“${shortly(call.title || call.name)}”${of}`, facts };
    }
  }
}

function objectOf(args: Record<string, unknown>): { which: string; one: string; many: string } {
  const [one, many] = nounOf(args.object_type).map(shortly);
  const id = shortly(valueText(args.object_id ?? args.id));
  return { which: `${one} ${id}`.trim(), one: one ?? '', many: many ?? '' };
}

/** What was done, in a plain sentence and a few facts: `Asked NetBox for devices`, `site dc14`, `12 objects`, `0.3 s`. */
export function callWords(call: ToolCall, view: ResultView | null): { sentence: string; facts: string[] } {
  const state = callState(call);
  // What waits is told by the tool's own name: what it is called decides nothing about what it does.
  if (state === 'waiting') {
    const of = serverName(call.server);
    return { sentence: `Wants to use ${shortly(call.name)}${of === null ? '' : ` of ${of}`}`, facts: [] };
  }
  const { verb, object, facts } = deedOf(call);
  const [bare, now, past] = verb;
  const isMade = state === 'done' || state === 'failed';
  const said = isMade ? past : state === 'running' ? now : `Wanted to ${bare}`;
  const lines = facts.slice(0, MOST_FACTS).map(factText);
  if (facts.length > MOST_FACTS) lines.push(`${facts.length - MOST_FACTS} more`);
  const found = state === 'done' && view !== null ? foundWords(view, offsetOf(call)) : null;
  if (found !== null) lines.push(found);
  if (isMade && call.duration_ms !== null) lines.push(duration(call.duration_ms));
  return { sentence: `${said} ${object}`, facts: lines };
}

const factText = ([key, value]: [string, unknown]): string =>
  `${shortly(filterText(key))} ${shortly(told(value))}`.trim();

/** Of a point in time the day is enough here. */
const told = (value: unknown): string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+/.test(value) ? day(value) : valueText(value);

/** `name__ic` is a lookup of NetBox: the part behind the two lines says how, not what. */
function filterText(key: string): string {
  const [name = key] = key.split('__');
  return keyText(name).replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

/** How many objects a call left out in front, as the tools of NetBox take it. */
function offsetOf({ arguments: args }: ToolCall): number {
  const record = asRecord(args) ?? {};
  const offset = record.offset ?? asRecord(record.filters)?.offset;
  return typeof offset === 'number' && Number.isInteger(offset) && offset > 0 ? offset : 0;
}

function foundWords(view: ResultView, offset: number): string | null {
  const found = foundIn(view);
  if (found === null) {
    const name = objectName(view);
    return name === null ? null : shortly(name);
  }
  const { shown, total, isMore } = found;
  if (total === 0) return 'nothing found';
  if (offset > 0 && shown > 0 && offset + shown <= total) {
    return `${count(offset + 1)} to ${count(offset + shown)} of ${count(total)} objects`;
  }
  if (total > shown) return `${count(shown)} of ${count(total)} objects`;
  return `${isMore ? 'the first ' : ''}${count(shown)} ${shown === 1 ? 'object' : 'objects'}`;
}

/** What a call that waits would do, as far as its name and arguments tell. */
export function changeWords(call: ToolCall): string {
  const args = asRecord(call.arguments) ?? {};
  const { which, one } = objectOf(args);
  const fields = Object.keys(asRecord(args.data) ?? {}).map((key) => shortly(filterText(key)));
  switch (call.server == null ? null : netBoxDeed(call.name)) {
    case 'update': {
      const named =
        fields.slice(0, 6).join(', ') + (fields.length > 6 ? ` and ${fields.length - 6} more` : '');
      return fields.length === 0 ? `It changes ${which}.` : `It changes ${named} of ${which}.`;
    }
    case 'create':
      return `It adds a new ${one}.`;
    case 'delete':
      return `It deletes ${which}.`;
    default:
      return 'Its server does not mark it as read-only: it may change something.';
  }
}
