import { describe, expect, test } from "vitest";
import type { ShopEvent } from "../../producers/contract/events.ts";
import { netEffect, screenEvent, screenSize } from "./screen.ts";

const NOW = Date.UTC(2026, 10, 17, 14, 5);
const STORES = new Set(["shop"]);
const common = {
  event_id: "e1",
  occurred_at: NOW,
  store: "shop",
  session_id: "s1",
  session_started_at: NOW,
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
};
const view: ShopEvent = { type: "page_viewed", ...common, page: "/" };
const line = { sku: "k", name: "Gift wrap", category: null, quantity: 1, unit_price: 100 };
const order: ShopEvent = {
  type: "order_placed",
  ...common,
  order_id: "o1",
  placed_at: NOW,
  currency: "GBP",
  lines: [line],
  discount: 0,
  tax: 0,
  shipping: 0,
};
const refund: ShopEvent = {
  type: "order_refunded",
  ...common,
  refund_id: "r1",
  order_id: "o1",
  placed_at: NOW,
  goods: 100,
  tax: 0,
  shipping: 0,
  currency: "GBP",
  reason: null,
  lines: [],
};

const reason = (event: ShopEvent, timestamp = NOW): string | undefined => screenEvent(event, timestamp, STORES)?.reason;

describe("an event is a dead letter, with its reason,", () => {
  test.each<[string, ShopEvent]>([
    ["event-id-empty", { ...view, event_id: "" }],
    ["future", { ...view, occurred_at: NOW + 60_001 }],
    ["future", { ...view, session_started_at: NOW + 60_001 }],
    ["future", { ...order, placed_at: NOW + 60_001 }],
    ["time-range", { ...view, occurred_at: 0 }],
    ["time-range", { ...view, session_started_at: -5 }],
    ["store-unknown", { ...view, store: "elsewhere" }],
    ["session-incomplete", { ...view, session_id: null }],
    ["session-incomplete", { ...view, session_started_at: null }],
    ["session-incomplete", { ...view, session_id: "" }],
    ["session-missing", { ...view, session_id: null, session_started_at: null }],
    ["price-negative", { ...order, lines: [line, { ...line, unit_price: -1 }] }],
    ["quantity", { ...order, lines: [{ ...line, quantity: 0 }] }],
    ["total-negative", { ...order, discount: 101 }],
    ["amount-negative", { ...order, tax: -1 }],
    ["amount-range", { ...order, lines: [{ ...line, quantity: 2_000_000_000, unit_price: 9e15 }] }],
    ["currency", { ...order, currency: "pounds" }],
    ["order-id-empty", { ...order, order_id: "" }],
    ["order-id-empty", { ...refund, order_id: "" }],
    ["refund-id-empty", { ...refund, refund_id: "" }],
    ["amount-negative", { ...refund, goods: -100 }],
    ["fixing", { type: "fx_fixed", ...common, day: "tomorrow", rates: {} }],
    ["fixing", { type: "fx_fixed", ...common, day: "2026-11-17", rates: { USD: "-1" } }],
    ["fixing", { type: "fx_fixed", ...common, day: "2026-11-17", rates: { USD: "Infinity" } }],
    ["fixing", { type: "fx_fixed", ...common, day: "2026-11-17", rates: { USD: "1e300" } }],
    ["word-too-long", { ...view, channel: "x".repeat(1001) }],
    ["word-too-long", { ...view, session_id: "x".repeat(1001) }],
    ["word-too-long", { ...refund, refund_id: "x".repeat(1001) }],
    ["word-too-long", { ...order, lines: [line, { ...line, category: "x".repeat(1001) }] }],
  ])("%s", (expected, event) => {
    expect(reason(event)).toBe(expected);
  });
});

test("what is usable passes: a view, an order, an order without a session, a gift, a refund of no order", () => {
  const alone = { session_id: null, session_started_at: null };
  const gift: ShopEvent = { ...order, lines: [{ ...line, unit_price: 0 }] };
  const wordy: ShopEvent = { ...view, channel: "ф".repeat(1000), user_agent: "x".repeat(5000) };
  for (const event of [view, wordy, order, { ...order, ...alone }, gift, { ...refund, ...alone, order_id: null }])
    expect(reason(event)).toBeUndefined();
});

test("60 s past the record's own time is not the future yet, however late the record is read", () => {
  expect(reason({ ...view, occurred_at: NOW + 60_000 })).toBeUndefined();
});

test("the detail names the line, so that somebody can mend it", () => {
  const event: ShopEvent = { ...order, lines: [line, { ...line, unit_price: -45_000 }] };
  expect(screenEvent(event, NOW, STORES)?.detail).toBe("line 2 “Gift wrap”, unit price -4.5");
});

test("a record over 1 MiB is not read as an event", () => {
  expect(screenSize(1024 * 1024)).toBeNull();
  expect(screenSize(1024 * 1024 + 1)?.reason).toBe("oversized");
});

test("the net effect of an order is goods less discount, of a refund its goods taken off", () => {
  expect(netEffect({ ...order, discount: 30 })).toEqual({ currency: "GBP", amount: 70 });
  expect(netEffect(refund)).toEqual({ currency: "GBP", amount: -100 });
  expect(netEffect(view).amount).toBe(0);
});
