import type { Switches } from '../switches.ts';
import { type Asked, type AskedCall, findTool, isRecord, type MadeCall, type OfferedTool } from './asked.ts';
import { callFor, made, type Wish, wishOf } from './netbox-questions.ts';
import { joinPages } from './results.ts';

/** What the simulated model does with its tools in one turn; `printed` stands in its text instead of a call. */
export type ToolTurn = { text: string; calls: MadeCall[]; printed: string };

/** Nobody wants to wait for more. */
const MOST_PAGES = 5;
/** Of a first list, so many are asked about at once. */
const MOST_AT_ONCE = 8;
const SOME_TYPES = ['dcim.site', 'dcim.rack', 'ipam.vlan', 'ipam.prefix', 'dcim.device', 'dcim.region'];

/** @returns null when it answers instead */
export function toolTurn(asked: Asked, switches: Switches): ToolTurn | null {
  if (asked.tools.length === 0 || switches.noTools) return null;
  const isFirst = asked.rounds.length === 0;
  const scripted = scriptedCalls(asked, switches);
  if (scripted !== null)
    return scripted.length === 0 ? null : { text: isFirst ? LOOKING : '', calls: scripted, printed: '' };
  if (switches.printedCall !== null && isFirst) {
    const call = someCall(asked.tools, 'dcim.site');
    return { text: '', calls: [], printed: printedCall(call, switches.printedCall) };
  }
  const calls = nextCalls(asked);
  return calls.length === 0 ? null : { text: isFirst ? LOOKING : '', calls, printed: '' };
}

const LOOKING = 'I look that up.';

/** Calls that the brackets of the message dictate; null where they dictate none. */
function scriptedCalls({ tools, rounds }: Asked, switches: Switches): MadeCall[] | null {
  const isFirst = rounds.length === 0;
  if (switches.sameCall) return [someCall(tools, 'dcim.site')];
  if (switches.rounds !== null) {
    const call = { ...someCall(tools, 'dcim.device', rounds.length * 5) };
    return rounds.length < switches.rounds ? [call] : [];
  }
  if (switches.calls.length > 0) {
    const named = switches.calls.map(({ name, json }) => ({
      name: findTool(tools, name)?.name ?? name,
      json,
    }));
    return isFirst ? named : [];
  }
  if (switches.parallel !== null) {
    const many = Array.from({ length: switches.parallel }, (_, nth) =>
      someCall(tools, SOME_TYPES[nth % SOME_TYPES.length] ?? 'dcim.site', nth),
    );
    return isFirst ? many : [];
  }
  if (switches.badJson)
    return isFirst
      ? [{ ...someCall(tools, 'dcim.site'), json: '{"object_type": "dcim.site", "filters": {' }]
      : [];
  if (switches.unknownTool)
    return isFirst ? [{ name: 'netbox_delete_everything', json: '{"sure": true}' }] : [];
  if (switches.callBreak !== null) return isFirst ? [someCall(tools, 'dcim.site')] : [];
  return null;
}

/** What a question about NetBox, or about a tool by its name, needs next. */
function nextCalls(asked: Asked): MadeCall[] {
  const { question, tools, rounds, now } = asked;
  const wish = wishOf(question, now);
  const done = rounds.flat();
  if (wish === null) return rounds.length === 0 ? namedTool(question, tools) : [];
  if (done.some(({ ok }) => !ok)) return [];
  if (wish.first !== null && rounds.length <= 1) {
    if (rounds.length === 1) return oneForEach(wish, done, asked);
    const { type, filters } = wish.first;
    const fields = type === 'ipam.prefix' ? ['prefix'] : ['id', 'name'];
    const call = callFor({ ...wish, type, filters, fields, countOnly: false }, asked, 0);
    return call === null ? [] : [call];
  }
  if (rounds.length === 0) {
    const call = callFor(wish, asked, 0);
    return call === null ? namedTool(question, tools) : [call];
  }
  if (wish.first !== null || wish.countOnly || rounds.length >= MOST_PAGES) return [];
  const page = joinPages(done);
  const call =
    page?.next === true && page.results.length > 0 ? callFor(wish, asked, page.results.length) : null;
  return call === null ? [] : [call];
}

function oneForEach(wish: Wish, done: AskedCall[], asked: Asked): MadeCall[] {
  const found = joinPages(done)?.results ?? [];
  return found
    .slice(0, MOST_AT_ONCE)
    .map((object) =>
      wish.type === 'core.objectchange' ? { object_repr: object.name } : { parent: object.prefix },
    )
    .map((filter) => callFor({ ...wish, filters: { ...filter, ...wish.filters } }, asked, 0))
    .filter((call) => call !== null);
}

/** A tool that the question names, with arguments that its schema takes, out of the words and numbers of the question. */
function namedTool(question: string, tools: readonly OfferedTool[]): MadeCall[] {
  const words = question.toLowerCase();
  const tool = tools.find(({ name }) => {
    const own = name.toLowerCase().split('__').at(-1) ?? '';
    return own.length >= 3 && (words.includes(own) || words.includes(own.replaceAll(/[_-]/g, ' ')));
  });
  return tool === undefined ? [] : [made(tool, someArguments(tool, question))];
}

function someArguments({ schema }: OfferedTool, question: string): Record<string, unknown> {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const numbers = [...question.matchAll(/-?\d+(?:\.\d+)?/g)].map(([digits]) => Number(digits));
  const quoted = /["“']([^"”']+)["”']/.exec(question)?.[1] ?? question;
  const valueFor = (property: unknown): unknown => {
    const { type, enum: choices } = isRecord(property) ? property : {};
    if (Array.isArray(choices)) return choices[0];
    if (type === 'number' || type === 'integer') return numbers.shift() ?? 1;
    if (type === 'boolean') return true;
    if (type === 'array') return [];
    return type === 'object' ? {} : quoted;
  };
  return Object.fromEntries(required.map((name) => [name, valueFor(properties[name])]));
}

/** A harmless call of what is offered: of NetBox if it can be. */
function someCall(tools: readonly OfferedTool[], type: string, offset = 0): MadeCall {
  const tool = findTool(tools, 'get_objects') ?? tools[0] ?? { name: 'netbox_get_objects', schema: {} };
  if (!tool.name.endsWith('get_objects')) return made(tool, someArguments(tool, 'hello'));
  return made(tool, {
    object_type: type,
    filters: {},
    fields: ['id', 'display'],
    ...(offset === 0 ? {} : { offset }),
  });
}

/** A call as small models write it when they miss the format: 1 to 5, as Hermes, in a fence, bare, Mistral and Llama. */
export function printedCall({ name, json }: MadeCall, way: number): string {
  const call = `{"name": ${JSON.stringify(name)}, "arguments": ${json}}`;
  switch (way) {
    case 2:
      return `\`\`\`json\n${call}\n\`\`\``;
    case 3:
      return call.replace('"arguments"', '"parameters"');
    case 4:
      return `[TOOL_CALLS] [${call}]`;
    case 5:
      return `<|python_tag|>${call.replace('"arguments"', '"parameters"')}`;
    default:
      return `<tool_call>\n${call}\n</tool_call>`;
  }
}
