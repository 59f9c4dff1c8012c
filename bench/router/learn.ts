/** A row as a head learns from it. `words` are bucket numbers of the head's own size. */
export type Example = { shape: Float64Array; words: Int32Array; target: number; weight: number };
export type Learned = { bias: number; shape: Float64Array; words: Float64Array };

/** mulberry32: the same numbers on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type LearnSettings = {
  bits: number;
  epochs: number;
  shapeRate: number;
  wordRate: number;
  seed: number;
};

/** Logistic regression on soft targets of 0 to 1 by AdaGrad, one thread, in an order that the seed alone decides. */
export function learn(examples: readonly Example[], settings: LearnSettings): Learned {
  const width = examples[0]?.shape.length ?? 0;
  // The last place of the hand-made part is the bias.
  const hand = new Float64Array(width + 1);
  const handSquares = new Float64Array(width + 1).fill(1e-6);
  const words = new Float64Array(1 << settings.bits);
  const wordSquares = new Float64Array(1 << settings.bits).fill(1e-6);
  const order = Int32Array.from(examples.keys());
  const random = seeded(settings.seed);
  for (let epoch = 0; epoch < settings.epochs; epoch += 1) {
    for (let i = order.length - 1; i > 0; i -= 1) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
    }
    for (const k of order) {
      const row = examples[k];
      if (row === undefined) continue;
      const share = row.words.length > 0 ? 1 / Math.sqrt(row.words.length) : 0;
      let z = hand[width] ?? 0;
      for (let i = 0; i < width; i += 1) z += (hand[i] ?? 0) * (row.shape[i] ?? 0);
      let sum = 0;
      for (const bucket of row.words) sum += words[bucket] ?? 0;
      z += sum * share;
      const error = (1 / (1 + Math.exp(-z)) - row.target) * row.weight;
      for (let i = 0; i <= width; i += 1) {
        const value = i === width ? 1 : (row.shape[i] ?? 0);
        if (value !== 0) descend(hand, handSquares, i, error * value, 1e-4, settings.shapeRate);
      }
      for (const bucket of row.words)
        descend(words, wordSquares, bucket, error * share, 3e-4 * share, settings.wordRate);
    }
  }
  return { bias: hand[width] ?? 0, shape: hand.slice(0, width), words };
}

function descend(
  at: Float64Array,
  squares: Float64Array,
  i: number,
  slope: number,
  decay: number,
  rate: number,
): void {
  const value = at[i] ?? 0;
  const gradient = slope + decay * value;
  const square = (squares[i] ?? 0) + gradient * gradient;
  squares[i] = square;
  at[i] = value - (rate * gradient) / Math.sqrt(square);
}
