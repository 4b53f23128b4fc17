// One figure: its value or why there is none, its interval, and what it is compared with.
import type { Absent, Comparison, Figure, TileDefinition, Window } from "../contract/wall.ts";
import { KPIS, type Kpi, type KpiId } from "../../stream/contract/kpis.ts";
import { M } from "../../stream/contract/measures.ts";
import { excludesNoChange, meanDifferenceZ, meanInterval, twoProportionZ, wilson, type Mean } from "./intervals.ts";
import { covers, type Known } from "./known.ts";
import { MINUTE_MS, minuteOf, type MinuteLine } from "./minute-line.ts";
import { revisedOver } from "./revised.ts";
import { orderSpread, shareOf, type ReadonlySum } from "./sum.ts";
import { spanOf, weekBefore, type Moments, type Span } from "./windows.ts";

/** Fewer than this are shown as counts, not as a rate. */
const LEAST_SAMPLE = 100;

/** Minutes of one series, and from when on they are complete. */
export interface History {
  readonly line: MinuteLine;
  readonly known: Known;
}

/** A KPI of one sum. */
interface Taken {
  readonly value: number | null;
  readonly absent: Absent | null;
  readonly numerator: number;
  readonly denominator: number | null;
  /** The spread of what is averaged; null for all that is not a mean of order values. */
  readonly mean: Mean | null;
}

/** A tile's figure over its window, against the same local time a week before. */
export function figure(
  tile: TileDefinition & { readonly kpi: KpiId },
  now: History,
  lastWeek: History,
  moments: Moments,
): Figure {
  const kpi: Kpi = KPIS[tile.kpi];
  const span = spanOf(tile.window, moments);
  const past = weekBefore(span, moments.clock);
  const current = take(tile, kpi, now, span, wholeMinutes);
  const former = take(tile, kpi, lastWeek, past, untilTheSecond);
  return {
    value: current.value,
    absent: current.absent,
    numerator: current.numerator,
    denominator: current.denominator,
    interval: intervalOf(kpi, current),
    compare: compare(kpi, current, former, past.to),
    ...span,
    revised: revisedOver(now.line, ...minutesOf(span)),
  };
}

type SumOf = (line: MinuteLine, window: Window, span: Span) => ReadonlySum;

/** The open minute included. */
const minutesOf = ({ from, to }: Span): [from: number, to: number] => [minuteOf(from), Math.ceil(to / MINUTE_MS)];

/** What has arrived so far. */
const wholeMinutes: SumOf = (line, window, span) => line.over(window, ...minutesOf(span));

/** The same elapsed time of a past day: of the minute that the end cuts, the elapsed share. */
const untilTheSecond: SumOf = (line, window, { from, to }) => {
  const last = minuteOf(to);
  const whole = line.over(window, minuteOf(from), last);
  const cut = to > from ? line.minute(last) : undefined;
  if (!cut) return whole;
  const sum = shareOf(cut, (to - last * MINUTE_MS) / MINUTE_MS);
  sum.add(whole);
  return sum;
};

function take(tile: TileDefinition, kpi: Kpi, { line, known }: History, span: Span, sumOf: SumOf): Taken {
  if (!covers(known, span.from, span.to))
    return { value: null, absent: "no-data", numerator: 0, denominator: null, mean: null };
  const { measures, sketch } = sumOf(line, tile.window, span);
  const numerator = kpi.numerator(measures);
  const denominator = kpi.denominator?.(measures) ?? null;
  const absent = denominator === null ? null : absence(kpi, measures, denominator);
  const value = absent === null ? valueOf(tile, kpi, numerator, denominator, span) : null;
  return { value, absent, numerator, denominator, mean: meanOf(tile.kpi, sketch, value) };
}

function absence(kpi: Kpi, measures: readonly number[], denominator: number): Absent | null {
  const ofSessions = kpi.denominator?.(ONE_SESSION) === 1;
  if (ofSessions && denominator === 0 && measures[M.orders]! > 0) return "no-sessions";
  if (kpi.proportion) return denominator < LEAST_SAMPLE ? "n-too-small" : null;
  return denominator === 0 ? "no-orders" : null;
}

/** Tells which KPIs are per session without naming them. */
const ONE_SESSION = Object.values(M).map((index) => (index === M.sessions ? 1 : 0));

function valueOf(tile: TileDefinition, kpi: Kpi, numerator: number, denominator: number | null, span: Span): number {
  if (denominator === null)
    return tile.perMinute ? numerator / Math.max(1, (span.to - span.from) / MINUTE_MS) : numerator;
  const ratio = numerator / denominator;
  return kpi.unit === "money" ? Math.round(ratio) : ratio;
}

/** The interval of order value rests on the sketch's spread (1 % buckets), so it is approximate. */
function meanOf(kpi: TileDefinition["kpi"], sketch: ReadonlySum["sketch"], mean: number | null): Mean | null {
  const spread = kpi === "aov" ? orderSpread(sketch) : null;
  return spread === null || mean === null ? null : { mean, ...spread };
}

function intervalOf(kpi: Kpi, { value, numerator, denominator, mean }: Taken): Figure["interval"] {
  if (value === null) return null;
  if (mean !== null) return meanInterval(mean).map(Math.round) as [number, number];
  return kpi.proportion && denominator !== null ? wilson(numerator, denominator) : null;
}

function compare(kpi: Kpi, now: Taken, then: Taken, at: number): Comparison {
  const kind = kpi.proportion ? "points" : "relative";
  return {
    value: then.value,
    change: change(kind, now.value, then.value),
    kind,
    evidence: evidence(kpi, now, then),
    at,
  };
}

/** Also for the gauge. Relative to nothing, or to less than nothing, there is no change to state. */
export function change(kind: Comparison["kind"], now: number | null, then: number | null): number | null {
  if (now === null || then === null) return null;
  if (kind === "points") return now - then;
  return then > 0 ? now / then - 1 : null;
}

/** Sums and counts: unknown until a usual range can be drawn from weeks of the same slots. */
function evidence(kpi: Kpi, now: Taken, then: Taken): Comparison["evidence"] {
  if (now.value === null || then.value === null) return "unknown";
  const z = statistic(kpi, now, then);
  if (z === null) return "unknown";
  return excludesNoChange(z) ? "outside" : "within";
}

function statistic(kpi: Kpi, now: Taken, then: Taken): number | null {
  if (now.mean !== null && then.mean !== null) return meanDifferenceZ(now.mean, then.mean);
  if (!kpi.proportion || now.denominator === null || then.denominator === null) return null;
  return twoProportionZ(now.numerator, now.denominator, then.numerator, then.denominator);
}
