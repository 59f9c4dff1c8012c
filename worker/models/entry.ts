import type { Config } from '../config.ts';
import { type BuiltIn, CLAUDE_OUTPUT_TOKENS, HOME_OUTPUT_TOKENS } from './built-in.ts';
import type { ModelEntry } from './types.ts';

/** A whole entry out of what is known of it; the way to its upstream follows from the provider alone. */
export function completeEntry(known: BuiltIn, config: Config): ModelEntry {
  const isClaude = known.provider === 'anthropic';
  const offReason = isClaude ? config.anthropicOffReason : config.litellmOffReason;
  const thinking = known.thinking ?? 'none';
  return {
    max_output_tokens: isClaude ? CLAUDE_OUTPUT_TOKENS : HOME_OUTPUT_TOKENS,
    is_automatic: false,
    tier: null,
    upstream_model: known.id,
    capabilities: { thinking: thinking === 'adaptive', tools: true, images: isClaude },
    deprecated: false,
    retires_at: null,
    replaced_by: null,
    rates: null,
    ...known,
    thinking,
    // Claude goes direct unless scenario 3 says otherwise; nothing in MODELS can change the way.
    routing_path: isClaude ? (config.anthropic?.routingPath ?? 'sdk_direct') : 'litellm_proxy',
    enabled: offReason === null && known.enabled !== false,
    disabled_reason:
      offReason ?? (known.enabled === false ? 'Switched off by MODELS in the configuration.' : null),
  };
}
