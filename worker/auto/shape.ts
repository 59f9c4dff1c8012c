import { endsOf } from './text.ts';

/** What kind of task a text is by its outward form. Exactly one form holds. */
export type Form = 'choice' | 'maths' | 'code' | 'puzzle' | 'sums' | 'chat';

const CAP = 40;

export function count(text: string, pattern: RegExp, cap = CAP): number {
  let n = 0;
  pattern.lastIndex = 0;
  while (n < cap && pattern.exec(text) !== null) n += 1;
  pattern.lastIndex = 0;
  return n;
}

const OPTION = /^\(?[a-j][).:] ?(.*)$/gm;
/** A formula between dollar signs, which are not those of two prices, or a command of TeX. */
const LATEX =
  /\$(?! )(?:[^$\n]{0,200}[^$\s])\$(?!\d)|\\(?:frac|sqrt|sum|int|begin|left|cdot|text|pmod|angle|tan|sin|cos|log|l?dots|times|pi|circ)\b|\\\[/g;
const CODE =
  /^\s*(?:def |class |import |from \w+ import|function |const |let |return\b|#include|public |assert |select .{1,200} from |if \(.*\{|for \(.*\{)|```|\[python\]/gm;
const CLUES = /^(?:#+ ?)?clues?:|^\d+\. .*\b(?:left of|right of|next to|house|not in|directly)\b/gim;
const CLUE_LIST = /^(?:#+ ?)?clues?:/m;
const AMOUNTS =
  /\b(?:each|twice|half|thirds?|quarters?|double|dollars?|cents|cups?|pounds?|miles|hours|minutes|dozen|times as|more than|fewer than|less than|altogether|in all|total|left|remaining|per (?:day|week|hour|month|year))\b|\$\d/g;
const NUMBER = /\d+(?:[.,]\d+)*/g;
const QUANTITY =
  /\b(?:how (?:many|much|long|far|old|fast|tall|heavy|high|deep|wide|large|big)|(?:what|which) (?:percent\w*|fraction|amount)|what(?: is| are| was| will be|'s) (?:the|his|her|their|its|each) (?:[\w']+ ){0,2}(?:total|average|number|cost|price|percent\w*|probability|area|perimeter|volume|value|sum|smallest|largest|greatest|least|maximum|minimum|longest|shortest|difference|ratio|remainder|age|profit|salary|weight|speed|distance)|calculate|compute|find the|wie ?viele?|cuánt[oa]s?|combien|quant[oi]s?)\b|多少|いくつ|몇/iu;
/** What mathematics of the upper school asks about, as against sums of everyday things. */
const CONTEST =
  /\b(?:integers?|polynomial|common fraction|simplest (?:radical )?form|real numbers?|divisible|modulo|vertices|in terms of|distinct|ways|probability|triangle|circle|palindromes?|prime|digits?|consecutive|perfect squares?|cubic|cylinder|spheres?|rhombus|polygon|pentagon|hexagon|divisors?|whole numbers?|handshakes?|circumference|surface area|true-false|bracelets?|tan|sin|cos|congruent|shakes? hands|diagonals?|different orders|inscribed|interior angle)\b|\[asy\]/i;
/** What is asked of an equation. */
const ASKED =
  /\b(?:find|solve|what (?:is|are)|evaluate|compute|calculate|how many|express|simplify|factor|remainder|determine|show that|prove|löse|berechne|résou\w+|calcul\w+|resuelve)\b|解|求/;
/** An equation or a power in plain characters. */
const EQUATION =
  /(?:\b\d*[a-z]|[\d)|])\s*(?:=|<=?|>=?)\s*[-(|]?\s*(?:\d|[a-z]\b)|\b[fgh]\([a-z\d-]+\)|[a-z\d)]\s?\^\s?[({]?-?\d/;
const WORD = /\S+/g;
/** A function that is given to be read or finished. */
const FUNCTION = /^\s*(?:def \w+\(|function \w+\()/m;
const ASSERTION = /^\s*assert\b/m;
const SENTENCE = /[.!?。？！](?:\s|$)/g;

export type Shape = {
  form: Form;
  /** Features of the form and the measures of the text, each about 0 to 1. */
  values: Float64Array;
};

const log = (n: number, full: number) => Math.min(1.25, Math.log2(1 + n) / Math.log2(1 + full));
const part = (n: number, full: number) => Math.min(1.25, n / full);
const flag = (test: boolean) => (test ? 1 : 0);

const FORMS: readonly Form[] = ['choice', 'maths', 'code', 'puzzle', 'sums', 'chat'];

const FLAGS: readonly [string, RegExp][] = [
  ['negated', /\b(?:(?:is|are|does|do|was|would|will) not|except|least|false|incorrect|cannot)\b/],
  ['statements', /\b(?:statement [12I]|which of the following statements|(?:^|\n)(?:II|III)\.)/i],
  ['following', /\bwhich (?:one )?of the following\b/i],
  ['blank', /_{3,}|\.{4,}/],
  ['passage', /\brefers? to the following|passage|according to the (?:text|author)|transcript/i],
  ['year', /\b(?:1[0-9]|20)\d\d\b/],
  ['quote', /["“”«»]/],
  ['what', /\b(?:what|which|who|when|where)\b/i],
  ['how', /\bhow (?:do|does|did|can|to|is|are|would)\b/i],
  ['howmany', QUANTITY],
  ['why', /\b(?:why|explain|warum|pourquoi|por qué|perché)\b|为什么|なぜ|왜/iu],
  ['compare', /\b(?:compare|difference|versus|vs\.?|trade-?offs?|pros and cons|better)\b/i],
  [
    'prove',
    /\b(?:prove|proof|derive|show that|theorem|lemma|beweise|démontre\w*|demuestr\w*)\b|证明|証明|증명/iu,
  ],
  [
    'probability',
    /\b(?:probabilit\w+|random\w*|expected|dice|coin|independent\w*|permutations?|arrangements?)\b/i,
  ],
  ['geometry', /\b(?:triangle|circle|angle|radius|square|polygon|area|perimeter|sphere|cone|vertices)\b/i],
  [
    'algebra',
    /\b(?:integers?|polynomial|roots?|equation|function|sequence|real numbers?|complex|divisible|modulo|prime)\b/i,
  ],
  [
    'calculus',
    /\b(?:derivative|integral|matrix|vector|eigen\w+|group|field|ring|homomorphism|continuous)\b/i,
  ],
  ['money', /[$€£]\s?\d|\b(?:dollars?|cents|cost|price|profit|interest|tax)\b/i],
  [
    'physics',
    /\b(?:velocity|mass|force|energy|current|voltage|pressure|temperature|heat|wave\w*|electrons?|magnetic)\b/i,
  ],
  [
    'chemistry',
    /\b(?:mol(?:es?|ar)?|reaction|acid|compound|ph|atoms?|bond|solution|oxidation|equilibrium)\b/i,
  ],
  ['medicine', /\b(?:patients?|disease|symptoms?|clinical|blood|gene|cells?|protein|diagnosis|year-old)\b/i],
  ['law', /\b(?:court|law|plaintiff|defendant|statute|contract|constitution\w*|jury|liab\w+)\b/i],
  ['ethics', /\b(?:moral\w*|wrong|ethic\w*|ought|scenario 1)\b/i],
  [
    'creative',
    /\b(?:poem|(?:short )?story|haiku|song|lyrics|jokes?|slogan|limerick|novel|scene|speech|article|blog|essay|email|letter|diary|monologue|dialogue|creative|role-?play|pretend|imagine (?:you|that you|yourself)|act as|play the role|in the (?:role|style|voice) of|(?:describe|picture) .{0,60} so that|gedicht|geschichte|rede|brief|poème|histoire|discours|cuento|poema|discurso)\b/i,
  ],
  [
    'transform',
    /\b(?:translate|rephrase|rewrite|reword|summari[sz]e|shorten|proofread|grammar|convert|tradui\w*|traduc\w*)\b|übersetz|翻译|翻訳|번역/iu,
  ],
  [
    'design',
    /\b(?:design|architect\w*|platform|system with|pipeline|migrat\w+|strategy|roadmap|entwirf|entwerfe|diseña\w*|conçois|projete|build an?)\b|设计|設計|설계/iu,
  ],
  [
    'script',
    /\b(?:write|create|implement|code)\b.{0,40}\b(?:function|script|program|class|query|regex|component|test|playbook|module|api)\b/i,
  ],
  [
    'debug',
    /\b(?:debug|fix|error|bug|exception|traceback|fails?|crash\w*|race condition|refactor|optimi[sz]e)\b/i,
  ],
  ['extract', /\b(?:extract|json|csv|table|list (?:all|the)|classify|identify|rate|evaluate)\b/i],
  ['loops', /\b(?:for|while)\b.+:\s*$|\bwhile\b/m],
  ['mutation', /\.(?:append|pop|insert|remove|extend|update|sort|reverse)\(/],
  [
    'strings',
    /\.(?:split|join|replace|strip|find|index|rfind|partition|center|zfill|isalpha|lower|upper|translate)\(/,
  ],
  ['dicts', /\b(?:dict|items\(\)|keys\(\)|values\(\)|\{\})/],
  ['recursion', /\b(?:recursi\w+|lambda|yield|enumerate|zip)\b/],
  ['choose', /\bhow many (?:different )?ways\b|\bhow many\b.*\b(?:satisf|such that|distinct)\b/i],
  ['simplest', /\b(?:simplest form|common fraction|nearest (?:tenth|integer)|in terms of|express your)\b/i],
];

/** Names of `values`, in its order: the weights file is bound to this list. */
export const SHAPE_NAMES: readonly string[] = [
  ...FORMS.map((form) => `is_${form}`),
  ...FORMS.map((form) => `words_${form}`),
  ...FORMS.map((form) => `numbers_${form}`),
  ...FORMS.map((form) => `sentences_${form}`),
  'options',
  'option_words',
  'option_numbers',
  'stem_words',
  'word_length',
  'digits',
  'symbols',
  'commas',
  'lines',
  'foreign',
  'latex',
  'code_lines',
  'clues',
  'houses',
  'questions',
  'parentheses',
  'long_option',
  'very_short',
  'backticks',
  'indents',
  ...FLAGS.map(([name]) => name),
];

/** Somebody's amounts, told to be reckoned with, whatever the closing question is called. */
function isStory(text: string): boolean {
  return (
    /\b(?:he|she|his|her|they|their)\b/.test(text) &&
    count(text, AMOUNTS, 3) >= 2 &&
    /\?|\bfind\b|\bwhat\b|\bhow\b/.test(text)
  );
}

function formOf(
  n: { options: number; latex: number; code: number; clues: number; numbers: number; words: number },
  text: string,
): Form {
  const { options, latex, code, clues, numbers, words } = n;
  if (options >= 2) return 'choice';
  if (clues >= 3 || (clues === 2 && CLUE_LIST.test(text))) return 'puzzle';
  if (latex >= 1) return 'maths';
  if (code >= 2 || (code === 1 && (FUNCTION.test(text) || ASSERTION.test(text)))) return 'code';
  if (code === 0 && words <= 120 && EQUATION.test(text) && ASKED.test(text)) return 'maths';
  if (!QUANTITY.test(text)) return numbers >= 2 && words >= 20 && isStory(text) ? 'sums' : 'chat';
  if (CONTEST.test(text)) return 'maths';
  return numbers >= 1 && words >= 12 ? 'sums' : 'chat';
}

/** Reads the outward form of a judged text, whatever its case. Every pattern is linear in the clipped text. */
export function shapeOf(judged: string): Shape {
  const text = judged.toLowerCase();
  const ends = endsOf(text);
  const optionLines = [...text.matchAll(OPTION)].slice(0, 12).map((match) => match[1] ?? '');
  const latex = count(text, LATEX);
  const code = count(text, CODE);
  const houses = Number(/there are (\d) houses/i.exec(text)?.[1] ?? 0);
  const clues = Math.max(count(text, CLUES), houses);
  const numbers = count(text, NUMBER);
  const words = count(text, WORD, 800);
  const sentences = count(text, SENTENCE);
  const form = formOf({ options: optionLines.length, latex, code, clues, numbers, words }, text);
  const options = form === 'choice' ? optionLines : [];
  const optionChars = options.reduce((sum, option) => sum + option.length, 0);
  const optionWords = options.reduce((sum, option) => sum + count(option, WORD), 0);
  const chars = Math.max(1, text.length);
  const only = (value: number) => FORMS.map((each) => (each === form ? value : 0));
  const n = Math.max(1, options.length);
  return {
    form,
    values: Float64Array.from([
      ...only(1),
      ...only(log(words, 400)),
      ...only(log(numbers, CAP)),
      ...only(log(sentences, CAP)),
      part(options.length, 10),
      log(optionWords / n, 30),
      options.filter((option) => /^[-$]?[\d.,/ %√π^]+\S{0,8}$/.test(option)).length / n,
      options.length > 0 ? log(words - optionWords, 200) : 0,
      part(chars / Math.max(1, words), 12),
      part(count(text, /\d/g, 400) / chars, 0.2),
      part(count(text, /[=+*^<>\\{}[\]/|]/g, 400) / chars, 0.2),
      log(count(text, /[,;]/g), CAP),
      log(count(text, /\n/g), CAP),
      part(count(text, /[^\p{ASCII}]/gu, 400) / chars, 0.5),
      log(latex, 20),
      log(code, 20),
      log(clues, 25),
      part(houses, 6),
      part(count(text, /[?？]/g), 4),
      log(count(text, /[()]/g), CAP),
      log(optionChars / n, 200),
      flag(words <= 8),
      log(count(text, /`/g), CAP),
      log(count(text, /^ {4,}/gm), 30),
      ...FLAGS.map(([, pattern]) => flag(pattern.test(ends))),
    ]),
  };
}

const INDEX: ReadonlyMap<string, number> = new Map(SHAPE_NAMES.map((name, i) => [name, i]));

/** One of the values by its name; 0 for a name that there is none of. */
export function measureOf(shape: Shape, name: string): number {
  return shape.values[INDEX.get(name) ?? -1] ?? 0;
}
