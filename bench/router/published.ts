/**
 * APGR of published routers that decide without a large model, measured by others or by their own papers, for
 * comparison; nothing here is computed by this evaluation. ClawRouter and UncommonRoute: their published rules and
 * weights on the same rows. RouteLLM: Ong et al. 2024, the best row of its table. The Claude mix of seven has GSM8K,
 * HumanEval+ and MBPP+ beside the four that are measured here.
 */
export const PUBLISHED: readonly { router: string; test: string; apgr: number }[] = [
  { router: 'RouteLLM, best', test: 'routellm_mmlu', apgr: 0.603 },
  { router: 'ClawRouter', test: 'routellm_mmlu', apgr: 0.541 },
  { router: 'UncommonRoute v1', test: 'routellm_mmlu', apgr: 0.491 },
  { router: 'ClawRouter', test: 'Claude mix (7)', apgr: 0.475 },
  { router: 'UncommonRoute v1', test: 'Claude mix (7)', apgr: 0.504 },
];
