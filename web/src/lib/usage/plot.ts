import uPlot from 'uplot';
import { tick } from './amounts.ts';
import { layersOf, stepsUpTo } from './layers.ts';
import type { Chart, Tone } from './series.ts';
import type { Step, Timeline } from './timeline.ts';
import { DASHES, PATTERNS, TILE } from './tones.ts';

/** Colours as the page has them now, ready for a canvas. */
export type Look = {
  tones: Readonly<Record<Tone, string>>;
  ink: string;
  line: string;
  surface: string;
  font: string;
};

export type Plot = {
  resize(width: number): void;
  /** Marks a slot; null: none. */
  point(slot: number | null): void;
  destroy(): void;
};

/** CSS pixels. */
export const HEIGHT = 190;
const WIDEST_BAR = 44;
const THINNEST_BAR = 2;
/** More of them would hide their line. */
const MOST_POINTS = 40;
/** In less room for each slot the edges of bars would leave nothing of them. */
const NARROW_SLOT = 9;
/** Between two labels of the time. */
const LABEL_SPACE = 64;
/** Every how many slots there may be a label. */
const LABELLED: Readonly<Record<Step, number[]>> = {
  hour: [1, 2, 3, 6, 12, 24, 48],
  day: [1, 2, 7, 14, 28, 56],
  week: [1, 2, 4, 8, 13, 26, 52, 104, 208],
};

/**
 * Draws a chart into an element.
 * @param onpoint is told which slot the pointer is at, null when it has left
 */
export function draw(
  target: HTMLElement,
  chart: Chart,
  timeline: Timeline,
  look: Look,
  onpoint: (slot: number | null) => void,
): Plot {
  const { slots } = timeline;
  const layers = layersOf(chart);
  const edge = target.clientWidth / slots.length < NARROW_SLOT ? 0 : 1;
  const plot: uPlot = new uPlot(
    {
      width: Math.max(target.clientWidth, 1),
      height: HEIGHT,
      padding: [10, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: () => [-0.5, slots.length - 0.5] },
        y: { range: (_plot, _min, max) => [0, chart.unit === 'share' ? 1 : (max || 1) * 1.06] },
      },
      axes: [
        {
          stroke: look.ink,
          font: look.font,
          size: 30,
          space: LABEL_SPACE,
          incrs: LABELLED[timeline.step],
          values: (_plot, splits) => splits.map((at) => slots[at]?.short ?? ''),
          grid: { show: false },
          ticks: { stroke: look.line, width: 1, size: 5 },
        },
        {
          stroke: look.ink,
          font: look.font,
          size: (_plot, values) => 16 + 7 * Math.max(0, ...(values ?? []).map((value) => value.length)),
          space: 36,
          incrs: (_plot, _axis, _min, max) => stepsUpTo(max).filter((step) => step >= 1 || !isCounted(chart)),
          values: (_plot, splits, _axis, _space, step) =>
            splits.map((value) => tick(chart.unit, value, step)),
          grid: { stroke: look.line, width: 1 },
          ticks: { show: false },
        },
      ],
      series: [{}, ...layers.map(({ tone }, i) => seriesOf(chart, tone, i, look, edge))],
      hooks: { setCursor: [({ cursor }) => onpoint(cursor.idx ?? null)] },
    },
    [slots.map((_, i) => i), ...layers.map(({ values }) => [...values])],
    target,
  );
  return {
    resize: (width) => plot.setSize({ width: Math.max(width, 1), height: HEIGHT }),
    point: (slot) => {
      const left = slot === null ? -10 : plot.valToPos(slot, 'x');
      plot.setCursor({ left, top: slot === null ? -10 : 0 }, false);
    },
    destroy: () => plot.destroy(),
  };
}

const isCounted = ({ unit }: Chart): boolean => unit === 'answers' || unit === 'tokens';

function seriesOf(chart: Chart, tone: Tone, nth: number, look: Look, edge: number): uPlot.Series {
  if (chart.kind === 'lines') {
    const isFirst = chart.series[0]?.tone === tone;
    const places = chart.series[0]?.values.filter((value) => value !== null).length ?? 0;
    const paths = uPlot.paths.linear?.();
    return {
      stroke: look.tones[tone],
      width: 2,
      dash: [...(DASHES[isFirst ? 0 : 1] ?? [])],
      spanGaps: true,
      ...(paths ? { paths } : {}),
      // A small one over a ring, so that both are seen where they are the same.
      points: {
        show: places <= MOST_POINTS,
        size: isFirst ? 6 : 10,
        fill: isFirst ? look.tones[tone] : look.surface,
      },
    };
  }
  const beside = chart.kind === 'beside';
  const paths = uPlot.paths.bars?.({
    size: beside ? [0.36, WIDEST_BAR / 2, THINNEST_BAR] : [0.76, WIDEST_BAR, THINNEST_BAR],
    align: beside ? (nth === 0 ? -1 : 1) : 0,
  });
  return {
    stroke: look.surface,
    width: edge,
    fill: (plot) => pattern(plot.ctx, tone, look) ?? look.tones[tone],
    points: { show: false },
    ...(paths ? { paths } : {}),
  };
}

function pattern(ctx: CanvasRenderingContext2D, tone: Tone, look: Look): CanvasPattern | null {
  if (PATTERNS[tone] === '') return null;
  const ratio = window.devicePixelRatio || 1;
  const tile = document.createElement('canvas');
  tile.width = Math.round(TILE * ratio);
  tile.height = tile.width;
  const brush = tile.getContext('2d');
  if (brush === null) return null;
  brush.scale(tile.width / TILE, tile.height / TILE);
  brush.fillStyle = look.tones[tone];
  brush.fillRect(0, 0, TILE, TILE);
  brush.strokeStyle = look.surface;
  brush.lineWidth = tone === 'opus' ? 2.4 : 1.6;
  brush.lineCap = 'round';
  brush.stroke(new Path2D(PATTERNS[tone]));
  return ctx.createPattern(tile, 'repeat');
}
