// 2. Panes
//
// A fold reads the log of one partition, record by record, and keeps panes: slices of event time that hold sums.
import { expect, test } from "vitest";
import { cart, inPane, logOf, MINUTE, newFold, START, order, view } from "./shop.ts";

test("each event counts in the minute in which it happened, once for each dimension", () => {
  const fold = newFold();
  for (const record of logOf(
    view(),
    view({ occurred_at: START + MINUTE }),
    order("A-1", { occurred_at: START + MINUTE }),
  ))
    fold.fold(fold.read(record));

  expect(inPane(fold, START, "page_views")).toBe(1);
  expect(inPane(fold, START + MINUTE, "page_views")).toBe(1);
  expect(inPane(fold, START + MINUTE, "gross")).toBe(845_000);
  expect(inPane(fold, START + MINUTE, "gross", "country", "GB")).toBe(845_000);
  expect(inPane(fold, START + MINUTE, "gross", "channel_country", "email|GB")).toBe(845_000);
  expect(inPane(fold, START + MINUTE, "gross", "category", "Home & Garden")).toBe(845_000);
});

test("a session and its conversion count at the session's start, so that a rate never leaves 0 to 1", () => {
  const fold = newFold();
  const later = { occurred_at: START + 20 * MINUTE };
  for (const record of logOf(view(), cart(later), order("A-1", later))) fold.fold(fold.read(record));

  expect(inPane(fold, START, "sessions")).toBe(1);
  expect(inPane(fold, START, "converted")).toBe(1);
  expect(inPane(fold, START, "carts_converted")).toBe(1);
  expect(inPane(fold, START + 20 * MINUTE, "orders")).toBe(1);
});

test("a bot is kept apart, and a test event is nowhere", () => {
  const fold = newFold();
  const bot = { session_id: "bot", user_agent: "Googlebot/2.1" };
  for (const record of logOf(view(bot), view({ session_id: "staff", test: true }))) fold.fold(fold.read(record));

  expect(inPane(fold, START, "page_views")).toBe(0);
  expect(inPane(fold, START, "page_views", "bot")).toBe(1);
  expect(fold.standing.counters).toMatchObject({ "filtered-bot": 1, "filtered-test": 1 });
});
