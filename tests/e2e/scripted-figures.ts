// Figures for the scripted gateway: one shop on a Tuesday at 14:05, and ways to change it. They add up and never vary.
import {
  NEWEST_REVISED,
  TILES,
  type Comparison,
  type Figure,
  type Freshness,
  type Revised,
  type Series,
  type StoreInfo,
  type TileId,
  type WallState,
} from "../../gateway/contract/wall.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;

export const UK: StoreInfo = { id: "uk", name: "UK shop", timeZone: "Europe/London", currency: "GBP" };

/** Between 0 and 1, the same for the same step: a slow wave and a faster one. */
const wave = (step: number, phase: number): number =>
  0.5 + 0.32 * Math.sin(step / 9 + phase) + 0.18 * Math.sin(step / 2.3 + 2 * phase);

/** A line of a tile: `low` to `high`, last week 5 % lower. */
function line(id: TileId, low: number, high: number, now: number): Series | null {
  const shape = TILES[id].series;
  if (shape === null) return null;
  const last = Math.floor(now / MINUTE) * MINUTE;
  const start = Array.from({ length: shape.minutes }, (_, index) => last - (shape.minutes - 1 - index) * MINUTE);
  const sum = shape.rolling === 0;
  const phase = id.length;
  const at = (index: number, by: number): number =>
    sum ? low + (high - low) * (Math.floor(index / 9) / 7) : low + (high - low) * wave(index, phase + by);
  const settles = shape.minutes === 180;
  return {
    start,
    now: start.map((_, index) => at(index, 0)),
    ghost: start.map((_, index) => at(index, 2) * 0.95),
    settledUntil: settles ? last - 59 * MINUTE : null,
    revised: { start: [], records: [], sales: [] },
  };
}

interface Shown {
  readonly value: number;
  readonly numerator: number;
  readonly denominator: number | null;
  readonly interval?: readonly [number, number];
  readonly change: number;
  readonly evidence: Comparison["evidence"];
  readonly line: readonly [low: number, high: number];
}

/** In ten-thousandths. */
export const pounds = (amount: number): number => Math.round(amount * 10_000);

const SHOWN: Record<TileId, Shown> = {
  revenue_today: {
    value: pounds(41_386),
    numerator: pounds(41_386),
    denominator: null,
    change: 0.064,
    evidence: "outside",
    line: [0, 0],
  },
  orders_per_min: { value: 1.4, numerator: 21, denominator: null, change: 0.17, evidence: "outside", line: [0, 0] },
  conversion_live: {
    value: 0.0248,
    numerator: 84,
    denominator: 3387,
    interval: [0.0201, 0.0306],
    change: 0.0006,
    evidence: "within",
    line: [0, 0],
  },
  conversion: {
    value: 0.024,
    numerator: 571,
    denominator: 23_792,
    interval: [0.0221, 0.026],
    change: 0.0004,
    evidence: "within",
    line: [0.019, 0.03],
  },
  aov: {
    value: pounds(68.06),
    numerator: pounds(43_218.1),
    denominator: 635,
    change: 0.021,
    evidence: "within",
    line: [pounds(55), pounds(80)],
  },
  visitors_now: { value: 486, numerator: 486, denominator: null, change: 0.11, evidence: "outside", line: [420, 500] },
  carts_abandoned: {
    value: 0.714,
    numerator: 1494,
    denominator: 2092,
    interval: [0.694, 0.733],
    change: -0.012,
    evidence: "within",
    line: [0.68, 0.76],
  },
  payments_failed: {
    value: 0.116,
    numerator: 11,
    denominator: 95,
    interval: [0.066, 0.196],
    change: 0.055,
    evidence: "outside",
    line: [0.04, 0.12],
  },
  refunds_today: {
    value: pounds(1402),
    numerator: pounds(1402),
    denominator: null,
    change: 0.073,
    evidence: "unknown",
    line: [pounds(800), pounds(1402)],
  },
  revenue_60m: {
    value: pounds(5574),
    numerator: pounds(5574),
    denominator: null,
    change: 0.082,
    evidence: "outside",
    line: [pounds(320), pounds(780)],
  },
  conversion_60m: {
    value: 0.0248,
    numerator: 84,
    denominator: 3387,
    interval: [0.0201, 0.0306],
    change: 0.0006,
    evidence: "within",
    line: [0.017, 0.031],
  },
};

function figure(id: TileId, now: number): Figure {
  const { value, numerator, denominator, interval, change, evidence } = SHOWN[id];
  const to = Math.floor(now / MINUTE) * MINUTE;
  const kind = denominator !== null && value < 1 ? "points" : "relative";
  const then = kind === "points" ? value - change : value / (1 + change);
  return {
    value,
    absent: null,
    numerator,
    denominator,
    interval: interval ?? null,
    compare: { value: then, change, kind, evidence, at: to - WEEK },
    from: to - HOUR,
    to,
    revised: null,
  };
}

const IDS = Object.keys(TILES) as TileId[];

export const LIVE: Freshness = {
  state: "live",
  freshAt: 0,
  watermark: null,
  partitionsHeard: 8,
  partitions: 8,
  silentFor: 12_000,
};

/** The shop as it is on an ordinary afternoon. `freshAt` of 0 becomes the moment itself. */
export function ordinary(now: number, freshness: Freshness = LIVE): WallState {
  return {
    store: UK,
    build: "scripted",
    serverNow: now,
    asOf: now,
    freshness: { ...freshness, freshAt: freshness.freshAt === 0 ? now - 1000 : freshness.freshAt },
    tiles: Object.fromEntries(IDS.map((id) => [id, figure(id, now)])),
    lastOrder: { value: pounds(84.5), occurredAt: now - 12_000 },
    series: Object.fromEntries(
      IDS.flatMap((id) => {
        const made = line(id, ...SHOWN[id].line, now);
        return made === null ? [] : [[id, made]];
      }),
    ),
    sequence: 1,
  };
}

/** The same afternoon after late records: `minutes` of the past, so many minutes ago, were revised. */
export function corrected(now: number, minutes: readonly number[] = [70, 71, 94, 130, 131, 160, 172]): WallState {
  const state = ordinary(now);
  const last = Math.floor(now / MINUTE) * MINUTE;
  const ago = [...minutes].sort((a, b) => b - a);
  const revisions = ago.map((minute, index) => ({
    start: last - minute * MINUTE,
    records: 1 + (index % 3),
    sales: [pounds(-312), 0, pounds(84.5)][index % 3]!,
  }));
  const columns = (of: typeof revisions): Revised => ({
    start: of.map(({ start }) => start),
    records: of.map(({ records }) => records),
    sales: of.map(({ sales }) => sales),
  });
  const inWindow = {
    minutes: ago.length,
    sales: revisions.reduce((sum, { sales }) => sum + sales, 0),
    newest: columns(revisions.slice(-NEWEST_REVISED)),
  };
  const from = last - 180 * MINUTE;
  const tiles = IDS.map((id) => [id, { ...state.tiles[id]!, from, revised: inWindow }]);
  const lines = Object.entries(state.series).map(([id, series]) => [
    id,
    { ...series, revised: columns(revisions.filter(({ start }) => start >= series.start[0]!)) },
  ]);
  return { ...state, tiles: Object.fromEntries(tiles), series: Object.fromEntries(lines) };
}

/** Every figure is absent for one reason. */
export function absent(now: number, why: NonNullable<Figure["absent"]>): WallState {
  const state = ordinary(now);
  const few = { value: null, absent: why, interval: null, compare: null, numerator: 3 } as const;
  const denominator = why === "n-too-small" ? 71 : 0;
  return {
    ...state,
    tiles: Object.fromEntries(
      IDS.map((id) => {
        const was = state.tiles[id]!;
        return [id, was.denominator === null ? was : { ...was, ...few, denominator }];
      }),
    ),
  };
}

/** Sums a thousand times larger and below zero, changes beyond all bounds. */
export function enormous(now: number): WallState {
  const state = ordinary(now);
  const store: StoreInfo = { ...UK, name: "The Great Northern Trading Company of Newcastle" };
  const figures = IDS.map((id): [TileId, Figure] => {
    const was = state.tiles[id]!;
    if (was.value === null || was.value < 1) return [id, { ...was, value: 1, interval: [0.9512, 1] }];
    const value = id === "refunds_today" ? pounds(1_234_567) : id === "orders_per_min" ? 98_765.4 : pounds(-1_234_567);
    return [
      id,
      { ...was, value: id === "visitors_now" ? 12_345_678 : value, compare: { ...was.compare!, change: 55 } },
    ];
  });
  return {
    ...state,
    store,
    tiles: Object.fromEntries(figures),
    lastOrder: { value: pounds(123_456.78), occurredAt: now - 50 * HOUR },
  };
}

/** Before the first order of a day: nothing is wrong, and nothing was sold. */
export function empty(now: number): WallState {
  const state = ordinary(now);
  const zero = { value: 0, absent: null, numerator: 0, denominator: null, interval: null, compare: null } as const;
  const figures = IDS.map((id): [TileId, Figure] => {
    const was = state.tiles[id]!;
    const none = { ...was, ...zero, value: null, absent: "no-orders" } as const;
    if (id === "aov") return [id, { ...none, denominator: 0 }];
    return [id, was.denominator === null ? { ...was, ...zero } : { ...none, absent: "n-too-small", denominator: 0 }];
  });
  const flat = Object.entries(state.series).map(([id, series]) => [
    id,
    { ...series, now: series.now.map(() => 0), ghost: series.ghost.map(() => null) },
  ]);
  return { ...state, tiles: Object.fromEntries(figures), series: Object.fromEntries(flat) };
}
