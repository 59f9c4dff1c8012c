import * as z from 'zod/mini';
import { readYaml } from './python.ts';

const ruleSchema = z.object({
  hostname: z.optional(z.string()),
  path: z.optional(z.string()),
  service: z.string(),
  originRequest: z.optional(z.object({ httpHostHeader: z.optional(z.string()) })),
});

export type Rule = z.infer<typeof ruleSchema>;

/** The ingress of litellm/cloudflared/config.yml, in its order. */
export async function readIngress(): Promise<Rule[]> {
  const file = await readYaml('litellm/cloudflared/config.yml');
  return z.parse(z.object({ ingress: z.array(ruleSchema) }), file).ingress;
}

/**
 * The rule that cloudflared applies: the first whose host name and path match. The path is decoded and has no query.
 * Source: FindMatchingRule in cloudflared's ingress/ingress.go; these expressions mean the same in Go and here.
 */
export function matchRule(rules: Rule[], hostname: string, path: string): Rule {
  const found = rules.find(
    (rule) =>
      (rule.hostname === undefined || rule.hostname === hostname) &&
      (rule.path === undefined || new RegExp(rule.path).test(path)),
  );
  if (found === undefined) throw new Error('The last rule must catch everything.');
  return found;
}
