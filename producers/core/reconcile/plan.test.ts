import { expect, test } from "vitest";
import { encodeEvent } from "../../contract/codec.ts";
import { recordKey } from "../../contract/events.ts";
import { cancellationOf, planOf, surplusOf, type StoredOrder } from "./plan.ts";

const NOON = Date.UTC(2026, 10, 17, 14, 5);
const MINUTE = 60_000;
const NOTHING = { goods: 0, tax: 0, shipping: 0 };

/** An order of £84.50 and £4 postage, unless said otherwise. */
const row = (sessionId: string, more: Partial<StoredOrder> = {}): StoredOrder => ({
  store: "shop",
  orderId: "A-1",
  source: "live",
  partition: 0,
  kind: "session",
  sessionId,
  startedAt: NOON - 10 * MINUTE,
  placedOffset: 17,
  placedAt: NOON,
  occurredAt: NOON,
  visitor: "",
  customer: "c-1",
  channel: "email",
  campaign: "",
  country: "GB",
  region: "",
  device: "mobile",
  segment: "Unknown",
  currency: "GBP",
  worth: { goods: 845_000, tax: 0, shipping: 40_000 },
  taken: NOTHING,
  cancelled: false,
  ...more,
});
const roles = (rows: readonly StoredOrder[]): string[][] =>
  planOf(rows).map(({ orders }) => orders.map(({ order, role }) => `${order.sessionId}@${order.partition} ${role}`));

test("an order id under one session only is no matter", () => {
  expect(planOf([row("s1"), row("s2", { orderId: "A-2" }), row("s3", { store: "outlet" })])).toEqual([]);
});

test("the first one placed stands, and each other is surplus", () => {
  const rows = [row("s3", { placedAt: NOON + 2 }), row("s1"), row("s2", { placedAt: NOON + 1 })];
  expect(roles(rows)).toEqual([["s1@0 stands", "s2@0 surplus", "s3@0 surplus"]]);
});

test("placed at the same time, the smaller offset stands, then the partition decides", () => {
  expect(roles([row("s1", { placedOffset: 18 }), row("s2", { partition: 3 })])).toEqual([
    ["s2@3 stands", "s1@0 surplus"],
  ]);
  expect(roles([row("s1", { partition: 2 }), row("s1", { partition: 1 })])).toEqual([["s1@1 stands", "s1@2 surplus"]]);
});

test("in whichever order rows are read, the plan is the same", () => {
  const rows = [
    row("s1"),
    row("s2", { partition: 1 }),
    row("s3", { source: "file" }),
    row("s4", { placedAt: NOON - 1 }),
  ];
  expect(planOf(rows.toReversed())).toEqual(planOf(rows));
});

test("what was cancelled, given back whole, or more than whole, is settled", () => {
  const over = { goods: 845_001, tax: 0, shipping: 0 };
  const rows = [
    row("s1"),
    row("s2", { placedOffset: 18, cancelled: true }),
    row("s3", { placedOffset: 19, taken: row("").worth }),
    row("s4", { placedOffset: 20, taken: over }),
  ];
  expect(roles(rows)).toEqual([["s1@0 stands", "s2@0 settled", "s3@0 settled", "s4@0 settled"]]);
});

test("the first stands though it was cancelled: one order was placed, and it was called off", () => {
  expect(roles([row("s1", { cancelled: true }), row("s2", { placedOffset: 18 })])).toEqual([
    ["s1@0 stands", "s2@0 surplus"],
  ]);
});

test("order ids come oldest first", () => {
  const young = [row("s1", { orderId: "B-1", placedAt: NOON + 1 }), row("s2", { orderId: "B-1", placedAt: NOON + 2 })];
  expect(planOf([...young, row("s1"), row("s2", { placedOffset: 18 })]).map(({ orderId }) => orderId)).toEqual([
    "A-1",
    "B-1",
  ]);
});

test("the cancellation carries what is left, belongs to the surplus order's session, and is the same each time", () => {
  const surplus = row("s2", { placedOffset: 40, partition: 3, taken: { goods: 100_000, tax: 0, shipping: 0 } });
  const planned = surplusOf(planOf([surplus, row("s1")])[0]!);
  expect(planned.map(({ order }) => order)).toEqual([surplus]);
  const event = cancellationOf(planned[0]!);
  expect(event).toEqual({
    type: "order_cancelled",
    event_id: `reconcile/shop/A-1/s2/${NOON - 10 * MINUTE}`,
    occurred_at: NOON,
    store: "shop",
    session_id: "s2",
    session_started_at: NOON - 10 * MINUTE,
    visitor_id: null,
    customer_id: "c-1",
    channel: "email",
    campaign: null,
    country: "GB",
    region: null,
    device: "mobile",
    segment: "Unknown",
    user_agent: null,
    test: false,
    order_id: "A-1",
    placed_at: NOON,
    goods: 745_000,
    tax: 0,
    shipping: 40_000,
    currency: "GBP",
    reason: "reconcile: the order id stands under another session",
  });
  expect(encodeEvent(cancellationOf(planned[0]!))).toEqual(encodeEvent(event));
});

test("an order without a session is cancelled without one, under its own key", () => {
  const loose = row("A-1", { kind: "order", startedAt: NOON, placedOffset: 99 });
  const event = cancellationOf(surplusOf(planOf([row("s1"), loose])[0]!)[0]!);
  expect(event).toMatchObject({ session_id: null, session_started_at: null, placed_at: NOON });
  expect(recordKey(event)).toBe("A-1");
});
