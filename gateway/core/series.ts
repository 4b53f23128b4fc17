// A tile's line: a point a minute, the open minute included, and the same minutes a week ago.
import type { Series, TileDefinition } from "../contract/wall.ts";
import { KPIS, type Kpi, type KpiId } from "../../stream/contract/kpis.ts";
import type { History } from "./figures.ts";
import { covers } from "./known.ts";
import { MINUTE_MS, minuteOf } from "./minute-line.ts";
import type { StoreClock } from "./store-clock.ts";
import { revisedIn } from "./revised.ts";
import { settledUntil, type Moments } from "./windows.ts";

/** How far back, and over how many minutes each point is taken. */
export type SeriesShape = NonNullable<TileDefinition["series"]>;

/**
 * The line, or its last `points`; its revised minutes are always all. Each point sums `rolling` minutes up to and with its own (0: since the store's midnight), then the ratio is
 * taken. A minute without data is 0 for sums; null where there is nothing to divide by or nothing is known.
 */
export function series(
  id: KpiId,
  shape: SeriesShape,
  now: History,
  lastWeek: History,
  moments: Moments,
  points = shape.minutes,
): Series {
  const kpi: Kpi = KPIS[id];
  const start = minutesUpTo(moments.asOf, Math.min(shape.minutes, points));
  const end = minuteOf(moments.asOf) + 1;
  const { clock } = moments;
  return {
    start,
    now: start.map((at) => point(kpi, shape, now, clock, at)),
    ghost: start.map((at) => point(kpi, shape, lastWeek, clock, clock.weekBefore(at))),
    settledUntil: kpi.settles ? settledUntil(moments) : null,
    revised: revisedIn(now.line, end - shape.minutes, end),
  };
}

/** Starts of the last `count` minutes, the one that `asOf` falls into included. */
export function minutesUpTo(asOf: number, count: number): number[] {
  const last = minuteOf(asOf);
  return Array.from({ length: count }, (_, i) => (last - count + 1 + i) * MINUTE_MS);
}

function point(
  kpi: Kpi,
  { rolling }: SeriesShape,
  { line, known }: History,
  clock: StoreClock,
  at: number,
): number | null {
  const to = at + MINUTE_MS;
  const from = rolling === 0 ? clock.midnight(at) : to - rolling * MINUTE_MS;
  if (!covers(known, from, at)) return null;
  const { measures } = line.pointOver(rolling, minuteOf(from), minuteOf(to));
  const numerator = kpi.numerator(measures);
  if (kpi.denominator === null) return numerator;
  const denominator = kpi.denominator(measures);
  if (denominator === 0) return null;
  const ratio = numerator / denominator;
  return kpi.unit === "money" ? Math.round(ratio) : ratio;
}
