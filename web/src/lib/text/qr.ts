import { encode } from 'uqr';

/** Light modules around the code, without which readers do not find it (ISO/IEC 18004: four). */
const QUIET_ZONE = 4;

/** A QR code as the path of an SVG picture whose unit is one module; `size` is its width with the quiet zone. */
export function qrPath(text: string): { size: number; path: string } {
  // Level M: 15 % may be lost, which a reflection on a screen can take.
  const { size, data } = encode(text, { ecc: 'M', border: QUIET_ZONE });
  const path = data.flatMap((row, y) =>
    row.flatMap((dark, x) => (dark && !row[x - 1] ? [`M${x} ${y}h${runFrom(row, x)}v1H${x}z`] : [])),
  );
  return { size, path: path.join('') };
}

/** How many dark modules stand side by side from here. */
function runFrom(row: readonly boolean[], x: number): number {
  const end = row.indexOf(false, x);
  return (end < 0 ? row.length : end) - x;
}
