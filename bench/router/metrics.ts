import { seeded } from './learn.ts';

/** One question under a router: its score, what the large model gains on it, and how much it counts. */
export type Ranked = { score: number; gain: number; weight: number };

export type Curve = {
  /** Area under the recovered part of the gain, over the share of calls to the large model. Random is 0.50. */
  apgr: number;
  /** Smallest share of calls to the large model that recovers half, and four fifths, of the gain. */
  cpt50: number;
  cpt80: number;
};

/**
 * RouteLLM's measures (Ong et al. 2024, "RouteLLM: Learning to Route LLMs with Preference Data"), taken exactly
 * at each share instead of at ten. Questions of equal score are counted as mixed at random.
 */
export function curveOf(rows: readonly Ranked[]): Curve {
  const sorted = rows.toSorted((a, b) => b.score - a.score);
  return walk(
    sorted,
    Float64Array.from(sorted, (row) => row.weight),
  );
}

/** `sorted`: by falling score; `weights`: how much each row counts. */
function walk(sorted: readonly Ranked[], weights: Float64Array): Curve {
  let weight = 0;
  let gain = 0;
  for (let i = 0; i < sorted.length; i += 1) {
    weight += weights[i] ?? 0;
    gain += (weights[i] ?? 0) * (sorted[i]?.gain ?? 0);
  }
  const curve: Curve = { apgr: 0, cpt50: 1, cpt80: 1 };
  let called = 0;
  let won = 0;
  for (let i = 0; i < sorted.length; ) {
    const score = sorted[i]?.score;
    let step = 0;
    let stepGain = 0;
    for (; i < sorted.length && sorted[i]?.score === score; i += 1) {
      step += weights[i] ?? 0;
      stepGain += (weights[i] ?? 0) * (sorted[i]?.gain ?? 0);
    }
    curve.apgr += (step * (won + stepGain / 2)) / (weight * gain);
    for (const [name, part] of [
      ['cpt50', 0.5],
      ['cpt80', 0.8],
    ] as const) {
      if (curve[name] === 1 && won + stepGain >= part * gain) {
        curve[name] = (called + (step * (part * gain - won)) / stepGain) / weight;
      }
    }
    called += step;
    won += stepGain;
  }
  return curve;
}

/** The middle 95 % of APGR over resampled questions; each group (a source) is resampled by itself. */
export function interval(
  groups: readonly (readonly Ranked[])[],
  samples: number,
  seed: number,
): [number, number] {
  const random = seeded(seed);
  const sorted = groups
    .flatMap((rows, group) => rows.map((row) => ({ row, group })))
    .sort((a, b) => b.row.score - a.row.score);
  const rows = sorted.map(({ row }) => row);
  const places = groups.map((_, group) => sorted.flatMap((each, i) => (each.group === group ? [i] : [])));
  const found = Float64Array.from({ length: samples }, () => {
    const weights = new Float64Array(rows.length);
    for (const group of places) {
      for (let n = 0; n < group.length; n += 1) {
        const i = group[Math.floor(random() * group.length)] ?? 0;
        weights[i] = (weights[i] ?? 0) + (rows[i]?.weight ?? 0);
      }
    }
    return walk(rows, weights).apgr;
  }).sort();
  return [
    found[Math.floor(samples * 0.025)] ?? Number.NaN,
    found[Math.ceil(samples * 0.975) - 1] ?? Number.NaN,
  ];
}

/** Predicted against true share of right answers, in five parts of equal size from the lowest prediction up. */
export function calibration(
  rows: readonly { predicted: number; right: number }[],
): { predicted: number; right: number }[] {
  const sorted = rows.toSorted((a, b) => a.predicted - b.predicted);
  return [0, 1, 2, 3, 4].map((part) => {
    const slice = sorted.slice((part * sorted.length) / 5, ((part + 1) * sorted.length) / 5);
    const mean = (pick: 'predicted' | 'right') =>
      slice.reduce((sum, row) => sum + row[pick], 0) / slice.length;
    return { predicted: mean('predicted'), right: mean('right') };
  });
}
