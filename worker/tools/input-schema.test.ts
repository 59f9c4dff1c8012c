import { describe, expect, it } from 'vitest';
import { modelSchema } from './input-schema.ts';
import { TOOL_BOUNDS, toListedTool } from './listed-tool.ts';

describe('the schema of arguments, for both providers', () => {
  it('keeps what a model needs', () => {
    const schema = {
      type: 'object',
      description: 'What to get',
      properties: {
        object_type: { type: 'string', description: 'Its type', enum: ['dcim.device', 'dcim.site'] },
        filters: { type: 'object', additionalProperties: true },
        fields: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }], default: null },
        limit: { type: 'integer', minimum: 1, maximum: 100, default: 5 },
        ordering: { $ref: '#/$defs/Ordering' },
      },
      required: ['object_type', 'filters'],
      additionalProperties: false,
      $defs: { Ordering: { type: ['string', 'null'], title: 'Ordering' } },
    };
    expect(modelSchema(schema)).toEqual(schema);
  });

  it('keeps the order of the arguments, and no other order of the server', () => {
    const a = modelSchema({
      properties: { z: { type: 'string', description: 'Z' }, a: {} },
      required: ['z'],
      type: 'object',
    });
    const b = modelSchema({
      type: 'object',
      required: ['z'],
      properties: { z: { description: 'Z', type: 'string' }, a: {} },
    });
    expect(JSON.stringify(a)).toBe(JSON.stringify(b));
    expect(Object.keys(a?.properties ?? {})).toEqual(['z', 'a']);
  });

  it('leaves out what a provider refuses', () => {
    expect(
      modelSchema({
        $schema: 'http://json-schema.org/draft-07/schema#',
        $id: 'https://example.com/x',
        anyOf: [{ required: ['a'] }],
        oneOf: [{}],
        allOf: [{}],
        properties: {
          a: { type: 'strin', minimum: 'many', pattern: '(((', items: [{ type: 'string' }], enum: [] },
          b: { exclusiveMinimum: true, $ref: 'https://example.com/steal', nullable: true },
        },
        required: 'a',
      }),
    ).toEqual({ type: 'object', properties: { a: {}, b: {} } });
  });

  it('gives an object without arguments where a server says nothing of them', () => {
    expect(modelSchema({})).toEqual({ type: 'object', properties: {} });
  });

  it.each([
    null,
    'text',
    [],
    { type: 'string' },
    { type: ['object', 'null'] },
    { properties: { 'a b': {} } },
    { properties: { '': {} } },
  ])('is none at all: %j', (schema) => {
    expect(modelSchema(schema)).toBeNull();
  });

  it('ends somewhere', () => {
    let deep: object = { type: 'string' };
    for (let i = 0; i < 100; i++) deep = { type: 'object', properties: { next: deep } };
    expect(JSON.stringify(modelSchema(deep)).length).toBeLessThan(1_000);
  });

  it('takes no prototype from a server', () => {
    const schema = modelSchema(
      JSON.parse('{"properties": {"a": {"properties": {"__proto__": {"type": "string"}}}}}'),
    );
    expect(JSON.stringify(schema)).toContain('"__proto__":{"type":"string"}');
    expect(Object.getPrototypeOf(schema?.properties)).toBe(Object.prototype);
  });
});

describe('a tool as it is kept', () => {
  const aTool = (more: object = {}) => ({ name: 'get', inputSchema: { type: 'object' as const }, ...more });

  it('has texts of a bounded length, cut between characters, without what nobody can read', () => {
    const kept = toListedTool(
      aTool({ description: `${'x'.repeat(TOOL_BOUNDS.description - 1)}😀 end`, title: ' A\u0000 title ' }),
    );
    expect(kept?.description).toBe('x'.repeat(TOOL_BOUNDS.description - 1));
    expect(kept?.title).toBe('A title');
    expect(toListedTool(aTool({ description: 'a\ud800b' }))?.description).toBe('a\ufffdb');
  });

  it('is none with too long a name or schema', () => {
    expect(toListedTool(aTool({ name: 'x'.repeat(129) }))).toBeNull();
    expect(toListedTool(aTool({ name: '' }))).toBeNull();
    const long = {
      type: 'object' as const,
      properties: { a: { description: 'x'.repeat(TOOL_BOUNDS.schema) } },
    };
    expect(toListedTool(aTool({ inputSchema: long }))).toBeNull();
  });

  it('has its answers checked only against what is cheap to check', () => {
    const output = { type: 'object', properties: { a: { type: 'string' } } };
    expect(toListedTool(aTool({ outputSchema: output }))?.outputSchema).toEqual(output);
    const slow = { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } };
    expect(toListedTool(aTool({ outputSchema: slow }))).not.toHaveProperty('outputSchema');
  });
});
