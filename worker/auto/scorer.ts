import type { Features } from './features.ts';

/**
 * The need for a stronger model, 0 to 1. A hand-set logistic sum: deterministic and readable, to be
 * replaced by trained heads behind the same signature. The intercept puts an ordinary request of a few
 * sentences in the middle of Sonnet's band.
 */
export function scoreOf(f: Features): number {
  if (f.isGreeting) return 0.02;
  const simple =
    (f.isLookup ? 0.9 : 0) +
    (f.isTransform ? 0.9 : 0) +
    (f.wantsBrevity ? 1.2 : 0) +
    (f.words <= 14 ? 0.8 : 0);
  const hard =
    Math.min(1.2, Math.log2(1 + f.words) * 0.16) +
    (f.wantsRigour ? 1.6 : 0) +
    (f.hasTraceback ? 0.9 : 0) +
    (f.codeBlocks > 0 ? 0.5 : 0) +
    Math.min(0.6, f.codeWords * 0.2) +
    Math.min(1.2, f.mathSigns * 0.4) +
    Math.min(1.2, f.reasoningWords * 0.4) +
    Math.min(1.0, f.designWords * 0.45) +
    Math.min(1.4, Math.max(0, f.constraints - 1) * 0.3) +
    (f.questions > 2 ? 0.3 : 0) +
    (f.isChoice ? 0.3 : 0);
  return 1 / (1 + Math.exp(-(hard - simple - 0.75) * 1.3));
}
