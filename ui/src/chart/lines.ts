// Options for the wall's lines: a sparkline at the foot of a tile, and a chart with axes. Both show today over last week's ghost,
// hatch what is still settling, and mark what was revised.
import type uPlot from "uplot";
import { diamonds, endDot, fade, hatch, type Ink } from "./ink.ts";

export interface LineShape {
  readonly ink: Ink;
  /** Colour of today's line. */
  readonly colour: string;
  /** Colour of the diamonds at revised points. */
  readonly revised: string;
  /** Points at or after this are provisional, ms; null: all are final. Read anew with each drawing. */
  readonly settledUntil: () => number | null;
  /** Stepped, for a cumulative figure. */
  readonly stepped: boolean;
}

type Options = Omit<uPlot.Options, "width" | "height">;

/** Own range, with at least a third of the height used, and shared by today and the ghost. */
export function spanOf(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)) return [0, 1];
  if (min === max) return min === 0 ? [0, 1] : [Math.min(0, min * 2), Math.max(0, min * 2)];
  const room = (max - min) * 0.12;
  return [min - room, max + room];
}

function linesOf(
  { ink, colour, stepped }: LineShape,
  width: number,
  paths: uPlot.Series.PathBuilder | null,
): uPlot.Series[] {
  const path = stepped && paths ? { paths } : {};
  return [
    {},
    { stroke: ink.ghost, width: width * 0.6, points: { show: false }, ...path },
    { stroke: colour, width, points: { show: false }, fill: (chart: uPlot) => fade(chart, colour), ...path },
    { stroke: colour, width, dash: [width * 0.5, width * 2], cap: "round", points: { show: false }, ...path },
    { paths: () => null, points: { show: false } }, // drawn as diamonds
  ];
}

function marks(
  { ink, colour, revised, settledUntil }: LineShape,
  hatchFrom: number,
  dot: number,
): Pick<uPlot.Options, "hooks"> {
  return {
    hooks: {
      drawAxes: [
        (chart) => {
          const until = settledUntil();
          if (until === null) return;
          const { left, width } = chart.bbox;
          const from = Math.max(left, chart.valToPos(until / 1000, "x", true));
          if (from >= left + width) return;
          hatch(chart, from, left + width, ink.settling, hatchFrom, hatchFrom * 4.8);
          const { ctx, bbox } = chart;
          ctx.fillStyle = ink.ghost;
          ctx.fillRect(from, bbox.top, 2 * devicePixelRatio, bbox.height);
        },
      ],
      draw: [
        (chart) => {
          diamonds(chart, 4, revised, ink.surface, dot + 2);
          const settling = chart.data[3]?.some((value) => value != null) ?? false;
          endDot(chart, settling ? 3 : 2, colour, settling, ink.surface, dot);
        },
      ],
    },
  };
}

/** Full bleed, no axes; 22 px stay free after the end dot. */
export function sparkline(shape: LineShape, stepped: uPlot.Series.PathBuilder | null): Options {
  return {
    padding: [8, 22, 8, 0],
    legend: { show: false },
    cursor: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: { x: { time: false }, y: { range: (_, min, max) => spanOf(min, max) } },
    series: linesOf(shape, 4, stepped),
    ...marks(shape, 2.5, 8),
  };
}

export interface Axes {
  readonly font: string;
  /** Room for the labels of y, px. */
  readonly left: number;
  readonly x: (seconds: number) => string;
  /** The word for the right end. */
  readonly end: (seconds: number) => string;
  readonly y: (value: number) => string;
  /** Sums start at 0. */
  readonly fromZero: boolean;
}

/** A chart of the last hour: few ticks, a horizontal grid only. */
export function hourChart(shape: LineShape, axes: Axes): Options {
  const label = { font: axes.font, stroke: shape.ink.muted, ticks: { show: false }, gap: 8 } as const;
  return {
    padding: [14, 30, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false },
      y: {
        range: (_, min, max) =>
          axes.fromZero ? [Math.min(0, min ?? 0), niceStep(max ?? 0) * HEADROOM] : spanOf(min, max),
      },
    },
    axes: [
      {
        ...label,
        size: 52,
        grid: { show: false },
        splits: (chart) => timeSplits(chart.data[0] as number[]),
        values: ({ data: [xs] }, splits) =>
          splits.map((at, index) => (index === splits.length - 1 ? axes.end(xs.at(-1)!) : axes.x(at))),
      },
      {
        ...label,
        size: axes.left,
        grid: { stroke: shape.ink.hair, width: 2 },
        splits: (_, __, min, max) =>
          axes.fromZero ? apart([0, max / HEADROOM], axes.y) : [min + (max - min) * 0.2, min + (max - min) * 0.8],
        values: (_, splits) => splits.map(axes.y),
      },
    ],
    series: linesOf(shape, 5, null),
    ...marks(shape, 2.5, 9),
  };
}

/** The top tick lies this far inside. */
const HEADROOM = 1.25;

/** The least of 1, 2, 2.5, 5 × 10ⁿ that shows `max` with the headroom. */
function niceStep(max: number): number {
  if (!(max > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(max));
  const factor = [1, 2, 2.5, 5].find((candidate) => candidate * power * HEADROOM >= max) ?? 10;
  return factor * power;
}

/** Ticks whose labels differ: where nothing was sold there is only the zero. */
const apart = ([zero, top]: readonly [number, number], label: (value: number) => string): number[] =>
  label(zero) === label(top) ? [zero] : [zero, top];

const TICK_S = 15 * 60;

/** Every quarter of an hour that has room for its label, and the end. */
function timeSplits(xs: readonly number[]): number[] {
  const last = xs.at(-1);
  const first = xs[0];
  if (last === undefined || first === undefined || last === first) return [];
  const span = last - first;
  const ticks: number[] = [];
  for (let at = Math.ceil((first + span * 0.08) / TICK_S) * TICK_S; at <= last - span * 0.28; at += TICK_S)
    ticks.push(at);
  return [...ticks, last - span * 0.06];
}
