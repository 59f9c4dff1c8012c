import type { Asked } from './model-writing.ts';
import { callText } from './qwen-template.ts';

/** The Worker's own question to a model of which it does not know whether it can use tools. */
export const PROBED = 'report_number';

export const isProbe = ({ tools }: Pick<Asked, 'tools'>): boolean =>
  tools.some((tool) => tool.function.name === PROBED);

/** What a model writes that can. */
export const PASSED = callText({ name: PROBED, arguments: { number: 7 } });
