// The theme's colours as a canvas needs them, and the marks that are drawn over a chart: hatch, end dot, diamonds.
import type uPlot from "uplot";

export interface Ink {
  readonly text: string;
  readonly now: string;
  readonly worse: string;
  readonly ghost: string;
  readonly hair: string;
  readonly muted: string;
  readonly settling: string;
  readonly surface: string;
}

/** Reads the colours of the theme that the document shows now. */
export function readInk(): Ink {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: of("--text"),
    now: of("--now"),
    worse: of("--worse"),
    ghost: of("--ghost"),
    hair: of("--hair"),
    muted: of("--muted"),
    settling: of("--settling"),
    surface: of("--surface"),
  };
}

/** 45° lines over a part of the plot. Width and distance in CSS px. */
export function hatch(chart: uPlot, left: number, right: number, colour: string, width: number, every: number): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.setLineDash([]);
  ctx.lineCap = "butt";
  ctx.beginPath();
  ctx.rect(left, bbox.top, right - left, bbox.height);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.lineWidth = width * ratio;
  ctx.beginPath();
  for (let x = left - bbox.height; x < right; x += every * ratio) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
  ctx.restore();
}

/** A dot at the last point of a series; hollow while it may still change. */
export function endDot(
  chart: uPlot,
  series: number,
  colour: string,
  hollow: boolean,
  surface: string,
  radius: number,
): void {
  const xs = chart.data[0];
  const ys = chart.data[series]!;
  let last = ys.length - 1;
  while (last >= 0 && ys[last] == null) last--;
  if (last < 0) return;
  const { ctx } = chart;
  const ratio = devicePixelRatio;
  const x = chart.valToPos(xs[last]!, "x", true);
  const y = chart.valToPos(ys[last]!, "y", true);
  ctx.save();
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.arc(x, y, radius * ratio, 0, 2 * Math.PI);
  ctx.fillStyle = hollow ? surface : colour;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 3 * ratio;
  ctx.fill();
  if (hollow) ctx.stroke();
  ctx.restore();
}

/** A diamond at every point of a series; an edge of the surface's colour parts it from the line. */
export function diamonds(chart: uPlot, series: number, colour: string, surface: string, radius: number): void {
  const { ctx } = chart;
  const half = radius * devicePixelRatio;
  ctx.save();
  ctx.setLineDash([]);
  ctx.fillStyle = colour;
  ctx.strokeStyle = surface;
  ctx.lineJoin = "miter";
  ctx.lineWidth = 3 * devicePixelRatio;
  chart.data[series]?.forEach((value, index) => {
    if (value == null) return;
    const x = chart.valToPos(chart.data[0][index]!, "x", true);
    const y = chart.valToPos(value, "y", true);
    ctx.beginPath();
    ctx.moveTo(x, y - half);
    ctx.lineTo(x + half, y);
    ctx.lineTo(x, y + half);
    ctx.lineTo(x - half, y);
    ctx.closePath();
    ctx.stroke();
    ctx.fill();
  });
  ctx.restore();
}

/** The fade under a line: the colour at 20 %, down to nothing. */
export function fade(chart: uPlot, colour: string): CanvasGradient | string {
  const { ctx, bbox } = chart;
  if (!Number.isFinite(bbox.top) || bbox.height <= 0) return "transparent";
  const gradient = ctx.createLinearGradient(0, bbox.top, 0, bbox.top + bbox.height);
  gradient.addColorStop(0, `color-mix(in srgb, ${colour} 20%, transparent)`);
  gradient.addColorStop(1, `color-mix(in srgb, ${colour} 0%, transparent)`);
  return gradient;
}
