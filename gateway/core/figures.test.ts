import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TILES, type TileDefinition } from "../contract/wall.ts";
import type { KpiId } from "../../stream/contract/kpis.ts";
import { M, type Measures } from "../../stream/contract/measures.ts";
import { bucketOf } from "../../stream/contract/quantile-sketch.ts";
import { figure, type History } from "./figures.ts";
import type { Known } from "./known.ts";
import { MINUTE_MS, MinuteLine, minuteOf } from "./minute-line.ts";
import { series } from "./series.ts";
import { StoreClock } from "./store-clock.ts";
import { sumOf } from "./sum.ts";
import { settledUntil, spanOf, weekBefore, type Moments } from "./windows.ts";

const NOW = Date.parse("2026-11-17T14:05:30Z");
const clock = new StoreClock("Europe/London");
const moments: Moments = { asOf: NOW, watermark: NOW - 10_000, clock };
const WEEK = 7 * 24 * 60 * MINUTE_MS;
const always: Known = { completeFrom: -Infinity, completeTo: Infinity, firstData: 0 };

type Tile = TileDefinition & { readonly kpi: KpiId };
const tile = (kpi: KpiId, window: Tile["window"], perMinute = false): Tile => ({
  kpi,
  window,
  perMinute,
  series: null,
});

/** Minutes as [ms, measures]; order values for the sketch are optional. */
function history(
  minutes: readonly (readonly [number, Partial<Measures>, (readonly number[])?])[],
  known = always,
): History {
  const line = new MinuteLine();
  for (const [at, measures, orders = []] of minutes) {
    const dense: number[] = Object.values(M).map(() => 0);
    for (const [name, amount] of Object.entries(measures)) dense[M[name as keyof Measures]] = amount;
    line.add(
      minuteOf(at),
      sumOf(
        dense,
        orders.map(bucketOf),
        orders.map(() => 1),
      ),
    );
  }
  return { line, known };
}
const nothing = history([]);

/** The same minutes a week earlier. */
const week = (minutes: Parameters<typeof history>[0]): History =>
  history(minutes.map(([at, ...rest]) => [at - WEEK, ...rest]));

describe("why there is no figure", () => {
  test.each([
    ["fewer than 100 sessions: the counts, no rate", { sessions: 99, orders: 3 }, "orders_per_session", "n-too-small"],
    ["no session and no order either", {}, "orders_per_session", "n-too-small"],
    ["orders, but no session data", { orders: 3 }, "orders_per_session", "no-sessions"],
    ["fewer than 100 attempts", { orders: 90, payment_failures: 9 }, "payment_failure_rate", "n-too-small"],
    ["no order to divide by", { sessions: 500 }, "aov", "no-orders"],
    ["100 sessions are enough", { sessions: 100, orders: 3 }, "orders_per_session", null],
  ] as const)("%s", (_, measures, kpi, absent) => {
    const shown = figure(tile(kpi, "60m"), history([[NOW, measures]]), nothing, moments);
    expect(shown.absent).toBe(absent);
    expect(shown.value === null).toBe(absent !== null);
  });

  test("n too small comes with its counts", () => {
    const shown = figure(
      tile("orders_per_session", "60m"),
      history([[NOW, { sessions: 95, orders: 11 }]]),
      nothing,
      moments,
    );
    expect([shown.numerator, shown.denominator]).toEqual([11, 95]);
  });

  test("a valid zero is a figure; a window that is not wholly known is not", () => {
    expect(figure(tile("orders", "60m"), nothing, nothing, moments).value).toBe(0);
    const since = (completeFrom: number): History => history([[NOW, { orders: 1 }]], { ...always, completeFrom });
    expect(figure(tile("orders", "15m"), since(NOW - 20 * MINUTE_MS), nothing, moments).value).toBe(1);
    expect(figure(tile("orders", "60m"), since(NOW - 20 * MINUTE_MS), nothing, moments).absent).toBe("no-data");
    const unseen = history([], { ...always, firstData: null });
    expect(figure(tile("orders", "60m"), unseen, nothing, moments).absent).toBe("no-data");
  });
});

describe("windows", () => {
  test("15 minutes are the open one and the 14 before; a rate per minute divides by what has elapsed", () => {
    const minutes = [0, 1, 14, 15].map((ago) => [NOW - ago * MINUTE_MS, { orders: 29 }] as const);
    const shown = figure(tile("orders", "15m", true), history(minutes), nothing, moments);
    expect(shown.numerator).toBe(87);
    expect(shown.value).toBeCloseTo(87 / 14.5, 10);
    expect(new Date(shown.from).toISOString()).toBe("2026-11-17T13:51:00.000Z");
  });

  test("today starts at the store's midnight, and ends an hour ago for what settles", () => {
    const span = spanOf("today-settled", moments);
    expect(new Date(span.from).toISOString()).toBe("2026-11-17T00:00:00.000Z");
    expect(new Date(span.to).toISOString()).toBe("2026-11-17T13:05:00.000Z");
  });

  test("before one in the morning nothing of today has settled", () => {
    const night = { ...moments, asOf: Date.parse("2026-11-17T00:30:00Z"), watermark: null };
    const { from, to } = spanOf("today-settled", night);
    expect(to).toBe(from);
  });

  test("a watermark that lags holds back what has settled", () => {
    expect(settledUntil({ ...moments, watermark: NOW - 30 * MINUTE_MS })).toBe(Date.parse("2026-11-17T12:35:00Z"));
  });

  test("the day after a clock change is compared with the same local hours", () => {
    const noon = Date.parse("2026-10-26T12:00:00Z");
    const { from, to } = weekBefore(spanOf("today", { ...moments, asOf: noon }), clock);
    expect(new Date(from).toISOString()).toBe("2026-10-18T23:00:00.000Z");
    expect(new Date(to).toISOString()).toBe("2026-10-19T11:00:00.000Z");
  });

  test("any window is the plain sum of its minutes", () => {
    const minute = fc.record({ ago: fc.integer({ min: 0, max: 1600 }), orders: fc.integer({ min: 0, max: 1000 }) });
    fc.assert(
      fc.property(fc.array(minute), fc.constantFrom("1m", "5m", "15m", "60m", "24h", "today"), (minutes, window) => {
        const { from } = spanOf(window, moments);
        const slow = minutes
          .filter(({ ago }) => NOW - ago * MINUTE_MS >= from)
          .reduce((sum, { orders }) => sum + orders, 0);
        const all = history(minutes.map(({ ago, orders }) => [NOW - ago * MINUTE_MS, { orders }]));
        expect(figure(tile("orders", window), all, nothing, moments).value).toBe(slow);
      }),
    );
  });
});

/** 200 orders of this mean, each 100,000 away from it. */
const orders = (mean: number): [Partial<Measures>, number[]] => {
  const values = Array.from({ length: 200 }, (_, i) => mean + (i % 2 === 0 ? 1 : -1) * 100_000);
  return [{ orders: 200, gross: 200 * mean }, values];
};

describe("comparisons", () => {
  test("same elapsed time: of the minute that is still open, the share that has passed", () => {
    const past = week([
      [NOW - 5 * MINUTE_MS, { gross: 1000 }],
      [NOW, { gross: 600 }],
      [NOW + MINUTE_MS, { gross: 9999 }],
    ]);
    const { compare } = figure(TILES.revenue_today, history([[NOW, { gross: 1560 }]]), past, moments);
    expect(compare).toMatchObject({ value: 1300, kind: "relative", evidence: "unknown", at: NOW - WEEK });
    expect(compare!.change).toBeCloseTo(0.2, 10);
  });

  test("a rate changes in points, and is outside when the two-proportion test says so", () => {
    const of = (sessions: number, orders: number) => history([[NOW - MINUTE_MS, { sessions, orders }]]);
    const then = week([[NOW - MINUTE_MS, { sessions: 10_551, orders: 1470 }]]);
    const clear = figure(tile("orders_per_session", "60m"), of(1694, 422), then, moments);
    expect(clear.compare).toMatchObject({ kind: "points", evidence: "outside" });
    expect(clear.compare!.change).toBeCloseTo(422 / 1694 - 1470 / 10_551, 10);
    const noise = figure(tile("orders_per_session", "60m"), of(1694, 240), then, moments);
    expect(noise.compare!.evidence).toBe("within");
  });

  test("settled conversion compares the same elapsed time on both sides", () => {
    const now = history([
      [NOW - 61 * MINUTE_MS, { sessions: 1000, converted: 30 }],
      [NOW, { sessions: 5000, converted: 1 }],
    ]);
    const then = week([
      [NOW - 61 * MINUTE_MS, { sessions: 900, converted: 45 }],
      [NOW, { sessions: 7000 }],
    ]);
    const shown = figure(TILES.conversion, now, then, moments);
    expect(shown.value).toBe(0.03);
    expect(shown.compare).toMatchObject({ value: 0.05, at: Date.parse("2026-11-10T13:05:00Z") });
  });

  test("order value has an interval from the spread of the sketch, and differs only beyond it", () => {
    const shown = figure(
      TILES.aov,
      history([[NOW, ...orders(500_000)]]),
      week([[NOW - MINUTE_MS, ...orders(505_000)]]),
      moments,
    );
    expect(shown.value).toBe(500_000);
    const half = (1.96 * 100_000) / Math.sqrt(200);
    expect(shown.interval![0] / (500_000 - half)).toBeCloseTo(1, 2);
    expect(shown.interval![1] / (500_000 + half)).toBeCloseTo(1, 2);
    expect(shown.compare!.evidence).toBe("within");
    const far = figure(
      TILES.aov,
      history([[NOW, ...orders(500_000)]]),
      week([[NOW - MINUTE_MS, ...orders(600_000)]]),
      moments,
    );
    expect(far.compare!.evidence).toBe("outside");
  });

  test("an unknown past is null, not zero; there is no relative change from nothing", () => {
    const now = history([[NOW, { orders: 5 }]]);
    const unknown = history([], { ...always, completeFrom: Infinity });
    expect(figure(tile("orders", "60m"), now, unknown, moments).compare).toMatchObject({ value: null, change: null });
    expect(figure(tile("orders", "60m"), now, nothing, moments).compare).toMatchObject({ value: 0, change: null });
  });
});

const at = (time: string): number => Date.parse(`2026-11-${time}Z`);

describe("lines", () => {
  const shape = { minutes: 60, rolling: 5 };

  test("a point a minute, the open one last; a point sums the minutes up to and with its own", () => {
    const line = series("orders", shape, history([[NOW - 3 * MINUTE_MS, { orders: 7 }]]), nothing, moments);
    expect(line.start).toHaveLength(60);
    expect(new Date(line.start.at(-1)!).toISOString()).toBe("2026-11-17T14:05:00.000Z");
    expect(line.now.slice(-8)).toEqual([0, 0, 0, 0, 7, 7, 7, 7]);
    expect(line.settledUntil).toBeNull();
  });

  test("cumulative lines start again at the store's midnight", () => {
    const refunds = history([
      [at("16T23:58:00"), { refund_goods: 5 }],
      [at("17T00:01:00"), { refund_goods: 3 }],
    ]);
    const line = series("refunds", { minutes: 6, rolling: 0 }, refunds, nothing, {
      ...moments,
      asOf: at("17T00:02:10"),
    });
    expect(line.now).toEqual([0, 5, 5, 0, 3, 3]);
  });

  test("nothing to divide by, and minutes before the first data, are gaps", () => {
    const known = { ...always, firstData: NOW - 2.5 * MINUTE_MS };
    const orders = series(
      "orders",
      { minutes: 5, rolling: 1 },
      history([[NOW, { orders: 1 }]], known),
      nothing,
      moments,
    );
    expect(orders.now).toEqual([null, null, 0, 0, 1]);
    const rate = series(
      "orders_per_session",
      { minutes: 3, rolling: 1 },
      history([[NOW, { orders: 1, sessions: 4 }]]),
      nothing,
      moments,
    );
    expect(rate.now).toEqual([null, null, 0.25]);
  });

  test("the ghost is the same local minutes a week ago; what settles says until where it has", () => {
    const past = history([[NOW - WEEK, { sessions: 4, converted: 1 }]]);
    const line = series("conversion_rate", { minutes: 180, rolling: 1 }, nothing, past, moments);
    expect(line.ghost.at(-1)).toBe(0.25);
    expect(line.ghost.at(-2)).toBeNull();
    expect(line.settledUntil).toBe(Date.parse("2026-11-17T13:05:00Z"));
  });
});
