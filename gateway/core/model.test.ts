import { describe, expect, test } from "vitest";
import { noCounters } from "../../stream/contract/accounting.ts";
import type { Flush, PaneRow } from "../../stream/contract/flush.ts";
import { M, MEASURES, type Measures } from "../../stream/contract/measures.ts";
import { TILES, type Subscription, type TileId } from "../contract/wall.ts";
import { Model } from "./model.ts";
import { wallState } from "./wall.ts";

const NOW = Date.parse("2026-11-17T14:05:30Z");
const MINUTE = 60_000;
const STORES = [
  { id: "shop", name: "Shop", timeZone: "Europe/London", currency: "GBP" },
  { id: "other", name: "Other", timeZone: "America/New_York", currency: "USD" },
];
const ALL_TILES = Object.keys(TILES) as TileId[];
const whole: Subscription = { store: "shop", dimension: "total", value: "all", tiles: ALL_TILES };
const snapshot = { build: "b", sequence: 0, points: null };

const pane = (at: number, measures: Partial<Measures>, over: Partial<PaneRow> = {}): PaneRow => {
  const dense: number[] = MEASURES.map(() => 0);
  for (const [name, amount] of Object.entries(measures)) dense[M[name as keyof Measures]] = amount;
  const start = Math.floor(at / MINUTE) * 60;
  const row = { store: "shop", width: 60, dimension: "total", value: "all", start, upto: 1, measures: dense } as const;
  return { ...row, sketchIndex: [], sketchCount: [], ...over };
};
const flush = (partition: number, panes: readonly PaneRow[], over: Partial<Flush> = {}): Flush => ({
  source: "live",
  partition,
  generation: 0,
  worker: "w",
  publishedAt: NOW,
  position: 10,
  logEnd: 10,
  lastAppendTime: NOW,
  watermark: NOW - 10_000,
  storageUp: true,
  storedPosition: 10,
  consumed: 0,
  parked: 0,
  counters: noCounters(),
  late: 0,
  visitors: [],
  lastOrders: [],
  panes,
  ...over,
});
const modelWith = (...flushes: readonly Flush[]): Model => {
  const model = new Model(STORES, "live", NOW);
  model.completeSince(-Infinity);
  for (const one of flushes) model.applyFlush(one);
  return model;
};

const visitors = (sessions: number) => [{ store: "shop", sessions }];

const order = (occurredAt: number, value: number, store = "shop") => ({ store, occurredAt, value });

describe("a wall", () => {
  test("adds up the partitions, whatever the order in which they speak", () => {
    const flushes = [0, 1].map((partition) => flush(partition, [pane(NOW, { orders: 2, gross: 50_000 })]));
    for (const spoken of [flushes, [...flushes].toReversed(), [...flushes, ...flushes]]) {
      const { tiles } = wallState(modelWith(...spoken), whole, snapshot, NOW);
      expect(tiles.revenue_today).toMatchObject({ value: 100_000, absent: null });
    }
  });

  test("visitors are a gauge: the sum over partitions of their last word, and a line of past minutes", () => {
    const model = modelWith(flush(0, [], { visitors: visitors(3) }), flush(1, [], { visitors: visitors(4) }));
    model.tick(NOW);
    model.applyFlush(flush(1, [], { visitors: visitors(6), publishedAt: NOW + 1000 }));
    model.setVisitors("shop", new Map([[NOW / MINUTE - 1.5, 99]]), new Map([[(NOW - 30_000) / MINUTE - 7 * 1440, 5]]));
    const state = wallState(model, whole, snapshot, NOW + 1000);
    expect(state.tiles.visitors_now).toMatchObject({ value: 9, compare: { value: 5, evidence: "unknown" } });
    expect(state.tiles.visitors_now!.compare!.change).toBeCloseTo(0.8, 10);
    expect(state.series.visitors_now!.now.slice(-1)).toEqual([7]);
  });

  test("the last order is the newest of any partition, and of this store", () => {
    const model = modelWith(
      flush(0, [], { lastOrders: [order(NOW - 5000, 1), order(NOW, 3, "other")] }),
      flush(1, [], { lastOrders: [order(NOW - 9000, 2)] }),
    );
    expect(wallState(model, whole, snapshot, NOW).lastOrder).toEqual({ value: 1, occurredAt: NOW - 5000 });
  });

  test("a store without events is told from a pipeline that is down", () => {
    const model = modelWith(flush(0, [pane(NOW - 20 * MINUTE, { sessions: 1 })]));
    expect(model.freshness("shop", NOW)).toMatchObject({ state: "live", silentFor: 20 * MINUTE + 30_000 });
    expect(model.freshness("other", NOW)).toMatchObject({ state: "live", silentFor: null });
    expect(model.freshness("shop", NOW + 6000).state).toBe("stale");
  });

  test("another dimension value has its own figures; the gauge is not known for it", () => {
    const email = { dimension: "channel", value: "email" } as const;
    const rows = [pane(NOW, { gross: 700 }, email), pane(NOW, { gross: 900 })];
    const state = wallState(modelWith(flush(0, rows)), { ...whole, ...email }, snapshot, NOW);
    expect(state.tiles.revenue_today!.value).toBe(700);
    expect(state.tiles.visitors_now!.absent).toBe("no-data");
  });

  test("a push carries the last points of what a snapshot has whole", () => {
    const model = modelWith(flush(0, [pane(NOW, { gross: 700 })]));
    const full = wallState(model, whole, snapshot, NOW).series.revenue_60m!;
    const part = wallState(model, whole, { ...snapshot, points: 5 }, NOW).series.revenue_60m!;
    expect(full.start).toHaveLength(60);
    expect(part).toEqual({
      ...full,
      start: full.start.slice(-5),
      now: full.now.slice(-5),
      ghost: full.ghost.slice(-5),
    });
  });
});

describe("a revision", () => {
  const before = NOW - 100 * MINUTE;
  const at = Math.floor(before / MINUTE) * MINUTE;
  const model = modelWith(flush(0, [pane(before, { gross: 845_000, orders: 1 }), pane(NOW, { gross: 700 })]));
  const push = () => wallState(model, whole, { ...snapshot, points: 5 }, NOW);
  const changes = model.changes(whole);
  const first = push();
  const revision = { gross: 845_000, orders: 1, refund_goods: 100_000, revisions: 2, revised_sales: -100_000 };
  model.applyFlush(flush(0, [pane(before, revision, { upto: 2 })]));
  const marked = { start: [at], records: [2], sales: [-100_000] };

  test("of an old minute makes a push, and the push marks it though it carries the last points only", () => {
    expect(first.series.conversion!.revised.start).toEqual([]);
    expect(model.changes(whole)).toBeGreaterThan(changes);
    const { start, revised } = push().series.conversion!;
    expect(start).toHaveLength(5);
    expect(revised).toEqual(marked);
  });

  test("marks its own minute and no line that does not reach so far", () => {
    const { series } = wallState(model, whole, snapshot, NOW);
    expect(series.conversion!.revised).toEqual(marked);
    for (const id of ["revenue_60m", "aov", "visitors_now"] as const) expect(series[id]!.revised.start, id).toEqual([]);
  });

  test("explains the figures whose window it lies in, and no others", () => {
    expect(first.tiles.revenue_today!.revised).toBeNull();
    const { tiles } = push();
    expect(tiles.revenue_today!.revised).toEqual({ minutes: 1, sales: -100_000, newest: marked });
    expect(tiles.conversion!.revised!.minutes).toBe(1);
    for (const id of ["revenue_60m", "orders_per_min", "visitors_now"] as const)
      expect(tiles[id]!.revised, id).toBeNull();
  });
});

describe("the model", () => {
  test("forgets what no window needs, and counts no change where nothing changed", () => {
    const key = { store: "shop", dimension: "total", value: "all" };
    const model = modelWith(flush(0, [pane(NOW - 30 * 60 * MINUTE, { orders: 1 }), pane(NOW, { orders: 1 })]));
    const before = model.changes(key);
    expect(model.rows).toBe(2);
    model.tick(NOW);
    expect(model.rows).toBe(1);
    expect(model.changes(key)).toBe(before);
    model.applyFlush(flush(0, [pane(NOW, { orders: 2 }, { upto: 2 })]));
    expect(model.changes(key)).toBeGreaterThan(before);
  });

  test("rows from storage and from the topic may overlap", () => {
    const row = pane(NOW, { orders: 2 });
    const model = modelWith(flush(0, [row]));
    model.applyStored({ source: "live", partition: 0, generation: 0 }, [row]);
    model.applyStored({ source: "live", partition: 1, generation: 0 }, [row]);
    expect(
      model.history({ store: "shop", dimension: "total", value: "all" }).line.minute(Math.floor(NOW / MINUTE))!
        .measures[M.orders],
    ).toBe(4);
  });

  test("until it knows that nothing is missing, it shows no sum of today", () => {
    const model = new Model(STORES, "live", NOW);
    model.applyFlush(flush(0, [pane(NOW, { orders: 2 })]));
    const today = () => wallState(model, whole, snapshot, NOW).tiles.revenue_today!.absent;
    expect(today()).toBe("no-data");
    model.completeSince(NOW - 120 * MINUTE);
    expect(today()).toBe("no-data");
    model.completeSince(NOW - 24 * 60 * MINUTE);
    expect(today()).toBeNull();
  });
});
