import { expect, test } from "vitest";
import { encodeEvent } from "../../producers/contract/codec.ts";
import { newFold, view } from "../../tests/guide/shop.ts";
import { M } from "../contract/measures.ts";
import { beginFlush, beginPublish, flushStored } from "./flush-work.ts";
import { LogRecord } from "./log-record.ts";
import type { PartitionFold } from "./partition-fold.ts";

const HOUR = 3600_000;
const NOON = Date.UTC(2026, 4, 4, 12);

let sessions = 0;
/** Folds a page view of a session of its own. */
function see(fold: PartitionFold, at: number, words: { channel?: string; device?: string } = {}): void {
  const event = view({ occurred_at: at, session_id: `s${sessions++}`, session_started_at: at, ...words });
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
  see(fold, NOON);
  see(fold, NOON + 1000);
  expect(fold.memory.hasUnpublished).toBe(true);
  expect(viewsAtNoon(beginPublish(fold).rows)).toEqual([2, 2, 2, 2, 2, 2]);
  expect(fold.memory.hasUnpublished).toBe(false);
  expect(viewsAtNoon(beginFlush(fold)!.panes)).toEqual([2, 2, 2, 2, 2, 2]);
});

test("a stored pane does not leave memory while more of it is tallied, however far the watermark jumps", () => {
  const fold = newFold();
  see(fold, NOON);
  flushStored(beginFlush(fold)!);
  see(fold, NOON + 1000);
  see(fold, NOON + 6 * HOUR);
  for (const _ of fold.memory.evict(fold.standing.watermark));
  expect(viewsAtNoon(beginFlush(fold)!.panes)).toEqual([2, 2, 2, 2, 2, 2]);
});

test("words never seen again do not stay in memory, and one that is seen again has one pane", () => {
  const fold = newFold();
  const { panes } = fold.memory;
  const channels = Array.from({ length: 100 }, (_, i) => `channel${i}`);
  for (const channel of channels) see(fold, NOON, { channel });
  const series = channels.map((channel) => panes.series("shop", "channel", channel));
  flushStored(beginFlush(fold)!);
  see(fold, NOON + 6 * HOUR, { channel: "channel0" });
  for (const _ of fold.memory.evict(fold.standing.watermark));
  expect(channels.filter((channel, i) => panes.series("shop", "channel", channel) === series[i])).toEqual(["channel0"]);

  for (const device of ["desktop", "mobile"]) see(fold, NOON + 6 * HOUR, { channel: "channel1", device });
  const again = beginFlush(fold)!.panes.filter((pane) => pane.width === 60 && pane.series.value === "channel1");
  expect(again.map(({ measures }) => measures[M.page_views])).toEqual([2]);
});

test("what changes a pane an hour after its end is a revision, and not before", () => {
  const fold = newFold();
  const revisions = (): number[] =>
    beginFlush(fold)!
      .panes.filter(({ width, start, series }) => width === 60 && start * 1000 === NOON && series.dimension === "total")
      .map(({ measures }) => measures[M.revisions]!);
  see(fold, NOON);
  see(fold, NOON + HOUR + 69_999); // the watermark follows 10 s behind
  see(fold, NOON + 1);
  expect(revisions()).toEqual([0]);
  see(fold, NOON + HOUR + 70_000);
  see(fold, NOON + 2);
  expect(revisions()).toEqual([1]);
});

test("what left memory is asked for again, even where storage was asked for it a moment ago", () => {
  const fold = newFold();
  see(fold, NOON + 6 * HOUR);
  const event = (id: string): LogRecord =>
    LogRecord.of(
      fold.position,
      NOON + 6 * HOUR,
      null,
      encodeEvent(view({ event_id: id, occurred_at: NOON, session_id: "old", session_started_at: NOON })),
    );
  const record = event("e1");
  for (let needs = fold.foldRecord(record); needs !== null; needs = fold.foldRecord(record))
    fold.supply(needs, { sessions: [], panes: [] }); // the batch does not end: something went wrong in the middle of it
  flushStored(beginFlush(fold)!);
  for (const _ of fold.memory.evict(fold.standing.watermark));
  expect([...fold.foldRecord(event("e2"))!.sessions.keys()]).toEqual([`session|${NOON}|old`]);
});
