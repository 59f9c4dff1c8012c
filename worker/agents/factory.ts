import type { Config } from '../config.ts';
import type { ModelEntry } from '../models/types.ts';
import { type Agent, AgentError } from './agent.ts';
import { createClaudeAgent } from './claude.ts';
import { createLiteLlmAgent } from './litellm.ts';
import type { Fetch } from './upstream.ts';

/**
 * The routing rule: Claude models go to the Claude agent (to Anthropic itself, or in scenario 3 to the
 * proxy's Messages API), everything else to LiteLLM. Who answers when this one cannot is not decided here.
 *
 * @throws {AgentError} `auth` when the side that the model needs is not configured.
 */
export function createAgent(
  entry: Pick<ModelEntry, 'provider' | 'name'>,
  config: Pick<Config, 'anthropic' | 'litellm' | 'anthropicOffReason' | 'litellmOffReason'>,
  fetcher: Fetch,
): Agent {
  if (entry.provider === 'anthropic') {
    if (config.anthropic === null) throw notConfigured(entry.name, config.anthropicOffReason);
    const { apiKey, baseUrl, headers, timeoutMs, routingPath } = config.anthropic;
    const side = routingPath === 'litellm_proxy' ? 'claude_via_litellm' : 'anthropic';
    return createClaudeAgent({ apiKey, baseUrl, headers, timeoutMs, side, fetch: fetcher });
  }
  if (config.litellm === null) throw notConfigured(entry.name, config.litellmOffReason);
  const { masterKey, proxyUrl, headers, timeoutMs, maxRetries } = config.litellm;
  return createLiteLlmAgent({ apiKey: masterKey, proxyUrl, headers, timeoutMs, maxRetries, fetch: fetcher });
}

function notConfigured(name: string, reason: string | null): AgentError {
  return new AgentError('auth', reason ?? `${name} is not configured.`);
}
