/** One model as Anthropic's catalogue and its Messages API know it. */
export type ClaudeModel = {
  id: string;
  alias: string | null;
  name: string;
  line: 'haiku' | 'sonnet' | 'opus';
  created: string;
  deprecated: string | null;
  retires: string | null;
  /** Tokens of the prompt, and of the answer. */
  maxInput: number;
  maxOutput: number;
  /** Which `thinking.type` it takes, and whether it thinks when none is sent. */
  thinking: { types: readonly ThinkingType[]; byDefault: boolean };
  /** Whether the last message may be the assistant's. */
  prefill: boolean;
  /** A shorter prompt is not cached, tokens. */
  cacheMinimum: number;
};

export const THINKING_TYPES = ['adaptive', 'enabled', 'disabled', 'between_tools'] as const;
export type ThinkingType = (typeof THINKING_TYPES)[number];

const TODAY = {
  alias: null,
  deprecated: null,
  retires: null,
  maxInput: 1_000_000,
  maxOutput: 128_000,
  prefill: false,
  cacheMinimum: 512,
};
const OF_4_5 = {
  maxInput: 200_000,
  maxOutput: 64_000,
  prefill: true,
  thinking: { types: ['enabled', 'disabled'], byDefault: false },
} as const;

/** Newest first, as the API lists them. Dates and limits: Anthropic's model overview and deprecations pages. */
export const CLAUDE_MODELS: readonly ClaudeModel[] = [
  {
    ...TODAY,
    id: 'claude-haiku-5-5',
    name: 'Claude Haiku 5.5',
    line: 'haiku',
    created: '2026-10-07T00:00:00Z',
    thinking: { types: ['adaptive', 'disabled'], byDefault: true },
  },
  {
    ...TODAY,
    id: 'claude-sonnet-5-5',
    name: 'Claude Sonnet 5.5',
    line: 'sonnet',
    created: '2026-09-28T00:00:00Z',
    thinking: { types: ['adaptive', 'between_tools'], byDefault: true },
  },
  {
    ...TODAY,
    id: 'claude-opus-5-5',
    name: 'Claude Opus 5.5',
    line: 'opus',
    created: '2026-09-22T00:00:00Z',
    thinking: { types: ['adaptive'], byDefault: true },
  },
  {
    ...OF_4_5,
    id: 'claude-haiku-4-5-20251001',
    alias: 'claude-haiku-4-5',
    name: 'Claude Haiku 4.5',
    line: 'haiku',
    created: '2025-10-15T00:00:00Z',
    deprecated: null,
    retires: null,
    cacheMinimum: 4096,
  },
  {
    ...OF_4_5,
    id: 'claude-sonnet-4-5-20250929',
    alias: 'claude-sonnet-4-5',
    name: 'Claude Sonnet 4.5',
    line: 'sonnet',
    created: '2025-09-29T00:00:00Z',
    deprecated: '2026-09-30T00:00:00Z',
    retires: '2026-11-30T00:00:00Z',
    cacheMinimum: 1024,
  },
  {
    ...OF_4_5,
    id: 'claude-opus-4-20250514',
    alias: null,
    name: 'Claude Opus 4',
    line: 'opus',
    created: '2025-05-22T00:00:00Z',
    deprecated: '2026-04-14T00:00:00Z',
    retires: '2026-06-15T00:00:00Z',
    maxOutput: 32_000,
    cacheMinimum: 1024,
  },
];

export type Lifecycle = 'active' | 'deprecated' | 'retired';

export function lifecycleOf(model: ClaudeModel, now: Date): Lifecycle {
  if (model.retires !== null && Date.parse(model.retires) <= now.getTime()) return 'retired';
  return model.deprecated !== null && Date.parse(model.deprecated) <= now.getTime() ? 'deprecated' : 'active';
}

/** The model of that id or alias, if requests for it still work. */
export function findClaude(id: string, now: Date): ClaudeModel | null {
  const model = CLAUDE_MODELS.find((candidate) => candidate.id === id || candidate.alias === id);
  return model === undefined || lifecycleOf(model, now) === 'retired' ? null : model;
}

/** One entry of `GET /v1/models`. */
export function modelInfo(model: ClaudeModel, now: Date) {
  const supported = (is: boolean) => ({ supported: is });
  const types = Object.fromEntries(
    THINKING_TYPES.map((type) => [type, supported(model.thinking.types.includes(type))]),
  );
  const today = !model.prefill;
  const effort = Object.fromEntries(
    ['low', 'medium', 'high', 'xhigh', 'max'].map((level) => [level, supported(today)]),
  );
  return {
    type: 'model',
    id: model.id,
    display_name: model.name,
    line: model.line,
    created_at: model.created,
    lifecycle: lifecycleOf(model, now),
    deprecated_at: model.deprecated,
    retires_at: model.retires,
    max_input_tokens: model.maxInput,
    max_tokens: model.maxOutput,
    capabilities: {
      batch: supported(true),
      citations: supported(true),
      code_execution: supported(today),
      context_management: { supported: today },
      effort: { supported: today, ...effort },
      image_input: supported(true),
      pdf_input: supported(true),
      server_tools: { supported: true, web_search: supported(true), code_execution: supported(today) },
      structured_outputs: supported(today),
      thinking: { supported: true, types },
    },
  };
}

/** A page of the catalogue as the API cuts it: `limit`, `after_id`, `before_id`, `lifecycle`. */
export function modelPage(query: URLSearchParams, now: Date) {
  const asked = [...query]
    .filter(([name]) => name.startsWith('lifecycle'))
    .flatMap(([, value]) => value.split(','));
  const wanted = asked.length > 0 ? asked : ['active', 'deprecated'];
  let models = CLAUDE_MODELS.filter((model) => wanted.includes(lifecycleOf(model, now)));
  const after = models.findIndex((model) => model.id === query.get('after_id'));
  const before = models.findIndex((model) => model.id === query.get('before_id'));
  models = models.slice(after + 1, before === -1 ? undefined : before);
  const limit = Math.min(1000, Math.max(1, Number(query.get('limit') ?? 20) || 20));
  const page = models.slice(0, limit);
  return {
    data: page.map((model) => modelInfo(model, now)),
    has_more: models.length > page.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}
