/**
 * JSON Schema (2020-12) as both providers take it. One schema that a provider does not like makes it refuse the whole
 * request, with every other tool in it; so a server's schema is rebuilt from what is known to be fine.
 */
type Schema = Record<string, unknown>;

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];
/** Anthropic refuses a request with other names of arguments. */
const ARGUMENT_NAME = /^[a-zA-Z0-9_.-]{1,64}$/;
/** Deeper ones say nothing more to a model. */
const MOST_LEVELS = 12;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value);
const isCount = (value: unknown) => Number.isInteger(value) && Number(value) >= 0;
const isFlag = (value: unknown) => typeof value === 'boolean';
const isNames = (value: unknown) => Array.isArray(value) && value.every(isText);
const isType = (value: unknown) =>
  (Array.isArray(value) && value.length > 0 ? value : [value]).every((one) => TYPES.includes(one as string));

/** Keywords with a value of their own, in the order in which they are written. */
const PLAIN: Record<string, (value: unknown) => boolean> = {
  type: isType,
  title: isText,
  description: isText,
  enum: (value) => Array.isArray(value) && value.length > 0,
  const: () => true,
  default: () => true,
  examples: Array.isArray,
  format: isText,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isNumber,
  exclusiveMaximum: isNumber,
  multipleOf: (value) => isNumber(value) && Number(value) > 0,
  minLength: isCount,
  maxLength: isCount,
  minItems: isCount,
  maxItems: isCount,
  uniqueItems: isFlag,
  required: isNames,
  $ref: (value) => isText(value) && /^#\/(\$defs|definitions)\//.test(value as string),
};
const SCHEMAS = ['items', 'additionalProperties', 'not'];
const SCHEMA_LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const SCHEMA_MAPS = ['properties', '$defs', 'definitions'];

function rebuild(schema: unknown, level: number): Schema | boolean {
  if (typeof schema === 'boolean') return schema;
  if (!isRecord(schema) || level > MOST_LEVELS) return {};
  const built: Schema = {};
  for (const [key, isFine] of Object.entries(PLAIN)) {
    if (Object.hasOwn(schema, key) && isFine(schema[key])) built[key] = schema[key];
  }
  for (const key of SCHEMA_MAPS) {
    const map = schema[key];
    if (!isRecord(map)) continue;
    // fromEntries makes an own property of `__proto__` as well.
    built[key] = Object.fromEntries(
      Object.entries(map).map(([name, one]) => [name, rebuild(one, level + 1)]),
    );
  }
  for (const key of SCHEMAS) {
    const one = schema[key];
    if (isRecord(one) || typeof one === 'boolean') built[key] = rebuild(one, level + 1);
  }
  for (const key of SCHEMA_LISTS) {
    const list = schema[key];
    if (Array.isArray(list) && list.length > 0) built[key] = list.map((one) => rebuild(one, level + 1));
  }
  return built;
}

/**
 * The schema of a tool's arguments, fit for both providers: an object at the top without alternatives (they refuse
 * those there; the description still tells), keywords that are known and well-formed, no patterns.
 * @returns null where that would not be the tool any more: its arguments are no object, or have names that a provider
 *   refuses
 */
export function modelSchema(schema: unknown): Schema | null {
  if (!isRecord(schema) || (schema.type !== undefined && schema.type !== 'object')) return null;
  const built = rebuild(schema, 0);
  if (typeof built === 'boolean') return null;
  const { type: _type, anyOf: _anyOf, oneOf: _oneOf, allOf: _allOf, not: _not, $ref: _ref, ...rest } = built;
  const properties = isRecord(rest.properties) ? rest.properties : {};
  const names = Object.keys(properties);
  if (!names.every((name) => ARGUMENT_NAME.test(name))) return null;
  return { type: 'object', properties, ...rest };
}
