import { encode } from 'uqr';
import { describe, expect, it } from 'vitest';
import { qrPath } from './qr.ts';

describe('the QR picture', () => {
  const address = 'https://chat.example.com/#link=Q2xvdWRmbGFyZS1jaGF0LWNvZGU';
  const { size, path } = qrPath(address);

  /** Fills the modules that the path covers. */
  function drawn(): boolean[][] {
    const grid = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
    for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1H\1z/g)) {
      grid[Number(y)]?.fill(true, Number(x), Number(x) + Number(run));
    }
    return grid;
  }

  it('draws every dark module and no light one', () => {
    expect(drawn()).toEqual(encode(address, { ecc: 'M', border: 4 }).data);
  });

  it('leaves the four light modules around it that readers need', () => {
    const isQuiet = (x: number, y: number) => Math.min(x, y, size - 1 - x, size - 1 - y) < 4;
    expect(drawn().some((row, y) => row.some((dark, x) => dark && isQuiet(x, y)))).toBe(false);
    expect(drawn()[4]?.slice(4, 11)).toEqual([true, true, true, true, true, true, true]);
  });
});
