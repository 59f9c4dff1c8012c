import type { Usage } from '../../shared/index.ts';
import { readConfig } from '../config.ts';
import { buildRegistry } from '../models/registry.ts';
import type { AnsweredOnce } from './report.ts';

export const registry = buildRegistry(readConfig({ LOCAL: 'true', ANTHROPIC_API_KEY: 'sk-ant-test' }));

/** Tokens of a call; everything that is not named is 0. */
export function tokens(counts: Partial<Usage> = {}): Usage {
  return {
    input_tokens: 0,
    output_tokens: 0,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    thinking_tokens: null,
    ...counts,
  };
}

export function anAnswer(part: Partial<AnsweredOnce> = {}): AnsweredOnce {
  return {
    at: Date.parse('2026-11-22T12:34:56Z'),
    model: 'claude-haiku-5-5',
    automatic: false,
    fallback: false,
    error: false,
    costUsd: 0.25,
    alwaysUsd: null,
    usage: tokens({ input_tokens: 10, output_tokens: 5 }),
    ttftMs: 400,
    ...part,
  };
}
