/** Only this much of a long turn is read: a decision must cost the same for 400 characters and 400,000. */
const HEAD_CHARS = 3_000;
const TAIL_CHARS = 1_000;

/** What the scorer sees of a turn. Counts are capped, so that no text can blow one feature up. */
export type Features = {
  words: number;
  questions: number;
  isGreeting: boolean;
  isLookup: boolean;
  isTransform: boolean;
  isChoice: boolean;
  wantsBrevity: boolean;
  wantsRigour: boolean;
  codeBlocks: number;
  codeWords: number;
  hasTraceback: boolean;
  mathSigns: number;
  reasoningWords: number;
  designWords: number;
  constraints: number;
};

const GREETING =
  /^(hi|hello|hey|yo|thanks?( you)?|thx|good (morning|evening|day)|ok(ay)?|hallo|danke|merci|bonjour|salut|hola|gracias|ciao|grazie|привет|спасибо|你好|谢谢|こんにちは|ありがとう)\b[\s!.,\p{Emoji_Presentation}]*(there|all|everyone|so much)?[\s!.]*$/iu;
const LOOKUP =
  /\b(what(?:'s| is| are)|who (?:is|was)|when (?:is|was|did)|where (?:is|are)|which port|how many|define|meaning of|list|show|was ist|wer ist|qu'est-ce|qué es|cos'è)\b/iu;
const TRANSFORM =
  /\b(translate|rephrase|reword|summari[sz]e|shorten|fix (?:the )?(?:spelling|grammar)|proofread|convert|format|übersetz\w*|tradui\w*|traduce|resume)\b/iu;
const CHOICE = /^\s*\(?[A-D][).:]\s/m;
const BREVITY =
  /\b(quick(?:ly)?|short answer|briefly|in one (?:word|sentence)|just (?:tell|give|say)|yes or no|kurz|bref)\b/iu;
const RIGOUR =
  /\b(think (?:very )?(?:hard|harder|deeply|carefully)|ultrathink|be rigorous|step by step|use the best model|denk (?:gut|genau) nach|réfléchis bien|piensa bien)\b|仔细思考|好好想/iu;
const CODE_WORDS =
  /\b(function|class|async|await|import|return|def|SELECT|JOIN|regex|script|API|docker|terraform|ansible|python|typescript|javascript|golang|rust|bash|yaml|jinja2?|netconf|kubernetes)\b/g;
const TRACEBACK =
  /Traceback \(most recent|\bat .+\(.+:\d+:\d+\)|\bpanic: |Exception in thread|^diff --git |^@@ -\d+/m;
const MATH =
  /[∑∫√≤≥≠∞∂∇∈∀∃]|\\(?:frac|sum|int|sqrt)|\b(?:integral|derivative|theorem|lemma|eigenvalue|probability)\b/giu;
const REASONING =
  /\b(why|prove|proof|derive|explain|compare|trade-?offs?|analy[sz]e|evaluate|debug|diagnose|root cause|troubleshoot|optimi[sz]e|warum|erkläre|vergleiche|pourquoi|compara|por qué)\b/giu;
const DESIGN =
  /\b(design|architect(?:ure)?|plan|migrat(?:e|ion)|strategy|refactor|implement|build|write (?:a|an|the)|entwirf|conçois|diseña)\b/giu;
const CONSTRAINT =
  /\b(must|exactly|at least|at most|without|unless|ensure|only if|no more than|darf nicht|muss)\b|^\s*(?:\d+[.)]|[-*])\s/gimu;

function count(text: string, pattern: RegExp, cap = 12): number {
  let n = 0;
  for (const _ of text.matchAll(pattern)) {
    n += 1;
    if (n === cap) break;
  }
  return n;
}

/** Reads one user turn. Every pattern is linear in the clipped text. */
export function featuresOf(turn: string): Features {
  const text =
    turn.length <= HEAD_CHARS + TAIL_CHARS
      ? turn
      : `${turn.slice(0, HEAD_CHARS)}\n${turn.slice(-TAIL_CHARS)}`;
  const trimmed = text.trim();
  return {
    words: trimmed === '' ? 0 : trimmed.split(/\s+/).length,
    questions: count(text, /[?？]/g),
    isGreeting: trimmed.length <= 40 && GREETING.test(trimmed),
    isLookup: LOOKUP.test(text),
    isTransform: TRANSFORM.test(text),
    isChoice: CHOICE.test(text),
    wantsBrevity: BREVITY.test(text),
    wantsRigour: RIGOUR.test(text),
    codeBlocks: count(text, /^```/gm),
    codeWords: count(text, CODE_WORDS),
    hasTraceback: TRACEBACK.test(text),
    mathSigns: count(text, MATH),
    reasoningWords: count(text, REASONING),
    designWords: count(text, DESIGN),
    constraints: count(text, CONSTRAINT),
  };
}
