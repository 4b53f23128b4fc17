import { describe, expect, test } from "vitest";
import type { EventType } from "../../contract/events.ts";
import { arrivals } from "./arrivals.ts";
import type { Arrival } from "./delivery.ts";
import type { Incident, IncidentKind } from "./incidents.ts";
import { HOUR, MINUTE, type Shop } from "./shop.ts";

const SHOP: Shop = { seed: 3, store: "shop", timeZone: "Europe/London", currency: "GBP", sessionsPerDay: 16_000 };
const FROM = Date.UTC(2026, 5, 10, 17);
const START = FROM + HOUR;
const END = START + HOUR;
const TO = END + HOUR;

const run = (incidents: readonly Incident[], from = FROM): Arrival[] => [...arrivals(SHOP, incidents, from, TO)].flat();
const during = (list: readonly Arrival[], type: EventType, channel?: string): number =>
  list.filter(
    ({ event, copy }) =>
      copy === 0 &&
      event.type === type &&
      event.occurred_at >= START &&
      event.occurred_at < END &&
      (channel === undefined || event.channel === channel),
  ).length;
const incident = (kind: IncidentKind, channel?: string): Incident => ({ kind, from: START, to: END, channel });

const before = (list: readonly Arrival[]): Arrival[] => list.filter(({ event }) => event.occurred_at < START);
const placed = (event: Arrival["event"]): number => ("placed_at" in event ? event.placed_at : 0);
const usual = run([]);

const made = new Map<IncidentKind, Arrival[]>();
/** The whole range with such an incident in every channel; made once. */
const runWith = (kind: IncidentKind): Arrival[] => {
  const list = made.get(kind) ?? run([incident(kind)]);
  made.set(kind, list);
  return list;
};

describe("an incident", () => {
  test.each<IncidentKind>([
    "payment-outage",
    "traffic-spike",
    "checkout-broken",
    "duplicate-storm",
    "late-burst",
    "silence",
  ])("%s changes nothing that occurred before it", (kind) => {
    expect(before(runWith(kind))).toEqual(before(usual));
  });

  test.each<IncidentKind>([
    "payment-outage",
    "traffic-spike",
    "checkout-broken",
    "duplicate-storm",
    "late-burst",
    "silence",
  ])("%s can be told to a simulation that is under way", (kind) => {
    const middle = START + 20 * MINUTE + 123;
    const whole = runWith(kind);
    expect(run([incident(kind)], middle)).toEqual(whole.filter(({ at }) => at >= middle));
  });
});

test("in a payment outage payments fail and no order is placed", () => {
  const list = runWith("payment-outage");
  expect(during(usual, "order_placed")).toBeGreaterThan(10);
  expect(during(list, "order_placed")).toBe(0);
  expect(during(list, "payment_failed")).toBeGreaterThan(3 * during(usual, "payment_failed"));
});

test("in a traffic spike about four times as many sessions start", () => {
  const ratio = during(runWith("traffic-spike"), "session_started") / during(usual, "session_started");
  expect(ratio).toBeGreaterThan(3.6);
  expect(ratio).toBeLessThan(4.4);
});

test("a checkout that is broken for one channel stops its orders and nobody else's", () => {
  const list = run([incident("checkout-broken", "organic")]);
  expect(during(usual, "order_placed", "organic")).toBeGreaterThan(1);
  // Whoever was past the checkout when it broke still pays.
  expect(during(list, "order_placed", "organic")).toBeLessThanOrEqual(2);
  expect(during(list, "checkout_started", "organic")).toBeGreaterThan(1);
  expect(during(list, "order_placed", "email")).toBe(during(usual, "order_placed", "email"));
});

test("in a duplicate storm every event is sent two to four times", () => {
  const list = runWith("duplicate-storm").filter(
    ({ event, at }) =>
      event.occurred_at >= START && event.occurred_at < END && at < END + HOUR && event.session_id !== null,
  );
  const copies = new Map<string, number>();
  for (const { event } of list) copies.set(event.event_id, (copies.get(event.event_id) ?? 0) + 1);
  const times = [...copies.values()];
  expect(Math.min(...times)).toBeGreaterThanOrEqual(2);
  expect(Math.max(...times)).toBe(4);
});

test("a late burst holds everything back until its end and then lets it go within minutes", () => {
  const held = runWith("late-burst").filter(
    ({ event, copy }) =>
      copy === 0 && event.session_id !== null && event.occurred_at >= START && event.occurred_at < END,
  );
  expect(Math.min(...held.map(({ at }) => at))).toBeGreaterThanOrEqual(END);
  expect(held.filter(({ at }) => at < END + 3 * MINUTE).length / held.length).toBeGreaterThan(0.99);
});

test("in silence nothing occurs, and what did not is never refunded", () => {
  const list = runWith("silence");
  expect(list.filter(({ event }) => event.occurred_at >= START && event.occurred_at < END)).toEqual([]);
  expect(list.filter(({ event }) => placed(event) >= START && placed(event) < END)).toEqual([]);
});
