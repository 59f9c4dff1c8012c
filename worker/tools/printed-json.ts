/** A call as a model has written it out. */
export type PrintedCall = {
  name: string;
  /** Null where what stands there is no JSON object. */
  arguments: Record<string, unknown> | null;
  /** The arguments as they stand there. */
  raw: string;
};

/** Members in which models put a call's arguments. */
const ARGUMENTS = ['arguments', 'parameters', 'args', 'input'];
/** Members with which the object of a call can begin. */
const FIRST_KEYS = ['name', 'type', 'id', 'function', 'tool_calls', ...ARGUMENTS];

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Where the JSON object or array that begins at `from` ends.
 * @returns the index behind it; null while it is not complete
 */
export function jsonEnd(text: string, from: number): number | null {
  let depth = 0;
  let isInText = false;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (isInText) {
      if (char === '\\') i++;
      else if (char === '"') isInText = false;
    } else if (char === '"') isInText = true;
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') {
      depth--;
      if (depth === 0) return i + 1;
    }
  }
  return null;
}

const startsOne = (words: Iterable<string>, begin: string) => {
  for (const word of words) if (word.startsWith(begin)) return true;
  return false;
};

/**
 * Whether a text that begins with `{` or `[` can still become the JSON of a call of one of these tools. Judged by its
 * first member, which is enough to let other JSON go at once.
 */
export function couldBeCallJson(text: string, names: ReadonlySet<string>): boolean {
  const inner = /^(?:\[\s*)?(?:\{\s*)?/.exec(text)?.[0] ?? '';
  const rest = text.slice(inner.length);
  if (rest === '') return true;
  if (!inner.includes('{')) return false;
  const key = /^"([a-z_]*)("?)/.exec(rest);
  if (key === null) return false;
  const [begin, word = '', closed = ''] = key;
  if (closed === '') return begin.length === rest.length && startsOne(FIRST_KEYS, word);
  if (!FIRST_KEYS.includes(word)) return false;
  if (word !== 'name') return true;
  const value = /^\s*(?::\s*(?:"([^"]*)("?))?)?/.exec(rest.slice(begin.length));
  const [whole = '', name, end] = value ?? [];
  if (name === undefined) return whole.length === rest.length - begin.length;
  return end === '"' ? names.has(name) : startsOne(names, name);
}

function argumentsOf(value: unknown): PrintedCall['arguments'] {
  if (isRecord(value)) return value;
  if (typeof value !== 'string') return null;
  try {
    const inner: unknown = JSON.parse(value === '' ? '{}' : value);
    return isRecord(inner) ? inner : null;
  } catch {
    return null;
  }
}

/** A tool as it is described, not as it is called. */
function isDefinition(item: Record<string, unknown>): boolean {
  return 'description' in item && isRecord(item.parameters) && isRecord(item.parameters.properties);
}

/**
 * The calls that a JSON value is; null where it is something else.
 * @param needsArguments whether a name alone is no call: a marker around it makes it one
 */
export function callsIn(
  value: unknown,
  names: ReadonlySet<string>,
  needsArguments: boolean,
): PrintedCall[] | null {
  if (Array.isArray(value)) {
    const calls = value.map((item: unknown) => callsIn(item, names, needsArguments));
    return calls.length > 0 && calls.every((one) => one !== null) ? calls.flat() : null;
  }
  if (!isRecord(value)) return null;
  if (Array.isArray(value.tool_calls)) return callsIn(value.tool_calls, names, needsArguments);
  if (isRecord(value.function)) return callsIn(value.function, names, needsArguments);
  const { name } = value;
  if (typeof name !== 'string' || !names.has(name) || isDefinition(value)) return null;
  const key = ARGUMENTS.find((one) => Object.hasOwn(value, one));
  if (key === undefined) return needsArguments ? null : [{ name, arguments: {}, raw: '{}' }];
  const given = value[key];
  const raw = typeof given === 'string' ? given : JSON.stringify(given);
  return [{ name, arguments: argumentsOf(given), raw }];
}
