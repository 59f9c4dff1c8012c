/** mulberry32 on a hash of the text: the same text is always mistyped in the same places. */
function randomOf(text: string): () => number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Of the words of four letters and more, this share has two neighbouring letters swapped. */
const MISTYPED = 0.08;

function mistyped(text: string): string {
  const random = randomOf(text);
  return text.replace(/\p{L}{4,}/gu, (word) => {
    if (random() >= MISTYPED) return word;
    const at = 1 + Math.floor(random() * (word.length - 2));
    return `${word.slice(0, at)}${word[at + 1] ?? ''}${word[at] ?? ''}${word.slice(at + 2)}`;
  });
}

/** Rewordings that change nothing about the task. Only tests and the evaluation read them. */
export const REWORDINGS: Readonly<Record<string, (text: string) => string>> = {
  'double spaces': (text) => text.replaceAll(' ', '  '),
  'closing thanks': (text) => `${text} Thanks!`,
  'lower case': (text) => text.toLowerCase(),
  'one word in twelve mistyped': mistyped,
  'a polite opening': (text) => `Please help me with this: ${text}`,
  'no final mark': (text) => text.replace(/[.?!。？]$/, ''),
  'an exam wrapper': (text) => `Question: ${text}\nAnswer:`,
};
