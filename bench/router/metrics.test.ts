import { expect, test } from 'vitest';
import { learn } from './learn.ts';
import { calibration, curveOf, interval } from './metrics.ts';

const row = (score: number, gain: number, weight = 1) => ({ score, gain, weight });

test('equal scores are random: 0.50, half the calls for half the gain', () => {
  const curve = curveOf([row(0, 1), row(0, 0), row(0, 0), row(0, 1)]);
  expect(curve).toEqual({ apgr: 0.5, cpt50: 0.5, cpt80: 0.8 });
});

test('a perfect order has the whole gain at once, and its reverse has it last', () => {
  const rows = [row(4, 1), row(3, 0), row(2, 0), row(1, 0)];
  expect(curveOf(rows).apgr).toBeCloseTo(0.875);
  expect(curveOf(rows.map((each) => ({ ...each, score: -each.score }))).apgr).toBeCloseTo(0.125);
  expect(curveOf(rows).cpt50).toBeCloseTo(0.125);
});

test('a question counts by its weight', () => {
  expect(curveOf([row(2, 1, 1), row(1, 0, 3)]).apgr).toBeCloseTo(0.875);
});

test('intervals hold the figure and are the same for the same seed', () => {
  const rows = Array.from({ length: 200 }, (_, i) => row(i % 7, i % 3 === 0 ? 1 : 0));
  const found = interval([rows], 100, 1);
  expect(found).toEqual(interval([rows], 100, 1));
  expect(found[0]).toBeLessThanOrEqual(curveOf(rows).apgr);
  expect(found[1]).toBeGreaterThanOrEqual(curveOf(rows).apgr);
});

test('calibration goes from the lowest fifth to the highest', () => {
  const rows = Array.from({ length: 10 }, (_, i) => ({ predicted: i / 10, right: i < 5 ? 0 : 1 }));
  expect(calibration(rows).map(({ right }) => right)).toEqual([0, 0, 0.5, 1, 1]);
});

test('learning finds the word that decides, and gives the same bits twice', () => {
  const examples = Array.from({ length: 200 }, (_, i) => ({
    shape: Float64Array.of(1),
    words: Int32Array.of(i % 2, 2),
    target: i % 2,
    weight: 1,
  }));
  const settings = { bits: 2, epochs: 5, shapeRate: 0.1, wordRate: 0.1, seed: 3 };
  const learned = learn(examples, settings);
  expect(learned.words[1]).toBeGreaterThan(0.3);
  expect(learned.words[0]).toBeLessThan(-0.3);
  expect(learn(examples, settings)).toEqual(learned);
});
