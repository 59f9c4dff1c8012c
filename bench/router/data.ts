import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import { type Reading, readingOf } from '../../worker/auto/scorer.ts';
import { judged } from '../../worker/auto/text.ts';

const scores = z.record(z.string(), z.nullable(z.number()));
const rowSchema = z.object({
  id: z.string(),
  source: z.string(),
  prompt: z.string(),
  scores,
  meta: z.record(z.string(), z.unknown()),
});
const tierSchema = z.object({ id: z.string(), source: z.string(), prompt: z.string(), tier: z.string() });
const part = z.looseObject({ text: z.optional(z.string()) });
const stepSchema = z.object({
  id: z.string(),
  source: z.string(),
  tier: z.string(),
  messages: z.array(
    z.looseObject({
      role: z.string(),
      content: z.optional(z.nullable(z.union([z.string(), z.array(part)]))),
    }),
  ),
});

/** One question with what small and large models made of it, each 0 to 1. */
export type Question = {
  source: string;
  /** The subject, for leaving subjects out. */
  subject: string;
  prompt: string;
  reading: Reading;
  /** Means over pools of small and of large models: the training targets. */
  weak: number;
  strong: number;
  /** The one pair that a benchmark is judged on; null where one of the two is missing. */
  pair: { weak: number; strong: number } | null;
  /** Claude 3 Sonnet's result, where it is there. */
  middle: number | null;
  /** What large models gain over small ones, the two of the pair left out; null where there are no others. */
  others: number | null;
  /** 0 to 4, by the question's text: the same question is always in the same fold. */
  fold: number;
};
export type Levelled = { prompt: string; reading: Reading; level: number; tier: string; fold: number };
export type Step = z.infer<typeof stepSchema>;

const SMALL =
  /haiku|3\.5-turbo|Llama-3-8B|gemma-2-9b|reka-flash|Mixtral-8x7B|Yi-1.5-34B|Qwen2-7B|mixtral|Llama-3_1-8B|Phi-3-mini|Yi-1.5-9B|command-r$|Qwen1.5-72B/;
const LARGE =
  /opus|gpt-4-|Mistral-Large|yi-large|deepseek-v2|3-5-sonnet|gpt-4o-2024-05|405B|gemini-1.5-pro$|Qwen2.5-72B|gemini-1.5-pro-002|gpt-4o$|Llama-3_1-70B/;

const FILES: Record<string, readonly [weak: string, strong: string]> = {
  zeroeval: ['claude-3-haiku-20240307', 'claude-3-opus-20240229'],
  routellm_mmlu: ['mixtral-8x7b', 'gpt-4-1106'],
  mmlupro: ['Mixtral-8x7B-Instruct-v0.1', 'gpt-4o'],
};
const MIDDLE = 'claude-3-sonnet-20240229';
const TIER_LEVEL: Record<string, number> = { SIMPLE: 0.05, MEDIUM: 0.4, COMPLEX: 0.85, REASONING: 0.9 };

/** The folder of the raw data, which is not part of the repository; null where there is none. */
export function dataFolder(env: NodeJS.ProcessEnv, root: string): string | null {
  const folder = resolve(root, env.ROUTER_DATA ?? '../shared/router-data');
  return existsSync(join(folder, 'zeroeval.jsonl.gz')) ? folder : null;
}

function lines(folder: string, name: string): unknown[] {
  const text = gunzipSync(readFileSync(join(folder, `${name}.jsonl.gz`))).toString();
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line)]));
}

/** Folds go by the question alone, without instructions that all questions of a template share. */
export function foldOf(prompt: string): number {
  const bare = judged(prompt)
    .replace(/^You are given a Python function[^\n]*/i, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .slice(0, 600);
  let hash = 0x811c9dc5;
  for (let i = 0; i < bare.length; i += 1) hash = Math.imul(hash ^ bare.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % 5;
}

function mean(row: z.infer<typeof scores>, pool: RegExp, without?: string): number | null {
  const values = Object.entries(row).flatMap(([model, value]) =>
    value !== null && model !== without && pool.test(model) ? [value] : [],
  );
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function loadQuestions(folder: string): Question[] {
  return Object.entries(FILES).flatMap(([file, [small, large]]) =>
    lines(folder, file).flatMap((line): Question[] => {
      const row = z.parse(rowSchema, line);
      const weak = mean(row.scores, SMALL);
      const strong = mean(row.scores, LARGE);
      if (weak === null || strong === null) return [];
      const one = row.scores[small] ?? null;
      const two = row.scores[large] ?? null;
      const otherWeak = mean(row.scores, SMALL, small);
      const otherStrong = mean(row.scores, LARGE, large);
      const subject = String(row.meta.domain ?? row.meta.category ?? row.source);
      return [
        {
          source: row.source,
          subject,
          prompt: row.prompt,
          reading: readingOf(row.prompt),
          weak,
          strong,
          pair: one === null || two === null ? null : { weak: one, strong: two },
          middle: row.scores[MIDDLE] ?? null,
          others: otherWeak === null || otherStrong === null ? null : otherStrong - otherWeak,
          fold: foldOf(row.prompt),
        },
      ];
    }),
  );
}

export function loadLevels(folder: string): Levelled[] {
  return lines(folder, 'tier_uncommon_handcrafted').map((line) => {
    const { prompt, tier } = z.parse(tierSchema, line);
    return { prompt, tier, level: TIER_LEVEL[tier] ?? 0.4, reading: readingOf(prompt), fold: foldOf(prompt) };
  });
}

export function loadSteps(folder: string): Step[] {
  return lines(folder, 'tier_twinrouter_calibration').map((line) => z.parse(stepSchema, line));
}
