import { expect, test } from "vitest";
import { EventDecoder, encodeEvent } from "../../producers/contract/codec.ts";
import type { EventOf } from "../../producers/contract/events.ts";
import { MemoryRaw } from "../../tests/support/memory-storage.ts";
import { M } from "../contract/measures.ts";
import { beginFlush, beginPublish, flushStored } from "./flush-work.ts";
import { LogRecord } from "./log-record.ts";
import { atStart, PartitionFold } from "./partition-fold.ts";

const HOUR = 3600_000;
const NOON = Date.UTC(2026, 4, 4, 12);

const newFold = (): PartitionFold =>
  new PartitionFold(
    { decoder: new EventDecoder(), currencies: new Map([["shop", "GBP"]]) },
    atStart(0),
    new MemoryRaw(),
  );

let events = 0;
/** Folds a page view of a session of its own. */
function view(fold: PartitionFold, at: number): void {
  const id = String(events++);
  const event: EventOf<"page_viewed"> = {
    type: "page_viewed",
    event_id: id,
    occurred_at: at,
    store: "shop",
    session_id: id,
    session_started_at: at,
    visitor_id: null,
    customer_id: null,
    channel: "email",
    campaign: null,
    country: "GB",
    region: null,
    device: "mobile",
    segment: null,
    user_agent: null,
    test: false,
    page: "/",
  };
  const record = LogRecord.of(fold.position, Math.max(at, NOON), null, encodeEvent(event));
  for (let needs = fold.foldRecord(record); needs !== null; needs = fold.foldRecord(record))
    fold.supply(needs, { sessions: [], panes: [] });
}

const viewsAtNoon = (rows: readonly { width: number; start: number; measures: readonly number[] }[]): number[] =>
  rows
    .filter(({ width, start }) => width === 60 && start * 1000 === NOON)
    .map(({ measures }) => measures[M.page_views]!);

test("what is tallied is published, and stored, with all six panes of its cut", () => {
  const fold = newFold();
  view(fold, NOON);
  view(fold, NOON + 1000);
  expect(fold.memory.hasUnpublished).toBe(true);
  expect(viewsAtNoon(beginPublish(fold).rows)).toEqual([2, 2, 2, 2, 2, 2]);
  expect(fold.memory.hasUnpublished).toBe(false);
  expect(viewsAtNoon(beginFlush(fold)!.panes)).toEqual([2, 2, 2, 2, 2, 2]);
});

test("a stored pane does not leave memory while more of it is tallied, however far the watermark jumps", () => {
  const fold = newFold();
  view(fold, NOON);
  flushStored(beginFlush(fold)!);
  view(fold, NOON + 1000);
  view(fold, NOON + 6 * HOUR);
  for (const _ of fold.memory.evict(fold.standing.watermark));
  expect(viewsAtNoon(beginFlush(fold)!.panes)).toEqual([2, 2, 2, 2, 2, 2]);
});

test("what changes a pane an hour after its end is a revision, and not before", () => {
  const fold = newFold();
  const revisions = (): number[] =>
    beginFlush(fold)!
      .panes.filter(({ width, start, series }) => width === 60 && start * 1000 === NOON && series.dimension === "total")
      .map(({ measures }) => measures[M.revisions]!);
  view(fold, NOON);
  view(fold, NOON + HOUR + 69_999); // the watermark follows 10 s behind
  view(fold, NOON + 1);
  expect(revisions()).toEqual([0]);
  view(fold, NOON + HOUR + 70_000);
  view(fold, NOON + 2);
  expect(revisions()).toEqual([1]);
});
