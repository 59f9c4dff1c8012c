import { type Features, featuresOf } from './features.ts';
import { BREVITY, CASE, DEFINITION, DISSATISFIED, RIGOUR, SMALL_TALK, VERDICT } from './phrases.ts';
import { endsOf } from './text.ts';

export type TurnLike = { role: 'user' | 'assistant'; text: string };

const FOLLOW_UP_WORDS = 8;
const FOLLOW_UP_CHARS = 60;
/** Share of words in common from which a question counts as asked again. */
const SAME_QUESTION = 0.6;

const BACKWARD =
  /^(?:and|but|so|also|now|then|ok(?:ay)?|yes|no|why|how so|really|what about|how about|what if|which one|same|continue|go on|more|again|shorter|longer|in (?:\w+)\?|und|aber|warum|wieso|weiter|jetzt|et|mais|pourquoi|continue[rz]?|y|pero|por qu[eé]|ahora|e|ma|perch[eé]|mas|por qu[eê]|en|maar|waarom|i|ale|dlaczego|а|и|но|почему|ve|ama|neden)(?![\p{L}])|^(?:那|为什么|继续|もっと|なぜ|じゃあ|그럼|왜|계속|ولماذا|لماذا|और|क्यों)|\b(?:it|that|this|those|these|them|they|the (?:first|second|third|last|other|previous|above)(?: one)?)\b|\b(?:das|dies|ça|cela|eso|esto|quello|isso|это)\b/iu;
/** A question that stands by itself, however short. */
const STANDALONE =
  /^(?:what(?:'s| is| are| does)|who|when|where|which port|define|list|show|was (?:ist|sind|bedeutet)|wer|wo|qu'est-ce|qui|qué es|quién|cos'è|chi è|o que é|wat is|co to|что такое|nedir|什么是|とは) ?(?!it\b|that\b|this\b|those\b|these\b|they\b)/iu;
/** Words over a text that is given: the answer is in it, however long it is. */
const GROUNDED =
  /\b(?:based (?:only|solely) on|using only) (?:the|this)\b.{0,40}\b(?:transcript|text|passage|context|documents?|article|notes)\b|^(?:summari[sz]e|tl;?dr|fasse .{0,40}zusammen|résume[rz]?|resume|riassumi|samenvatten|podsumuj)\b|^(?:总结|概括|要約して|요약해)/imu;
const REGULATED =
  /\b(?:lawsuit|liabilit(?:y|ies)|tax (?:return|law|liability)|dosage|dose of|mg\/kg|contraindicat\w+|prescri(?:be|ption)|statute of limitations)\b/i;
const HARD_BUG =
  /Traceback \(most recent|\bat .{1,200}\(.{1,200}:\d+:\d+\)|\bpanic: |Exception in thread|^diff --git |^@@ -\d+|\b(?:deadlock|race condition|memory leak|segfault|split[- ]brain|asymmetric routing|root cause)\b|\b(?:since|after) (?:the|an?|last|yesterday|\d).{0,120}\b(?:cannot|can't|drops?|fails?|lose|loses|lost|flaps?|stuck|die)\b/im;

/** Asks for something that is kept somewhere to be shown. */
const SHOWN =
  /^(?:please )?(?:list|show|find|get|give me|zeige?|liste|montre|affiche|muestra|lista|mostra|elenca|toon|pokaż|göster|покажи)(?![\p{L}])|^(?:列出|显示|一覧)/iu;
/** The wish comes first, and whatever follows is the text. */
const REWRITE =
  /^(?:translate|rephrase|reword|rewrite|proofread|fix (?:the )?(?:spelling|grammar)|übersetze|traduis|traduce|traduz)(?!\p{L})/iu;
const DEFINITION_WORDS = 12;
const LOOKUP_WORDS = 14;
const REWRITE_WORDS = 60;

export type Signals = {
  features: Features;
  empty: boolean;
  smallTalk: boolean;
  brevity: boolean;
  rigour: boolean;
  dissatisfied: boolean;
  askedAgain: boolean;
  followUp: boolean;
  grounded: boolean;
  regulated: boolean;
  lookup: boolean;
  definition: boolean;
  rewriting: boolean;
  hardBug: boolean;
};

function wordsOf(text: string): Set<string> {
  return new Set(
    text
      .slice(0, 2_000)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [],
  );
}

/** Words in common over all words of both. Texts of under four words say too little: 0. */
function likeness(a: string, b: string): number {
  const one = wordsOf(a);
  const two = wordsOf(b);
  if (one.size < 4 || two.size < 4) return 0;
  const common = [...one].filter((word) => two.has(word)).length;
  return common / (one.size + two.size - common);
}

/** A few words that mean nothing without the turn before them. */
export function isFollowUp(text: string): boolean {
  const bare = text.trim();
  if (bare.length > FOLLOW_UP_CHARS || bare.split(/\s+/).length > FOLLOW_UP_WORDS) return false;
  if (SMALL_TALK.test(bare)) return false;
  return BACKWARD.test(bare) || (!STANDALONE.test(bare) && bare.split(/\s+/).length <= 3);
}

/**
 * What the last user turn says beside its content. `read` is its judged text; `before`: the user turns before it;
 * `answered`: one was.
 */
export function signalsOf(turn: string, read: string, before: readonly string[], answered: boolean): Signals {
  const bare = endsOf(turn.trim());
  const last = before.at(-1) ?? null;
  const later = answered || last !== null;
  const task = endsOf(read);
  const features = featuresOf(task);
  const smallTalk = bare.length <= 40 && SMALL_TALK.test(bare);
  return {
    features,
    empty: bare === '',
    smallTalk,
    brevity: BREVITY.test(bare),
    rigour: RIGOUR.test(bare),
    dissatisfied: later && bare.length <= 400 && (DISSATISFIED.test(bare) || VERDICT.test(bare)),
    askedAgain: last !== null && likeness(last, bare) >= SAME_QUESTION,
    followUp: later && isFollowUp(bare),
    grounded: GROUNDED.test(task),
    lookup: SHOWN.test(task) && features.words <= LOOKUP_WORDS && features.reasoningWords === 0,
    definition:
      features.words <= DEFINITION_WORDS && task.length <= 70 && DEFINITION.test(task) && !CASE.test(task),
    rewriting:
      features.isTransform &&
      features.words <= REWRITE_WORDS &&
      (features.designWords === 0 || REWRITE.test(task)),
    regulated: REGULATED.test(task),
    hardBug: HARD_BUG.test(task),
  };
}
