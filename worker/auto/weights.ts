import file from './router-weights.generated.json' with { type: 'json' };

/** One linear head over the shape's values and the hashed words. */
export type Head = { bias: number; shape: Float64Array; words: Float64Array; bits: number };

export type Heads = {
  /** Logit of: a small model is right. Trained on pools of many small models. */
  weak: Head;
  /** Logit of: a large model is right. */
  strong: Head;
  /** Logit of how much a free request asks for, after hand-written tiers. */
  level: Head;
};

export type StoredHead = { bias: number; shape: number[]; bits: number; scale: number; words: string };
export type StoredWeights = {
  version: number;
  /** What the weights were trained on, as `file:rows`. */
  trained_on: string[];
  heads: Record<keyof Heads, StoredHead>;
};

/** `words` is base64 of one signed byte per bucket, times `scale`. */
function decoded(head: StoredHead): Head {
  const bytes = Uint8Array.from(atob(head.words), (char) => char.charCodeAt(0));
  return {
    bias: head.bias,
    shape: Float64Array.from(head.shape),
    words: Float64Array.from(new Int8Array(bytes.buffer), (value) => value * head.scale),
    bits: head.bits,
  };
}

export function decodeWeights(stored: StoredWeights): Heads {
  const { weak, strong, level } = stored.heads;
  return { weak: decoded(weak), strong: decoded(strong), level: decoded(level) };
}

export const WEIGHTS_VERSION = file.version;
export const SHIPPED: Heads = decodeWeights(file);
