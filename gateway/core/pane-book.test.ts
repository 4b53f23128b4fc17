import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MEASURES } from "../../stream/contract/measures.ts";
import { bucketOf } from "../../stream/contract/quantile-sketch.ts";
import type { PaneRow } from "../../stream/contract/flush.ts";
import { PaneBook, type Origin } from "./pane-book.ts";
import { Sum, sumOf, type ReadonlySum } from "./sum.ts";

interface Sent {
  readonly origin: Origin;
  readonly row: PaneRow;
}

/** A row whose content is a function of its key and `upto`, as it is in the log. */
function rowOf(minute: number, value: string, upto: number, salt: number): PaneRow {
  return {
    store: "shop",
    width: 60,
    dimension: "channel",
    value,
    start: minute * 60,
    upto,
    measures: MEASURES.map((_, i) => (i * 31 + upto * 17 + salt * 7 + minute) % 50),
    sketchIndex: upto > 0 ? [bucketOf(10_000 * upto)] : [],
    sketchCount: upto > 0 ? [upto % 5] : [],
  };
}

const sent: fc.Arbitrary<Sent> = fc
  .record({
    partition: fc.integer({ min: 0, max: 2 }),
    source: fc.constantFrom("live", "old"),
    minute: fc.integer({ min: 100, max: 106 }),
    value: fc.constantFrom("email", "direct"),
    upto: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ partition, source, minute, value, upto }) => ({
    origin: { source, partition, generation: 0 },
    row: rowOf(minute, value, upto, partition + (source === "old" ? 10 : 0)),
  }));

const paneOf = ({ measures, sketchIndex, sketchCount }: PaneRow): Sum => sumOf(measures, sketchIndex, sketchCount);

/** Slow and obvious: the best row of every key, summed. */
function oracle(all: readonly Sent[], value: string, from: number, to: number): Sum {
  const best = new Map<string, Sent>();
  for (const one of all) {
    const key = JSON.stringify([one.origin, one.row.value, one.row.start]);
    const known = best.get(key);
    if (!known || one.row.upto >= known.row.upto) best.set(key, one);
  }
  const sum = new Sum();
  for (const { row } of best.values()) {
    if (row.value !== value || row.start < from * 60 || row.start >= to * 60) continue;
    sum.add(paneOf(row));
  }
  return sum;
}

function bookOf(all: readonly Sent[]): PaneBook {
  const book = new PaneBook();
  for (const { origin, row } of all) book.apply(origin, [row], "replaces");
  return book;
}

const over = (book: PaneBook, value: string, from: number, to: number): ReadonlySum =>
  book.line("shop", "channel", value).over("any", from, to);
const minute100 = (book: PaneBook): ReadonlySum => over(book, "email", 100, 101);

describe("the book of panes", () => {
  test("any order, repetition and overlap of records gives what a full recomputation gives", () => {
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 60 }), fc.infiniteStream(fc.nat()), (all, picks) => {
        const again = all.flatMap((one) => ((picks.next().value ?? 0) % 3 === 0 ? [one, one] : [one]));
        const ranked = again.map((one) => ({ one, rank: picks.next().value ?? 0 }));
        const shuffled = ranked.sort((a, b) => a.rank - b.rank).map(({ one }) => one);
        const book = bookOf(shuffled);
        for (const value of ["email", "direct"])
          for (const [from, to] of [
            [100, 107],
            [102, 104],
            [90, 103],
            [106, 200],
          ] as const)
            expect(over(book, value, from, to)).toEqual(oracle(all, value, from, to));
      }),
      { numRuns: 300 },
    );
  });

  test("windows asked for between changes stay right", () => {
    fc.assert(
      fc.property(fc.array(sent, { minLength: 1, maxLength: 30 }), (all) => {
        const book = new PaneBook();
        all.forEach(({ origin, row }, i) => {
          book.apply(origin, [row], "replaces");
          expect(over(book, "email", 101, 105)).toEqual(oracle(all.slice(0, i + 1), "email", 101, 105));
        });
      }),
    );
  });

  test("what was forgotten does not come back, and the rest is untouched", () => {
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 40 }), fc.integer({ min: 99, max: 108 }), (all, before) => {
        const book = bookOf(all);
        book.forget(before);
        for (const { origin, row } of all) book.apply(origin, [row], "replaces");
        expect(over(book, "email", 90, 200)).toEqual(oracle(all, "email", before, 200));
      }),
    );
  });

  test("on a tie the last record wins, but a row from storage yields", () => {
    const origin = { source: "live", partition: 0, generation: 0 };
    const [first, second] = [rowOf(100, "email", 5, 1), rowOf(100, "email", 5, 2)];
    const book = new PaneBook();
    book.apply(origin, [first], "replaces");
    book.apply(origin, [second], "replaces");
    expect(minute100(book)).toEqual(paneOf(second));
    book.apply(origin, [first], "yields");
    expect(minute100(book)).toEqual(paneOf(second));
  });

  test("only the generation that a day shows counts", () => {
    const row = rowOf(1440 * 100 + 5, "email", 3, 0);
    const nextDay = rowOf(1440 * 101 + 5, "email", 3, 0);
    const book = new PaneBook((source, day) => (source === "live" && day === 101 ? 1 : 0));
    for (const generation of [0, 1])
      book.apply({ source: "live", partition: 0, generation }, [row, nextDay], "replaces");
    expect(book.rows).toBe(2);
    expect(book.line("shop", "channel", "email").minute(1440 * 100 + 5)).toEqual(paneOf(row));
  });

  test("memory is flat over weeks", () => {
    const book = new PaneBook();
    const sizes: number[] = [];
    for (let minute = 0; minute < 3 * 7 * 1440; minute++) {
      book.apply(
        { source: "live", partition: minute % 2, generation: 0 },
        [rowOf(minute, "email", minute, 0)],
        "replaces",
      );
      if (minute % 60 === 0) book.forget(minute - 26 * 60);
      if (minute > 26 * 60 && minute % 60 === 0) sizes.push(book.rows);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(26 * 60 + 1);
    expect(book.line("shop", "channel", "email").size).toBeLessThanOrEqual(26 * 60 + 60);
  });
});
