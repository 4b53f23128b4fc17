import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEWEST_REVISED } from "../contract/wall.ts";
import type { PaneRow } from "../../stream/contract/flush.ts";
import { M, MEASURES } from "../../stream/contract/measures.ts";
import { MINUTE_MS } from "./minute-line.ts";
import { PaneBook, type Origin } from "./pane-book.ts";
import { NOTHING_REVISED, revisedIn, revisedOver } from "./revised.ts";

interface Sent {
  readonly origin: Origin;
  readonly row: PaneRow;
}

/** Most panes are never revised; one that was may be a pane that was not, by a row with a higher `upto`. */
function rowOf(minute: number, upto: number, revisions: number, sales: number): PaneRow {
  const measures: number[] = MEASURES.map((_, index) => (index === M.orders ? 1 : 0));
  measures[M.revisions] = revisions;
  measures[M.revised_sales] = revisions === 0 ? 0 : sales;
  const key = { store: "shop", width: 60, dimension: "total", value: "all", start: minute * 60, upto } as const;
  return { ...key, measures, sketchIndex: [], sketchCount: [] };
}

const sent: fc.Arbitrary<Sent> = fc
  .record({
    partition: fc.integer({ min: 0, max: 2 }),
    minute: fc.integer({ min: 100, max: 112 }),
    upto: fc.integer({ min: 0, max: 4 }),
    revisions: fc.constantFrom(0, 0, 1, 2),
    sales: fc.integer({ min: -3, max: 3 }),
  })
  .map(({ partition, minute, upto, revisions, sales }) => ({
    origin: { source: "live", partition, generation: 0 },
    row: rowOf(minute, upto, revisions, sales),
  }));

/** Slow and obvious: the best row of every key, added up by minute. */
function oracle(all: readonly Sent[], from: number, to: number): { start: number; records: number; sales: number }[] {
  const best = new Map<string, PaneRow>();
  for (const { origin, row } of all) {
    const key = `${origin.partition} ${row.start}`;
    if (row.upto >= (best.get(key)?.upto ?? -1)) best.set(key, row);
  }
  const minutes = Array.from({ length: to - from }, (_, index) => from + index);
  return minutes.flatMap((minute) => {
    const rows = [...best.values()].filter(({ start }) => start === minute * 60);
    const sum = (measure: number): number => rows.reduce((total, { measures }) => total + measures[measure]!, 0);
    const records = sum(M.revisions);
    return records === 0 ? [] : [{ start: minute * MINUTE_MS, records, sales: sum(M.revised_sales) }];
  });
}

describe("revised minutes", () => {
  test("are what the panes say, whatever rows came in whatever order, and however much was forgotten", () => {
    const forgotten = fc.option(fc.integer({ min: 99, max: 108 }), { nil: null });
    const window = fc.tuple(fc.integer({ min: 98, max: 114 }), fc.integer({ min: 0, max: 16 }));
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 60 }), forgotten, window, (all, before, [from, length]) => {
        const book = new PaneBook();
        for (const { origin, row } of all) book.apply(origin, [row], "replaces");
        if (before !== null) book.forget(before);
        const to = from + length;
        const expected = oracle(all, from, to).filter(({ start }) => start >= (before ?? 0) * MINUTE_MS);
        const line = book.line("shop", "total", "all");
        const { start, records, sales } = revisedIn(line, from, to);
        expect(start.map((at, i) => ({ start: at, records: records[i], sales: sales[i] }))).toEqual(expected);
        const short = revisedOver(line, from, to);
        expect(short === null).toBe(expected.length === 0);
        if (short === null) return;
        expect(short.minutes).toBe(expected.length);
        expect(short.sales).toBe(expected.reduce((sum, minute) => sum + minute.sales, 0));
        expect(short.newest.start).toEqual(start.slice(-NEWEST_REVISED));
        expect(short.newest.sales).toEqual(sales.slice(-NEWEST_REVISED));
      }),
      { numRuns: 400 },
    );
  });

  test("are none where nothing was revised", () => {
    const book = new PaneBook();
    book.apply({ source: "live", partition: 0, generation: 0 }, [rowOf(100, 1, 0, 0)], "replaces");
    const line = book.line("shop", "total", "all");
    expect(revisedIn(line, 90, 110)).toEqual(NOTHING_REVISED);
    expect(revisedOver(line, 90, 110)).toBeNull();
  });
});
