import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NETBOX_TOOLS } from '../config-tools.ts';
import type { ListedTool } from './listed-tool.ts';
import { aToolServer } from './test-support.ts';
import { buildToolbox, canonicalJson, isReadOnly, MOST_TOOLS, steadyToolbox } from './toolbox.ts';

const aListed = (name: string, more: Partial<ListedTool> = {}): ListedTool => ({
  name,
  title: null,
  description: `Does ${name}.`,
  inputSchema: { type: 'object', properties: { q: { type: 'string' } } },
  readOnlyHint: true,
  destructiveHint: null,
  ...more,
});
const one = aToolServer('http://127.0.0.1/mcp');
const two = { ...one, name: 'two' };
const namesOf = (box: { tools: { name: string }[] }) => box.tools.map(({ name }) => name);

describe('what is offered to a model', () => {
  it('is in one order, whatever the order in which it was listed', () => {
    const [a, b, c] = [aListed('a'), aListed('b'), aListed('c')];
    const box = buildToolbox([
      { server: two, tools: [c, a] },
      { server: one, tools: [b] },
    ]);
    expect(namesOf(box)).toEqual(['a', 'c', 'b']);
    expect(JSON.stringify(box)).toBe(
      JSON.stringify(
        buildToolbox([
          { server: two, tools: [a, c, a] },
          { server: one, tools: [b] },
        ]),
      ),
    );
  });

  it('has the name of the server in it only where two have the same', () => {
    const box = buildToolbox([
      { server: one, tools: [aListed('get'), aListed('only')] },
      { server: two, tools: [aListed('get')] },
    ]);
    expect(namesOf(box)).toEqual(['one__get', 'only', 'two__get']);
    expect(box.tools.map(({ tool }) => tool)).toEqual(['get', 'only', 'get']);
  });

  it('has names that fit and differ, whatever the servers call them', () => {
    const name = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom('a b', 'a.b', 'a_b', 'two__a_b', 'x'.repeat(80)),
    );
    fc.assert(
      fc.property(fc.array(name), fc.array(name), (first, second) => {
        const { tools } = buildToolbox([
          { server: one, tools: first.map((text) => aListed(text)) },
          { server: two, tools: second.map((text) => aListed(text)) },
        ]);
        expect(tools).toHaveLength(new Set(first).size + new Set(second).size);
        expect(new Set(tools.map((tool) => tool.name)).size).toBe(tools.length);
        for (const tool of tools) expect(tool.name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      }),
    );
  });

  it('is what is allowed, of servers that are on, and at most 64', () => {
    const many = Array.from({ length: 100 }, (_, i) => aListed(`t${String(i).padStart(3, '0')}`));
    const box = buildToolbox([
      { server: { ...one, allowed: ['get'] }, tools: [aListed('get'), aListed('put')] },
      { server: { ...two, mode: 'off' }, tools: [aListed('never')] },
      { server: { ...two, name: 'three' }, tools: many },
      { server: { ...two, name: 'four' }, tools: null },
    ]);
    expect(namesOf(box)).toEqual(['get', ...many.slice(0, MOST_TOOLS - 1).map(({ name }) => name)]);
    expect(box).toMatchObject({ missing: ['four'], leftOut: 37 });
  });

  it('leaves out a tool whose schema would make a provider refuse all of them', () => {
    const odd = { type: 'object', properties: { 'a b': { type: 'string' } } };
    const box = buildToolbox([
      {
        server: one,
        tools: [
          aListed('fine'),
          aListed('odd', { inputSchema: odd }),
          aListed('list', { inputSchema: { type: 'array' } }),
        ],
      },
    ]);
    expect(namesOf(box)).toEqual(['fine']);
    expect(box.leftOut).toBe(2);
  });
});

describe('what runs by itself', () => {
  const vouched = { ...one, readOnly: ['get'] };
  it.each<[string, Parameters<typeof isReadOnly>, boolean]>([
    ['the server says that it reads', [one, aListed('get')], true],
    ['the server says that it writes', [vouched, aListed('get', { readOnlyHint: false })], false],
    ['the server says nothing', [one, aListed('get', { readOnlyHint: null })], false],
    ['it says nothing, and the operator vouches', [vouched, aListed('get', { readOnlyHint: null })], true],
    [
      'it destroys, whoever vouches',
      [vouched, aListed('get', { readOnlyHint: null, destructiveHint: true })],
      false,
    ],
    ['everything of the server asks', [{ ...vouched, mode: 'ask' }, aListed('get')], false],
  ])('%s', (_name, args, expected) => {
    expect(isReadOnly(...args)).toBe(expected);
  });

  it('is every tool of the NetBox MCP server, which marks none', () => {
    expect(NETBOX_TOOLS).toEqual(['get_objects', 'get_object_by_id', 'get_changelogs', 'search_objects']);
  });
});

describe('the toolbox of a conversation that had one', () => {
  const box = (server: typeof one, tools: ListedTool[] | null) => buildToolbox([{ server, tools }]);

  it('stays the same to the letter where only the order inside is new', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } };
    const turned = { properties: { b: { type: 'string' }, a: { type: 'string' } }, type: 'object' };
    const before = box(one, [aListed('get', { inputSchema: schema })]);
    const now = box(one, [aListed('get', { inputSchema: turned })]);
    expect(JSON.stringify(now)).not.toBe(JSON.stringify(before));
    expect(JSON.stringify(steadyToolbox(before.tools, now, [one]))).toBe(JSON.stringify(before));
  });

  it('takes over what is really new', () => {
    const before = box(one, [aListed('get'), aListed('old')]);
    const now = box(one, [aListed('get', { description: 'Another.' }), aListed('new')]);
    expect(steadyToolbox(before.tools, now, [one])).toEqual(now);
  });

  it('keeps the tools of a server that does not answer, as far as they are still allowed', () => {
    const before = box(one, [aListed('get'), aListed('put')]);
    const now = box(one, null);
    expect(namesOf(steadyToolbox(before.tools, now, [one]))).toEqual(['get', 'put']);
    expect(namesOf(steadyToolbox(before.tools, now, [{ ...one, allowed: ['put'] }]))).toEqual(['put']);
    expect(steadyToolbox(before.tools, now, [{ ...one, mode: 'off' }]).tools).toEqual([]);
    expect(steadyToolbox(before.tools, now, [two]).tools).toEqual([]);
    const [get] = steadyToolbox(before.tools, now, [{ ...one, mode: 'ask' }]).tools;
    expect(get).toMatchObject({ name: 'get', readOnly: false });
  });
});

describe('canonical JSON', () => {
  it('is the same for the same members in another order, and only then', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
