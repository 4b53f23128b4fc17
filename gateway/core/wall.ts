// The state of a wall: every tile, line and mark that a subscription asks for, at one moment.
import {
  TILES,
  type Figure,
  type Series,
  type Subscription,
  type TileDefinition,
  type TileId,
  type WallState,
} from "../contract/wall.ts";
import type { KpiId } from "../../stream/contract/kpis.ts";
import { change, figure } from "./figures.ts";
import type { Model } from "./model.ts";
import { NOTHING_REVISED } from "./revised.ts";
import { minutesUpTo, series, type SeriesShape } from "./series.ts";
import type { Moments } from "./windows.ts";

type PaneTile = TileDefinition & { readonly kpi: KpiId };
const isPaneTile = (tile: TileDefinition): tile is PaneTile => tile.kpi !== "visitors";

/**
 * The state at `now`. `points`: only the last so many of each line, as a push repeats them; null: all, as in a snapshot.
 * `subscription` names a store that the model has.
 */
export function wallState(
  model: Model,
  subscription: Subscription,
  { build, sequence, points }: { readonly build: string; readonly sequence: number; readonly points: number | null },
  now: number,
): WallState {
  const { store, dimension } = subscription;
  const known = model.store(store);
  if (known === null) throw new Error(`no store "${store}": subscriptions are checked before they get here`);
  const freshness = model.freshness(store, now);
  const moments = { asOf: model.asOf(store, now), watermark: freshness.watermark, clock: known.clock };
  const tiles: Partial<Record<TileId, Figure>> = {};
  const lines: Partial<Record<TileId, Series>> = {};
  const here = model.history(subscription);
  const lastWeek = model.lastWeek(subscription);
  for (const id of subscription.tiles) {
    const tile: TileDefinition = TILES[id];
    if (isPaneTile(tile)) {
      tiles[id] = figure(tile, here, lastWeek, moments);
      if (tile.series) lines[id] = series(tile.kpi, tile.series, here, lastWeek, moments, points ?? undefined);
    } else if (dimension === "total") {
      tiles[id] = visitorsFigure(model, store, moments, now);
      if (tile.series) lines[id] = visitorsSeries(model, store, tile.series, moments, points ?? undefined);
    } else tiles[id] = unknownGauge(moments.asOf);
  }
  const last = dimension === "total" ? model.lastOrder(store) : null;
  return {
    store: known.info,
    build,
    serverNow: now,
    asOf: moments.asOf,
    freshness,
    tiles,
    lastOrder: last === null ? null : { value: last.value, occurredAt: last.occurredAt },
    series: lines,
    sequence,
  };
}

function visitorsFigure(model: Model, store: string, { asOf, clock }: Moments, now: number): Figure {
  const value = model.visitorsNow(store, now);
  const at = clock.weekBefore(asOf);
  const then = model.visitorsLastWeek(store, at);
  return {
    ...unknownGauge(asOf),
    value,
    absent: value === null ? "no-data" : null,
    numerator: value ?? 0,
    compare: { value: then, change: change("relative", value, then), kind: "relative", evidence: "unknown", at },
  };
}

/** The gauge is known per store, not per dimension value. */
const unknownGauge = (asOf: number): Figure => ({
  value: null,
  absent: "no-data",
  numerator: 0,
  denominator: null,
  interval: null,
  compare: null,
  from: asOf,
  to: asOf,
  revised: null,
});

function visitorsSeries(
  model: Model,
  store: string,
  { minutes }: SeriesShape,
  { asOf, clock }: Moments,
  points = minutes,
): Series {
  const start = minutesUpTo(asOf, Math.min(minutes, points));
  return {
    start,
    now: start.map((at) => model.visitorsAt(store, at)),
    ghost: start.map((at) => model.visitorsLastWeek(store, clock.weekBefore(at))),
    settledUntil: null,
    revised: NOTHING_REVISED,
  };
}
