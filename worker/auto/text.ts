/** Only this much of a long turn is read: a decision must cost the same for 400 characters and 400,000. */
const HEAD_CHARS = 3_000;
const TAIL_CHARS = 1_000;

/** Words that say what is wanted stand at the start or at the end. */
const ENDS_HEAD = 1_200;
const ENDS_TAIL = 400;

const PREFIX =
  /^(?:(?:hi|hello|hey)(?: there)?[,!. ]+)?(?:(?:please|kindly)[, ]+)?(?:(?:can|could|would) you (?:please )?)?(?:help me[:,]? ?(?:with (?:this|the following)[:.]? ?)?(?:to )?|(?:i have a )?question: ?)?/iu;
const SUFFIX =
  /(?:\s*(?:answer:|thanks?(?: you)?(?: (?:so |very )?much| a lot)?(?: in advance)?|thx|please|[:;]-?\)|\p{Extended_Pictographic}|[.!?。！？]))+\s*$/iu;

const MARKS = /[\s.!?。！？]+$/u;

/**
 * The part of a turn that is judged: clipped, one kind of space, without the wrapping that says nothing about the
 * task ("Question: … Answer:", "Please help me …", a closing "Thanks!", the final mark). Newlines stay, since lists and
 * answer options are told by them. A turn that is nothing but wrapping stays as it is.
 */
export function judged(turn: string): string {
  const clipped =
    turn.length <= HEAD_CHARS + TAIL_CHARS
      ? turn
      : `${turn.slice(0, HEAD_CHARS)}\n${turn.slice(-TAIL_CHARS)}`;
  const even = clipped
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n[ \n]*/g, '\n')
    .trim();
  const bare = even.replace(PREFIX, '').replace(SUFFIX, '').trim();
  return bare.length < 12 ? even.replace(MARKS, '') || even : bare;
}

/** The two ends of a judged text, where the request itself is to be found. */
export function endsOf(text: string): string {
  return text.length <= ENDS_HEAD + ENDS_TAIL
    ? text
    : `${text.slice(0, ENDS_HEAD)}\n${text.slice(-ENDS_TAIL)}`;
}

/** Scripts that are written without spaces between words: each character is a token there. */
function isDense(code: number): boolean {
  return (code >= 0x0e00 && code <= 0x0eff) || (code >= 0x3040 && code <= 0x9fff);
}

function isWordCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 0xaa && code !== 0xd7 && code !== 0xf7 && code < 0x2000) ||
    (code >= 0x2c00 && code < 0x3000) ||
    (code >= 0xa000 && code < 0xfe00)
  );
}

const START = 0x811c9dc5;

/** Spreads a character over 32 bits, as MurmurHash3 ends. Of three offsets that were tried this one is the best. */
function spread(code: number): number {
  let h = Math.imul(code + 0x1234, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * The buckets of the words and word pairs of a text, each once. A word is the sum of its lower-case letters, so that
 * two that changed places make no other word. All numbers of the same length count as one word: which number it is
 * says nothing. `bits` is the base-two logarithm of the number of buckets.
 */
export function buckets(text: string, bits: number): Set<number> {
  const lower = text.toLowerCase();
  const found = new Set<number>();
  const shift = 32 - bits;
  let word = START;
  let inWord = false;
  let before = 0;
  const close = () => {
    if (!inWord) return;
    found.add(Math.imul(word ^ (word >>> 15), 0x9e3779b1) >>> shift);
    found.add(Math.imul(Math.imul(before, 31) ^ word ^ (word >>> 15), 0x85ebca6b) >>> shift);
    before = word;
    word = START;
    inWord = false;
  };
  for (let i = 0; i < lower.length; i += 1) {
    const code = lower.charCodeAt(i);
    const dense = isDense(code);
    const digit = code >= 48 && code <= 57;
    if (dense) close();
    if (dense || digit || isWordCode(code)) {
      word = (word + spread(digit ? 48 : code)) | 0;
      inWord = true;
      if (dense) close();
      continue;
    }
    close();
    if (code > 32 && code !== 39 && code !== 96) {
      word = (word + spread(code)) | 0;
      inWord = true;
      close();
    }
  }
  close();
  return found;
}
