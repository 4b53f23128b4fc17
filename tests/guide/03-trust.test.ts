// 3. Trust
//
// Events come twice, late, and in odd orders; orders are refunded. The figures stay right, and every record is accounted for.
import { expect, test } from "vitest";
import { accounted } from "../../stream/contract/accounting.ts";
import { inPane, logOf, MINUTE, newFold, START, order, refund, view } from "./shop.ts";

test("the same event, or the same order under another event, counts once", () => {
  const fold = newFold();
  const first = order("A-1");
  for (const record of logOf(first, first, order("A-1"))) fold.fold(fold.read(record));

  expect(inPane(fold, START, "orders")).toBe(1);
  expect(fold.standing.counters).toMatchObject({ counted: 1, duplicate: 2 });
});

test("a late event corrects the minute in which it happened", () => {
  const fold = newFold();
  for (const record of logOf(view({ occurred_at: START + 15 * MINUTE }), view())) fold.fold(fold.read(record));

  expect(inPane(fold, START, "page_views")).toBe(1);
  expect(fold.standing.late).toBe(1);
});

test("a refund counts at its own time, and never takes off more than the order was worth", () => {
  const fold = newFold();
  const placed = order("A-1");
  const later = { occurred_at: START + 10 * MINUTE };
  const half = refund("R-1", placed, 400_000, later);
  for (const record of logOf(placed, half, refund("R-2", placed, 500_000, later))) fold.fold(fold.read(record));

  expect(inPane(fold, START + 10 * MINUTE, "refund_goods")).toBe(400_000);
  const { fault } = fold.takeOutcomes().letters.at(-1)!;
  expect(fault).toEqual({ reason: "refund-over", detail: "goods 90 against an order worth 84.5" });
});

test("every record ends in exactly one of counted, duplicate, filtered, dead letter", () => {
  const fold = newFold();
  const log = logOf(view(), view({ test: true }), view({ store: "nowhere" }), order("A-1"), order("A-1"));
  for (const record of log) fold.fold(fold.read(record));
  expect(accounted(fold.standing.counters)).toBe(log.length);
});
