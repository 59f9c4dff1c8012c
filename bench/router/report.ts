import type { Line } from './evaluate.ts';
import type { Flips } from './golden-result.ts';
import { PUBLISHED } from './published.ts';

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function row({ split, router, test, questions, apgr, interval, cpt50, cpt80 }: Line): string {
  const band = `[${interval.map((each) => each.toFixed(2)).join(' ')}]`;
  const parts = [split.padEnd(16), router.padEnd(17), test.padEnd(15), String(questions).padStart(6)];
  const share = (cpt: number) => (100 * cpt).toFixed(0).padStart(3);
  return `${parts.join(' ')}  ${apgr.toFixed(3)} ${band}  ${share(cpt50)} ${share(cpt80)}`;
}

/** The one table of the benchmarks; what others have published stands at its end, marked. */
export function benchmarkTable(lines: readonly Line[]): string[] {
  return [
    'split            router            test         questions  APGR  95 %         CPT50 CPT80',
    ...lines.map(row),
    ...PUBLISHED.map(
      ({ router, test, apgr }) =>
        `${'published'.padEnd(16)} ${router.padEnd(17)} ${test.padEnd(15)}         ${apgr.toFixed(3)}`,
    ),
  ];
}

export function flipLines(name: string, flips: readonly Flips[]): string[] {
  return flips.map(
    ({ rewording, tier, middle }) =>
      `${name.padEnd(18)}${rewording.padEnd(29)}${percent(tier).padStart(7)} another tier, ${percent(middle)} across the middle`,
  );
}

export function calibrationLines(
  tiers: Readonly<Record<string, readonly { predicted: number; right: number }[]>>,
): string[] {
  return Object.entries(tiers).map(([tier, parts]) => {
    const pairs = parts.map(({ predicted, right }) => `${predicted.toFixed(2)}/${right.toFixed(2)}`);
    return `calibration       ${tier.padEnd(8)}predicted/true ${pairs.join('  ')}`;
  });
}
