import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foundIn, resultView } from './result-view.ts';

const lists = (content: string, isCut = false) => {
  const view = resultView(content, isCut);
  if (view.kind !== 'lists') throw new Error(view.kind);
  return view.lists;
};

describe('a result', () => {
  it('of NetBox is a page of a list, with how many there are', () => {
    const page = JSON.stringify({
      count: 120,
      next: 'https://nb/?offset=2',
      previous: null,
      results: [{ id: 1 }, { id: 2 }],
    });
    expect(lists(page)).toEqual([
      { title: null, objects: [{ id: 1 }, { id: 2 }], total: 120, hasMore: true },
    ]);
    expect(foundIn(resultView(page, false))).toEqual({ shown: 2, total: 120, isMore: false });
  });

  it('that is the last page says so', () => {
    expect(lists('{"count":22,"next":null,"results":[{"id":21},{"id":22}]}')[0]).toMatchObject({
      total: 22,
      hasMore: false,
    });
    expect(lists('{"count":22,"results":[{"id":1}]}')[0]?.hasMore).toBe(true);
  });

  it('whose count makes no sense is not believed', () => {
    for (const count of [-1, 1.5, '9', null, 1]) {
      expect(lists(JSON.stringify({ count, results: [{ id: 1 }, { id: 2 }] }))[0]?.total).toBeNull();
    }
  });

  it('that is a list of objects, one object, or lists by type is told apart', () => {
    expect(lists('[{"a":1}]')[0]).toMatchObject({ total: 1, hasMore: false });
    expect(resultView('{"id":7,"name":"core-1"}', false)).toMatchObject({
      kind: 'object',
      object: { id: 7 },
    });
    expect(lists('{"dcim.device":[{"id":1}],"dcim.site":[]}').map(({ title }) => title)).toEqual([
      'dcim.device',
    ]);
    expect(lists('{"count":0,"results":[]}')[0]?.objects).toEqual([]);
  });

  it('that is anything else is text', () => {
    for (const text of [
      '',
      'Echo: hello',
      '12',
      '"text"',
      '[1,2]',
      '[{"a":1},2]',
      '{',
      '{}',
      '{"results":',
      'null',
    ]) {
      expect(resultView(text, false).kind).toBe('text');
    }
  });

  it('that was cut is shown up to its last whole object', () => {
    const whole = JSON.stringify({ count: 9, results: [{ n: 1, a: '}]"' }, { n: 2 }, { n: 3 }] });
    const cut = `${whole.slice(0, whole.indexOf('{"n":3') + 4)}\n[Cut here: these are the first of 900 characters.]`;
    expect(lists(cut, true)[0]).toEqual({
      title: null,
      objects: [{ n: 1, a: '}]"' }, { n: 2 }],
      total: 9,
      hasMore: true,
    });
    expect(resultView(cut, false).kind).toBe('text');
    expect(lists('[{"n":1},{"n":2},{"n', true)[0]).toMatchObject({ total: null, hasMore: true });
  });

  it('with members that programs trip over is data like any other', () => {
    const [list] = lists(
      '[{"__proto__":{"polluted":true},"constructor":1,"hasOwnProperty":2,"toString":null}]',
    );
    expect(Object.keys(list?.objects[0] ?? {})).toContain('__proto__');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('of any size and depth does no harm', () => {
    expect(resultView(`[${'{"a":1},'.repeat(1_200_000)}{"a":1}]`, false).kind).toBe('text');
    expect(resultView('['.repeat(100_000) + ']'.repeat(100_000), false).kind).toBe('text');
    expect(resultView('[{"a":'.repeat(50_000), true).kind).toBe('text');
    expect(lists(`[{"deep":${'['.repeat(5_000)}${']'.repeat(5_000)}}]`)).toHaveLength(1);
  });

  it('of any text is shown somehow', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '\\',
      '{"a":1}',
      '"results"',
      '"count":3',
    );
    fc.assert(
      fc.property(fc.array(piece), fc.boolean(), (pieces, isCut) => {
        expect(['lists', 'object', 'text']).toContain(resultView(pieces.join(''), isCut).kind);
      }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1 }),
        fc.nat(),
        (objects, at) => {
          const whole = JSON.stringify(objects);
          const view = resultView(whole.slice(0, at % whole.length), true);
          const shown = view.kind === 'lists' ? (view.lists[0]?.objects ?? []) : [];
          expect(shown).toEqual(JSON.parse(whole).slice(0, shown.length));
        },
      ),
    );
  });
});
