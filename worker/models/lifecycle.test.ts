import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lifecycleOf, successorOf } from './lifecycle.ts';
import { buildRegistry } from './registry.ts';
import { aConfig, TODAY } from './test-world.ts';
import type { ModelEntry } from './types.ts';

const { entries } = buildRegistry(aConfig());
function entry(id: string): ModelEntry {
  const found = entries.get(id);
  if (found === undefined) throw new Error(id);
  return found;
}
const END = Date.parse('2026-11-30T00:00:00Z');

describe('the lifecycle', () => {
  it('of claude-sonnet-4-5: deprecated until its day, retired from it on', () => {
    const at = (time: number) => lifecycleOf(entry('claude-sonnet-4-5'), [], time).state;
    expect(at(TODAY)).toBe('deprecated');
    expect(at(END - 1)).toBe('deprecated');
    expect(at(END)).toBe('retired');
  });

  it('never goes back as time goes on', () => {
    const rank = { active: 0, deprecated: 1, retired: 2 };
    const days = fc.nat({ max: 2_000 });
    fc.assert(
      fc.property(fc.constantFrom(...entries.keys()), days, days, (id, from, more) => {
        const at = (day: number) => rank[lifecycleOf(entry(id), [], TODAY + day * 86_400_000).state];
        expect(at(from)).toBeLessThanOrEqual(at(from + more));
      }),
    );
  });

  it('is told by the live list where that has the model, by either id', () => {
    const live = [
      {
        id: 'claude-haiku-4-5-20251001',
        lifecycle: 'deprecated' as const,
        retires_at: '2027-01-19T00:00:00.000Z',
      },
      { id: 'claude-sonnet-4-5', lifecycle: 'active' as const, retires_at: null },
    ];
    expect(lifecycleOf(entry('claude-haiku-4-5'), live, TODAY)).toEqual({
      state: 'deprecated',
      retires_at: '2027-01-19T00:00:00.000Z',
    });
    expect(lifecycleOf(entry('claude-sonnet-4-5'), live, END + 1).state).toBe('active');
    expect(lifecycleOf(entry('claude-opus-5-5'), live, TODAY).state).toBe('active');
  });

  it('takes a date that has passed on a deprecated live model for overdue, as the provider means it', () => {
    const live = [
      {
        id: 'claude-sonnet-4-5-20250929',
        lifecycle: 'deprecated' as const,
        retires_at: '2026-11-01T00:00:00Z',
      },
    ];
    expect(lifecycleOf(entry('claude-sonnet-4-5'), live, TODAY).state).toBe('deprecated');
  });

  it('of a home model is no business of the live list', () => {
    const live = [{ id: 'ollama-qwen2.5', lifecycle: 'retired' as const, retires_at: null }];
    expect(lifecycleOf(entry('ollama-qwen2.5'), live, TODAY).state).toBe('active');
  });
});

describe('successors', () => {
  const chain = (links: Record<string, string | null>) =>
    new Map(
      Object.entries(links).map(([id, replaced_by]) => [
        id,
        {
          ...entry('claude-opus-4'),
          id,
          upstream_model: id,
          replaced_by,
          deprecated: false,
          retires_at: null,
        },
      ]),
    );
  const retired = (...ids: string[]) =>
    ids.map((id) => ({ id, lifecycle: 'retired' as const, retires_at: null }));
  const follow = (links: Record<string, string | null>, ...gone: string[]) => {
    const map = chain(links);
    const first = map.get('a');
    return first === undefined ? null : (successorOf(map, first, retired(...gone), TODAY)?.id ?? null);
  };

  it('are followed past those that are retired themselves', () => {
    expect(follow({ a: 'b', b: 'c', c: null }, 'a', 'b')).toBe('c');
    expect(follow({ a: 'b', b: 'c', c: null }, 'a')).toBe('b');
  });

  it('end in nothing: at the end of the chain, outside the registry, in a circle', () => {
    expect(follow({ a: 'b', b: null }, 'a', 'b')).toBeNull();
    expect(follow({ a: 'gone' }, 'a')).toBeNull();
    expect(follow({ a: 'b', b: 'a' }, 'a', 'b')).toBeNull();
    expect(follow({ a: 'a' }, 'a')).toBeNull();
  });
});
