import * as z from 'zod/mini';
import type { Config } from '../config.ts';
import type { BuiltIn } from './built-in.ts';
import { completeEntry } from './entry.ts';
import type { ModelEntry, Rates } from './types.ts';

/** A text that everybody sees must not carry a key or an address out of the configuration. */
const shown = (max: number) =>
  z.string('must be a text').check(
    z.trim(),
    z.minLength(1, 'must not be empty'),
    z.maxLength(max, `must have at most ${max} characters`),
    z.refine((text) => !/sk-[\w-]{8,}|:\/\//.test(text), 'must not hold a key or an address'),
  );

const id = z.string('must be a text').check(
  z.regex(/^[a-z0-9][a-z0-9._:-]{0,63}$/i, 'must be 1 to 64 letters, digits, dots, colons or dashes'),
  z.refine((text) => !/^sk-/.test(text), 'must not be a key'),
);
const upstream = z
  .string('must be a text')
  .check(z.regex(/^[a-z0-9][a-z0-9._:/-]{0,127}$/i, 'must be the name that the upstream knows'));
const tokens = z
  .int('must be a whole number of tokens')
  .check(z.gte(1, 'must be at least 1'), z.lte(10_000_000, 'must be at most 10000000'));
const dollars = z
  .number('must be a number of dollars')
  .check(z.gte(0, 'must not be negative'), z.lte(10_000, 'must be at most 10000'));
const bool = z.boolean('must be true or false');

const fields = z.object({
  id,
  provider: z.optional(z.enum(['anthropic', 'ollama'], 'must be "anthropic" or "ollama"')),
  name: z.optional(shown(80)),
  description: z.optional(shown(400)),
  enabled: z.optional(bool),
  context_length: z.optional(tokens),
  max_output_tokens: z.optional(tokens),
  upstream_model: z.optional(upstream),
  litellm_model: z.optional(upstream),
  thinking: z.optional(z.enum(['adaptive', 'none'], 'must be "adaptive" or "none"')),
  capabilities: z.optional(
    z.object(
      { thinking: z.optional(bool), tools: z.optional(bool), images: z.optional(bool) },
      'must be an object',
    ),
  ),
  deprecated: z.optional(bool),
  retires_at: z.optional(
    z.nullable(
      z
        .string('must be a date')
        .check(
          z.refine(
            (text) => /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text)),
            'must be a date such as 2026-11-30',
          ),
        ),
    ),
  ),
  replaced_by: z.optional(z.nullable(id)),
  pricing: z.optional(
    z.object(
      {
        input_per_mtok: dollars,
        output_per_mtok: dollars,
        cache_read_per_mtok: z.optional(dollars),
        cache_write_per_mtok: z.optional(dollars),
      },
      'must be an object',
    ),
  ),
});
type Override = z.infer<typeof fields>;

/** Fields that would make no sense on Automatic, which is a way to choose and no model of its own. */
const NOT_FOR_AUTO = [
  'upstream_model',
  'litellm_model',
  'thinking',
  'pricing',
  'deprecated',
  'retires_at',
  'replaced_by',
] as const;

/** Anthropic's usual factors where only the two main prices are given: a cache write 1.25, a read 0.1 of the input. */
function ratesOf(pricing: NonNullable<Override['pricing']>): Rates {
  return {
    input: pricing.input_per_mtok,
    output: pricing.output_per_mtok,
    cache_read: pricing.cache_read_per_mtok ?? pricing.input_per_mtok * 0.1,
    cache_write: pricing.cache_write_per_mtok ?? pricing.input_per_mtok * 1.25,
  };
}

/** What an override says, in the registry's own terms; only the fields that it has. */
function changesOf(override: Override): Partial<ModelEntry> {
  const {
    provider: _provider,
    litellm_model,
    capabilities: _capabilities,
    pricing,
    retires_at,
    ...same
  } = override;
  const upstreamModel = override.upstream_model ?? litellm_model;
  return {
    ...same,
    ...(upstreamModel === undefined ? {} : { upstream_model: upstreamModel }),
    ...(pricing === undefined ? {} : { rates: ratesOf(pricing) }),
    ...(retires_at === undefined
      ? {}
      : { retires_at: retires_at === null ? null : new Date(retires_at).toISOString() }),
  };
}

type Fault = { field: string; message: string };

function faultOf(override: Override, known: ModelEntry | undefined): Fault | null {
  const provider = override.provider ?? known?.provider;
  if (provider === undefined) {
    return { field: 'provider', message: 'is missing: a new model needs "anthropic" or "ollama"' };
  }
  if (known !== undefined && provider !== known.provider) {
    return { field: 'provider', message: `cannot be changed: this model is of ${known.provider}` };
  }
  if (known?.is_automatic) {
    const field = NOT_FOR_AUTO.find((name) => override[name] !== undefined);
    if (field !== undefined) return { field, message: 'cannot be set for auto' };
  }
  if (known === undefined && override.upstream_model === undefined) {
    if (provider === 'anthropic')
      return { field: 'upstream_model', message: "is missing: a new model needs Anthropic's id" };
    if (override.litellm_model === undefined) {
      return { field: 'litellm_model', message: 'is missing: a new model needs its model_name at LiteLLM' };
    }
  }
  if (provider === 'anthropic' && override.litellm_model !== undefined) {
    return {
      field: 'litellm_model',
      message: 'is for models of provider ollama: Claude models have upstream_model',
    };
  }
  if (provider === 'ollama' && override.thinking === 'adaptive') {
    return { field: 'thinking', message: 'must be "none" for a model of provider ollama' };
  }
  return null;
}

function merge(override: Override, known: ModelEntry | undefined, config: Config): ModelEntry {
  const changes = changesOf(override);
  const provider = known?.provider ?? override.provider ?? 'ollama';
  const base: BuiltIn = known ?? {
    id: override.id,
    name: override.name ?? override.id,
    provider,
    description:
      provider === 'anthropic'
        ? 'A Claude model added by the operator.'
        : 'A model at home added by the operator.',
    context_length: provider === 'anthropic' ? 200_000 : 8_192,
  };
  const merged = completeEntry({ ...base, enabled: true, ...changes }, config);
  // A change of `thinking` carries its capability along, unless that is set as well.
  const thinking =
    override.thinking === undefined ? merged.capabilities.thinking : override.thinking === 'adaptive';
  merged.capabilities = { ...merged.capabilities, thinking, ...override.capabilities };
  if (override.max_output_tokens === undefined) {
    // An answer that fills the whole context leaves no room for a question.
    merged.max_output_tokens = Math.min(merged.max_output_tokens, Math.ceil(merged.context_length / 4));
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `MODELS[2] ("claude-x")`: an id that is not well-formed is not repeated. */
function placeOf(index: number, item: unknown): string {
  const parsed = isRecord(item) ? z.safeParse(id, item.id) : null;
  return parsed?.success ? `MODELS[${index}] ("${parsed.data}")` : `MODELS[${index}]`;
}

function readItem(item: unknown, entries: ReadonlyMap<string, ModelEntry>): Override | Fault {
  if (!isRecord(item)) return { field: 'entry', message: 'must be an object with an id' };
  const parsed = z.safeParse(fields, item);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join('.') || 'entry';
    return {
      field,
      message: field === 'id' && item.id === undefined ? 'is missing' : (issue?.message ?? 'is wrong'),
    };
  }
  return faultOf(parsed.data, entries.get(parsed.data.id)) ?? parsed.data;
}

/**
 * Applies `MODELS`, a JSON array, to `entries` in place, one item after the other. A known id is overridden field by
 * field; `{"id": "...", "enabled": false}` takes a model away; a new id is added, which needs `provider` and
 * `upstream_model` (anthropic: Anthropic's id) or `litellm_model` (ollama: the model_name at LiteLLM; `upstream_model`
 * means the same). Defaults of a new one: name = id, context_length 200000 (anthropic) or 8192 (ollama),
 * max_output_tokens 16000 or 2048 and never more than a quarter of the context, thinking "none" (every model accepts
 * that), capabilities tools true, images as the provider's. A faulty item is left out whole. How a model is reached
 * is never part of it.
 * @returns warnings, each naming index, id and field, never a value
 */
export function readOverrides(config: Config, entries: Map<string, ModelEntry>): string[] {
  if (config.modelOverrides === null) return [];
  let items: unknown;
  try {
    items = JSON.parse(config.modelOverrides);
  } catch {
    return ['MODELS is not JSON: it must be an array of objects, each with an id. It is left out.'];
  }
  if (!Array.isArray(items))
    return ['MODELS is not a JSON array of objects, each with an id. It is left out.'];

  const warnings: string[] = [];
  const seen = new Set<string>();
  items.forEach((item: unknown, index) => {
    const place = placeOf(index, item);
    const read = readItem(item, entries);
    if ('field' in read) {
      warnings.push(`${place}: the field "${read.field}" ${read.message}. The entry is left out.`);
      return;
    }
    if (seen.has(read.id)) {
      warnings.push(`${place}: the field "id" is there a second time. The entry is left out.`);
      return;
    }
    const merged = merge(read, entries.get(read.id), config);
    if (merged.max_output_tokens >= merged.context_length) {
      warnings.push(
        `${place}: the field "max_output_tokens" must be less than context_length. The entry is left out.`,
      );
      return;
    }
    seen.add(read.id);
    entries.set(read.id, merged);
    const unknown = isRecord(item) ? Object.keys(item).filter((key) => !(key in fields.shape)) : [];
    if (unknown.length > 0) {
      warnings.push(
        `${place}: ${unknown.length === 1 ? 'a field is' : 'some fields are'} not known and ignored.`,
      );
    }
  });
  for (const [entryId, entry] of entries) {
    if (entry.replaced_by !== null && !entries.has(entry.replaced_by)) {
      warnings.push(
        `MODELS ("${entryId}"): the field "replaced_by" names a model that is not known. It is ignored.`,
      );
      entries.set(entryId, { ...entry, replaced_by: null });
    }
  }
  return warnings;
}
