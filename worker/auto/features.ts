import { count } from './shape.ts';

/** Counts stop here, so that no text can blow one of them up. */
const CAP = 12;

/** What the rules and the reasons see of a turn. Counts are capped, so that no text can blow one feature up. */
export type Features = {
  words: number;
  isLookup: boolean;
  isTransform: boolean;
  codeBlocks: number;
  codeWords: number;
  mathSigns: number;
  reasoningWords: number;
  designWords: number;
  constraints: number;
};

const LOOKUP =
  /\b(what(?:'s| is| are)|who (?:is|was)|when (?:is|was|did)|where (?:is|are)|which port|how many|define|meaning of|list|show|was ist|wer ist|qu'est-ce|qué es|cos'è)\b/iu;
const TRANSFORM =
  /(?<!\p{L})(?:translate|rephrase|reword|shorten|fix (?:the )?(?:spelling|grammar)|proofread|convert|übersetz\p{L}*|tradui\w*|traduc\w*|traduz\w*|vertaal|przetłumacz|переведи)(?!\p{L})|翻译|翻訳|번역/iu;
const CODE_WORDS =
  /\b(function|class|async|await|import|return|def|SELECT|JOIN|regex|script|API|docker|terraform|ansible|python|typescript|javascript|golang|rust|bash|yaml|jinja2?|netconf|kubernetes)\b/g;
const MATH =
  /[∑∫√≤≥≠∞∂∇∈∀∃]|\\(?:frac|sum|int|sqrt)|\b(?:integral|derivative|theorem|lemma|eigenvalue|probability)\b/giu;
const REASONING =
  /\b(why|prove|proof|derive|explain|compare|trade-?offs?|analy[sz]e|evaluate|debug|diagnose|root cause|troubleshoot|optimi[sz]e|warum|erkläre|vergleiche|pourquoi|compara|por qué)\b/giu;
const DESIGN =
  /\b(design|architect(?:ure)?|plan|migrat(?:e|ion)|strategy|refactor|implement|build|write (?:a|an|the)|entwirf|conçois|diseña)\b/giu;
const CONSTRAINT =
  /\b(must|exactly|at least|at most|without|unless|ensure|only if|no more than|darf nicht|muss)\b|^\s*(?:\d+[.)]|[-*])\s/gimu;

/** Reads the request itself, clipped by the caller: every pattern is linear in the text. */
export function featuresOf(text: string): Features {
  const trimmed = text.trim();
  return {
    words: trimmed === '' ? 0 : trimmed.split(/\s+/).length,
    isLookup: LOOKUP.test(text),
    isTransform: TRANSFORM.test(text),
    codeBlocks: count(text, /^```/gm, CAP),
    codeWords: count(text, CODE_WORDS, CAP),
    mathSigns: count(text, MATH, CAP),
    reasoningWords: count(text, REASONING, CAP),
    designWords: count(text, DESIGN, CAP),
    constraints: count(text, CONSTRAINT, CAP),
  };
}
