// 2. Panes
//
// A fold reads the log of one partition, record by record, and keeps panes: slices of event time that hold sums.
import { expect, test } from "vitest";
import { EventDecoder } from "../../producers/contract/codec.ts";
import { PartitionFold, atStart } from "../../stream/core/partition-fold.ts";
import { MemoryRaw } from "../support/memory-storage.ts";
import { cart, inPane, logOf, MINUTE, NOON, order, view } from "./shop.ts";

const newFold = (): PartitionFold =>
  new PartitionFold(
    { decoder: new EventDecoder(), currencies: new Map([["shop", "GBP"]]) },
    atStart(0),
    new MemoryRaw(),
  );

test("each event counts in the minute in which it happened, once for each dimension", () => {
  const fold = newFold();
  for (const record of logOf(
    view(),
    view({ occurred_at: NOON + MINUTE }),
    order("A-1", { occurred_at: NOON + MINUTE }),
  ))
    fold.fold(fold.read(record));

  expect(inPane(fold, NOON, "page_views")).toBe(1);
  expect(inPane(fold, NOON + MINUTE, "page_views")).toBe(1);
  expect(inPane(fold, NOON + MINUTE, "gross")).toBe(845_000);
  expect(inPane(fold, NOON + MINUTE, "gross", "country", "GB")).toBe(845_000);
  expect(inPane(fold, NOON + MINUTE, "gross", "channel_country", "email|GB")).toBe(845_000);
  expect(inPane(fold, NOON + MINUTE, "gross", "category", "Home & Garden")).toBe(845_000);
});

test("a session and its conversion count at the session's start, so that a rate never leaves 0 to 1", () => {
  const fold = newFold();
  const later = { occurred_at: NOON + 20 * MINUTE };
  for (const record of logOf(view(), cart(later), order("A-1", later))) fold.fold(fold.read(record));

  expect(inPane(fold, NOON, "sessions")).toBe(1);
  expect(inPane(fold, NOON, "converted")).toBe(1);
  expect(inPane(fold, NOON, "carts_converted")).toBe(1);
  expect(inPane(fold, NOON + 20 * MINUTE, "orders")).toBe(1);
});

test("a bot is kept apart, and a test event is nowhere", () => {
  const fold = newFold();
  const bot = { session_id: "bot", user_agent: "Googlebot/2.1" };
  for (const record of logOf(view(bot), view({ session_id: "staff", test: true }))) fold.fold(fold.read(record));

  expect(inPane(fold, NOON, "page_views")).toBe(0);
  expect(inPane(fold, NOON, "page_views", "bot")).toBe(1);
  expect(fold.standing.counters).toMatchObject({ "filtered-bot": 1, "filtered-test": 1 });
});
