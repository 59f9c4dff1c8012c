import { TIER_MODELS } from './tiers.ts';
import type { ModelEntry } from './types.ts';

/** What is not the same for all; the registry adds what depends on the configuration. */
export type BuiltIn = Pick<ModelEntry, 'id' | 'name' | 'provider' | 'description' | 'context_length'> &
  Partial<ModelEntry>;

/** The id of the home model here, whatever LiteLLM calls it. */
export const HOME_MODEL_ID = 'ollama-qwen2.5';

/** Output of one answer, thinking included: long enough for a report, short enough to bound its cost. */
export const CLAUDE_OUTPUT_TOKENS = 16_000;
/** A quarter of the home model's context: the rest is for the question and the history. */
export const HOME_OUTPUT_TOKENS = 2_048;

const newest = { context_length: 1_000_000, thinking: 'adaptive' } as const;
const older = { context_length: 200_000, thinking: 'none' } as const;

/**
 * The models that the chat knows without any setting, in the order in which a person sees them.
 * Ids, contexts, thinking and dates are Anthropic's (models overview and deprecations, October and
 * November 2026). Older models get no thinking parameter: they refuse `adaptive`.
 */
export const BUILT_IN: readonly BuiltIn[] = [
  {
    id: 'auto',
    name: 'Claude (Automatic)',
    provider: 'anthropic',
    description:
      'Picks the Claude model that fits each message: fast and cheap for simple questions, stronger for hard ones. The best choice for most people.',
    is_automatic: true,
    upstream_model: null,
    ...newest,
  },
  {
    id: TIER_MODELS.haiku,
    name: 'Claude Haiku 5.5',
    provider: 'anthropic',
    description: 'The fastest and cheapest Claude. For look-ups, short questions and quick rewrites.',
    tier: 'haiku',
    ...newest,
  },
  {
    id: TIER_MODELS.sonnet,
    name: 'Claude Sonnet 5.5',
    provider: 'anthropic',
    description: 'Balanced. For everyday work: explanations, configuration, scripts and analysis.',
    tier: 'sonnet',
    ...newest,
  },
  {
    id: TIER_MODELS.opus,
    name: 'Claude Opus 5.5',
    provider: 'anthropic',
    description: 'The strongest Claude here. For designs, hard faults and long chains of reasoning.',
    tier: 'opus',
    ...newest,
  },
  {
    id: 'claude-haiku-4-5',
    name: 'Claude Haiku 4.5',
    provider: 'anthropic',
    description: 'The Haiku before. Only where an answer must stay comparable with earlier ones.',
    upstream_model: 'claude-haiku-4-5-20251001',
    replaced_by: TIER_MODELS.haiku,
    ...older,
  },
  {
    id: 'claude-sonnet-4-5',
    name: 'Claude Sonnet 4.5',
    provider: 'anthropic',
    description: 'An earlier Sonnet, shortly before its end. Sonnet 5.5 takes its place.',
    upstream_model: 'claude-sonnet-4-5-20250929',
    deprecated: true,
    retires_at: '2026-11-30T00:00:00Z',
    replaced_by: TIER_MODELS.sonnet,
    ...older,
  },
  {
    id: 'claude-opus-4',
    name: 'Claude Opus 4',
    provider: 'anthropic',
    description: 'An earlier Opus. Opus 5.5 has taken its place.',
    upstream_model: 'claude-opus-4-20250514',
    deprecated: true,
    retires_at: '2026-06-15T00:00:00Z',
    replaced_by: TIER_MODELS.opus,
    ...older,
  },
  {
    id: HOME_MODEL_ID,
    name: 'Qwen 2.5 14B (at home)',
    provider: 'ollama',
    description:
      'Runs on your own machine through Ollama: private and free of charge, but slower, and with a short memory of the conversation.',
    context_length: 8_192,
    max_output_tokens: HOME_OUTPUT_TOKENS,
    capabilities: { thinking: false, tools: true, images: false },
  },
];
