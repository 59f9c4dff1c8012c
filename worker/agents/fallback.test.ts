import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { buildRegistry } from '../models/registry.ts';
import { BOTH_SIDES } from '../testing/world.ts';
import { AgentError, type FailureKind } from './agent.ts';
import { fallbackFor } from './fallback.ts';

const registry = buildRegistry(readConfig(BOTH_SIDES));
const entry = (id: string) => registry.entries.get(id)!;

function instead(
  failed: string,
  kind: FailureKind,
  more: { localFallback?: boolean; fallbackModel?: string | null; claude?: boolean; fits?: boolean } = {},
) {
  const { localFallback = true, fallbackModel = 'claude-haiku-5-5', claude = true, fits = true } = more;
  const fallback = fallbackFor({
    failed: entry(failed),
    error: new AgentError(kind, 'It failed.'),
    localFallback,
    fallbackModel: fallbackModel === null ? null : entry(fallbackModel),
    usable: (id) => registry.entries.get(id) ?? null,
    tier: (tier) => entry(`claude-${tier}-5-5`),
    automatic: () => (claude ? entry('claude-sonnet-5-5') : null),
    fits: () => fits,
  });
  return fallback?.entry.id ?? null;
}

describe('R9 Claude direct', () => {
  it('transient: to FALLBACK_MODEL', () => {
    expect(instead('claude-opus-5-5', 'transient')).toBe('claude-haiku-5-5');
    expect(instead('claude-opus-5-5', 'transient', { fallbackModel: 'claude-sonnet-5-5' })).toBe(
      'claude-sonnet-5-5',
    );
  });

  it('the failing model being FALLBACK_MODEL: the next tier up, and none above the top', () => {
    expect(instead('claude-haiku-5-5', 'transient')).toBe('claude-sonnet-5-5');
    expect(instead('claude-sonnet-5-5', 'transient', { fallbackModel: 'claude-sonnet-5-5' })).toBe(
      'claude-opus-5-5',
    );
    expect(instead('claude-opus-5-5', 'transient', { fallbackModel: 'claude-opus-5-5' })).toBeNull();
  });

  it('a missing model: its successor, else FALLBACK_MODEL', () => {
    expect(instead('claude-sonnet-4-5', 'model_missing')).toBe('claude-sonnet-5-5');
    expect(instead('claude-opus-5-5', 'model_missing')).toBe('claude-haiku-5-5');
  });

  it.each(['auth', 'bad_request', 'context_too_long'] as const)('%s: none', (kind) => {
    expect(instead('claude-sonnet-5-5', kind)).toBeNull();
  });
});

describe('R9 home', () => {
  it.each(['transient', 'auth', 'model_missing'] as const)('%s: to automatic Claude', (kind) => {
    expect(instead('ollama-qwen2.5', kind)).toBe('claude-sonnet-5-5');
  });

  it.each(['bad_request', 'context_too_long'] as const)('%s: none', (kind) => {
    expect(instead('ollama-qwen2.5', kind)).toBeNull();
  });

  it('never with LOCAL_FALLBACK=off, and not to a Claude that is not configured', () => {
    expect(instead('ollama-qwen2.5', 'transient', { localFallback: false })).toBeNull();
    expect(instead('ollama-qwen2.5', 'transient', { claude: false })).toBeNull();
  });
});

it('R13: a model that does not take the conversation whole is no fallback', () => {
  expect(instead('claude-opus-5-5', 'transient', { fits: false })).toBeNull();
  expect(instead('ollama-qwen2.5', 'transient', { fits: false })).toBeNull();
});

it('FALLBACK_MODEL=auto means what Automatic chooses, never the id itself', () => {
  expect(instead('claude-opus-5-5', 'transient', { fallbackModel: 'auto' })).toBe('claude-sonnet-5-5');
});
