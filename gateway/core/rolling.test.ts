import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Window } from "../contract/wall.ts";
import type { PaneRow } from "../../stream/contract/flush.ts";
import { MEASURES } from "../../stream/contract/measures.ts";
import { MINUTE_MS, MinuteLine, minuteOf } from "./minute-line.ts";
import { PaneBook, type Origin } from "./pane-book.ts";
import { Rolling } from "./rolling.ts";
import { LONGEST_WINDOW_MS, StoreClock } from "./store-clock.ts";
import { Sum, sumOf, type ReadonlySum } from "./sum.ts";
import { spanOf } from "./windows.ts";

const HOUR_MS = 60 * MINUTE_MS;
const plain = ({ measures, sketch }: ReadonlySum) => ({
  measures: [...measures],
  sketch: [...sketch].sort(([a], [b]) => a - b),
});
const orders = (bucket: number, count: number): Sum => sumOf([1], [bucket], [count]);

/** A window over minutes that each hold one order, and the minutes that it has read. */
function watched(): { window: Rolling<Sum>; read: () => number[] } {
  const read: number[] = [];
  const minuteOf = (minute: number): Sum => {
    read.push(minute);
    return orders(minute, 1);
  };
  const window = new Rolling(minuteOf, () => new Sum());
  return { window, read: () => read.splice(0) };
}

describe("a window that moves", () => {
  test.each([
    // from, to; the minutes that are looked at when it stood at [10, 20)
    ["a minute on", 11, 21, [20, 10]],
    ["nowhere", 10, 20, []],
    ["a minute back", 9, 19, [19, 9]],
    ["its end only", 10, 22, [20, 21]],
    ["its start only", 13, 20, [10, 11, 12]],
    ["past its own end: it begins anew", 25, 27, [25, 26]],
    ["to nothing", 15, 15, [19, 18, 17, 16, 15, 10, 11, 12, 13, 14]],
  ] as const)("%s costs the minutes that enter and leave", (_, from, to, read) => {
    const { window, read: reads } = watched();
    window.over(10, 20);
    reads();
    expect(window.over(from, to).measures[0]).toBe(to - from);
    expect(reads()).toEqual(read);
  });

  test("forgets a bucket of the sketch with the last order in it", () => {
    const line = new MinuteLine();
    line.add(1, orders(700, 2));
    line.add(2, orders(700, 1));
    expect(line.over("any", 1, 3).sketch).toEqual(new Map([[700, 3]]));
    expect(line.over("any", 2, 3).sketch).toEqual(new Map([[700, 1]]));
    line.add(2, orders(700, -1));
    expect(line.over("any", 2, 3).sketch).toEqual(new Map());
  });

  test("lets go of minutes that the line forgets", () => {
    const line = new MinuteLine();
    for (const minute of [1, 2, 3]) line.add(minute, orders(minute, 1));
    line.over("any", 1, 4);
    line.forget(3);
    expect(plain(line.over("any", 1, 4))).toEqual(plain(orders(3, 1)));
  });
});

describe("today", () => {
  test.each([
    ["Europe/London", "2026-03-29", 23],
    ["Europe/London", "2026-10-25", 25],
    ["America/New_York", "2026-03-08", 23],
    ["America/New_York", "2026-11-01", 25],
    ["America/New_York", "2026-03-29", 24],
  ])("in %s on %s has grown to %i hours when it ends, minute by minute", (zone, date, hours) => {
    const clock = new StoreClock(zone);
    const line = new MinuteLine();
    const midnight = clock.midnight(Date.parse(`${date}T12:00:00Z`));
    const seen: number[] = [];
    for (let at = midnight - HOUR_MS; at <= midnight + hours * HOUR_MS; at += MINUTE_MS) {
      line.add(minuteOf(at), orders(700, 1));
      const { from, to } = spanOf("today", { asOf: at + 1, watermark: null, clock });
      seen.push(line.over("today", minuteOf(from), minuteOf(to) + 1).measures[0]!);
    }
    expect(seen.slice(60)).toEqual([...Array.from({ length: hours * 60 }, (_, i) => i + 1), 1]);
  });
});

/** A store's life: panes that come in any order, and ticks of any size; time also goes back a little. */
type Step =
  | { readonly is: "pane"; readonly origin: Origin; readonly ago: number; readonly upto: number; readonly salt: number }
  | { readonly is: "tick"; readonly ms: number };

const pane: fc.Arbitrary<Step> = fc.record({
  is: fc.constant("pane" as const),
  origin: fc.record({
    source: fc.constantFrom("live", "old"),
    partition: fc.integer({ min: 0, max: 1 }),
    generation: fc.constant(0),
  }),
  // mostly the last minutes and those where windows end, so that rows meet; at times anywhere in the last 27 hours
  ago: fc.oneof(
    fc.integer({ min: -1, max: 1 }),
    fc.constantFrom(4, 5, 14, 15, 59, 60, 61, 120, 1439, 1440),
    fc.integer({ min: 0, max: 27 * 60 }),
  ),
  upto: fc.integer({ min: 0, max: 4 }),
  salt: fc.integer({ min: 0, max: 3 }),
});
const tick: fc.Arbitrary<Step> = fc.record({
  is: fc.constant("tick" as const),
  ms: fc.oneof(
    fc.integer({ min: 0, max: 2 * MINUTE_MS }),
    fc.constantFrom(MINUTE_MS, HOUR_MS, -MINUTE_MS, -5 * MINUTE_MS),
    fc.integer({ min: 0, max: 2 * HOUR_MS }),
    fc.constantFrom(23 * HOUR_MS, 24 * HOUR_MS, 25 * HOUR_MS, 60 * HOUR_MS),
  ),
});
const steps = fc.array(fc.oneof({ weight: 3, arbitrary: pane }, { weight: 2, arbitrary: tick }), {
  maxLength: 80,
  size: "max",
});

/** Days that have 23 or 25 hours in one of the two zones, and one that has 24 in both. */
const days = fc.constantFrom("2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01", "2026-06-10");
const start = fc
  .record({ day: days, ms: fc.integer({ min: -6 * HOUR_MS, max: 30 * HOUR_MS }) })
  .map(({ day, ms }) => Date.parse(`${day}T00:00:00Z`) + ms);

const rowOf = (minute: number, upto: number, salt: number): PaneRow => ({
  store: "shop",
  width: 60,
  dimension: "total",
  value: "all",
  start: minute * 60,
  upto,
  measures: MEASURES.map((_, i) => (i * 31 + upto * 17 + salt * 7 + minute) % 50),
  sketchIndex: [700 + salt, 710 + upto],
  sketchCount: [1 + (upto % 3), salt],
});

const PANES: Readonly<Record<string, number>> = { "1m": 1, "5m": 5, "15m": 15, "60m": 60, "24h": 1440 };
const WINDOWS = [...Object.keys(PANES), "today", "today-settled"] as Window[];

/** Slow and obvious: which panes belong to a window, judged one by one from its definition. Days are told by their date. */
function belongs(window: Window, start: number, asOf: number, watermark: number, dateOf: (ms: number) => string) {
  if (start >= asOf) return false;
  const panes = PANES[window];
  if (panes !== undefined) return minuteOf(start) > minuteOf(asOf) - panes;
  const settled = start + MINUTE_MS <= Math.min(asOf, watermark) - 60 * MINUTE_MS;
  return dateOf(start) === dateOf(asOf) && (window === "today" || settled);
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();
const DATES = new Map<string, string>();
function localDate(timeZone: string, ms: number): string {
  const key = `${timeZone} ${minuteOf(ms)}`;
  const format = FORMATS.get(timeZone) ?? new Intl.DateTimeFormat("en-CA", { timeZone });
  FORMATS.set(timeZone, format);
  const date = DATES.get(key) ?? format.format(ms);
  DATES.set(key, date);
  return date;
}

test.each(["Europe/London", "America/New_York"])(
  "after any panes and ticks every window equals a recomputation from all panes, in %s",
  (zone) => {
    fc.assert(
      fc.property(start, fc.integer({ min: 0, max: 20 * MINUTE_MS }), steps, (begun, lag, life) => {
        const clock = new StoreClock(zone);
        const book = new PaneBook();
        const all = new Map<string, { readonly row: PaneRow }>();
        let asOf = begun;
        let horizon = -Infinity;
        for (const step of life) {
          if (step.is === "pane") {
            const row = rowOf(minuteOf(asOf) - step.ago, step.upto, step.salt);
            book.apply(step.origin, [row], "replaces");
            const key = JSON.stringify([step.origin, row.start]);
            if (row.start >= horizon * 60 && row.upto >= (all.get(key)?.row.upto ?? -1)) all.set(key, { row });
          } else {
            asOf += step.ms;
            horizon = Math.max(horizon, minuteOf(asOf - LONGEST_WINDOW_MS));
            book.forget(horizon);
            for (const [key, { row }] of all) if (row.start < horizon * 60) all.delete(key);
          }
          const watermark = asOf - lag;
          const line = book.line("shop", "total", "all");
          for (const window of WINDOWS) {
            const { from, to } = spanOf(window, { asOf, watermark, clock });
            const slow = new Sum();
            for (const { row } of all.values())
              if (belongs(window, row.start * 1000, asOf, watermark, (ms) => localDate(zone, ms)))
                slow.add(sumOf(row.measures, row.sketchIndex, row.sketchCount));
            const minutes = [minuteOf(from), Math.ceil(to / MINUTE_MS)] as const;
            const when = `${window} at ${new Date(asOf).toISOString()}`;
            expect(plain(line.over(window, ...minutes)), when).toEqual(plain(slow));
            expect(line.pointOver(PANES[window] ?? 0, ...minutes).measures, when).toEqual(slow.measures);
          }
        }
      }),
      { numRuns: 120 },
    );
  },
);
