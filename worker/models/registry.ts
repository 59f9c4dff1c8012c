import type { Config } from '../config.ts';
import { BUILT_IN, HOME_MODEL_ID } from './built-in.ts';
import { completeEntry } from './entry.ts';
import { readOverrides } from './overrides.ts';
import type { ModelEntry } from './types.ts';

export type Registry = {
  /** By id, Automatic first, then in the order in which a person sees them. The server's allow-list. */
  entries: ReadonlyMap<string, ModelEntry>;
  /** Faults of `MODELS`, `DEFAULT_MODEL` and `FALLBACK_MODEL`, each naming its place. */
  warnings: string[];
  /** `config.fatal`, or why nothing is left although the services are configured (CONTRACT H7). */
  fatal: string[];
};

function builtInEntries(config: Config): Map<string, ModelEntry> {
  const entries = new Map<string, ModelEntry>();
  for (const known of BUILT_IN) {
    const upstream =
      known.id === HOME_MODEL_ID ? { upstream_model: config.litellm?.model ?? HOME_MODEL_ID } : {};
    entries.set(known.id, completeEntry({ ...known, ...upstream }, config));
  }
  return entries;
}

/**
 * Everything that may be chosen or named: the built-in models, then what `MODELS` changes or adds.
 * Only ids of this registry ever reach an upstream.
 */
export function buildRegistry(config: Config): Registry {
  const entries = builtInEntries(config);
  const warnings = readOverrides(config, entries);
  const { outputTokens } = config.limits;
  if (outputTokens !== null) {
    for (const [id, entry] of entries) {
      const max_output_tokens = Math.min(entry.max_output_tokens, outputTokens);
      entries.set(id, { ...entry, max_output_tokens });
    }
  }
  const ids = [...entries.keys()].join(', ');
  if (config.defaultModel !== null && !entries.has(config.defaultModel)) {
    warnings.push(`DEFAULT_MODEL names a model that is not known: use one of ${ids}.`);
  }
  const fallback = entries.get(config.fallbackModel);
  if (fallback === undefined || fallback.is_automatic) {
    warnings.push(
      `FALLBACK_MODEL does not name a model that can answer by itself: use one of ${ids}, but not auto.`,
    );
  }
  const fatal = [...config.fatal];
  if (fatal.length === 0 && ![...entries.values()].some((entry) => entry.enabled)) {
    fatal.push(
      'MODELS switches off every model that is configured: take the {"enabled": false} off at least one of them.',
      ...(config.anthropicOffReason === null ? [] : [config.anthropicOffReason]),
      ...(config.litellmOffReason === null ? [] : [config.litellmOffReason]),
    );
  }
  return { entries, warnings, fatal };
}
