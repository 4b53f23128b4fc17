import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeEvent, EventDecoder } from "../../contract/codec.ts";
import { recordKey, type ShopEvent } from "../../contract/events.ts";
import { arrivals } from "./arrivals.ts";
import type { Arrival } from "./delivery.ts";
import type { Incident } from "./incidents.ts";
import { DAY, HOUR, MINUTE, type Shop } from "./shop.ts";

const SHOP: Shop = { seed: 7, store: "shop", timeZone: "Europe/London", currency: "GBP", sessionsPerDay: 2000 };
const START = Date.UTC(2026, 4, 4);

const range = (from: number, to: number, incidents: readonly Incident[] = [], shop = SHOP): Arrival[] =>
  [...arrivals(shop, incidents, from, to)].flat();
const bytesOf = (list: readonly Arrival[]): string =>
  list.map(({ at, copy, event }) => `${at} ${copy} ${encodeEvent(event).toString("base64")}`).join("\n");

const day = range(START, START + DAY);

describe("the same seed and range", () => {
  test("give the same bytes", () => {
    expect(bytesOf(range(START, START + DAY))).toBe(bytesOf(day));
  });

  test("give the same bytes wherever they are cut", { timeout: 30_000 }, () => {
    const cut = fc.array(fc.integer({ min: 1, max: DAY - 1 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(cut, (cuts) => {
        const bounds = [0, ...cuts.sort((a, b) => a - b), DAY].map((offset) => START + offset);
        const parts = bounds.slice(1).flatMap((to, i) => range(bounds[i]!, to));
        expect(bytesOf(parts)).toBe(bytesOf(day));
      }),
      { numRuns: 6 },
    );
  });

  test("give other events under another seed", () => {
    const other = range(START, START + DAY, [], { ...SHOP, seed: 8 });
    const ids = new Set(day.map(({ event }) => event.event_id));
    expect(other.length).toBeGreaterThan(100);
    expect(other.filter(({ event }) => ids.has(event.event_id))).toEqual([]);
  });
});

describe("the log", () => {
  test("is in the order of arrival", () => {
    for (let i = 1; i < day.length; i++) expect(day[i]!.at).toBeGreaterThanOrEqual(day[i - 1]!.at);
  });

  test("has nothing that arrives before it occurred, or is placed or started after", () => {
    for (const { at, event } of day) {
      expect(event.occurred_at).toBeLessThanOrEqual(at);
      expect(event.session_started_at ?? 0).toBeLessThanOrEqual(event.occurred_at);
      expect("placed_at" in event ? event.placed_at : 0).toBeLessThanOrEqual(event.occurred_at);
    }
  });

  test("has each event once, but for copies that are marked, equal and later", () => {
    const originals = new Map<string, Arrival>();
    const copied: Arrival[] = [];
    const both = range(START - DAY, START + DAY);
    for (const arrival of both) {
      if (arrival.copy > 0) copied.push(arrival);
      else originals.set(arrival.event.event_id, arrival);
    }
    expect(originals.size + copied.length).toBe(both.length);
    const known = copied.filter(({ event }) => originals.has(event.event_id));
    expect(known.length / copied.length).toBeGreaterThan(0.95); // the others were sent first before the range
    for (const { at, event } of known) {
      const original = originals.get(event.event_id)!;
      expect(event).toEqual(original.event);
      expect(at).toBeGreaterThan(original.at);
    }
    const copies = day.filter(({ copy }) => copy > 0).length;
    expect(copies / day.length).toBeGreaterThan(0.001);
    expect(copies / day.length).toBeLessThan(0.006);
  });

  test("holds events that are hours late, among those that are not", () => {
    const late = day.filter(({ at, event }) => at - event.occurred_at > MINUTE);
    expect(late.length / day.length).toBeGreaterThan(0.002);
    expect(late.length / day.length).toBeLessThan(0.01);
    expect(Math.max(...late.map(({ at, event }) => at - event.occurred_at))).toBeGreaterThan(HOUR);
  });

  test("survives the wire", () => {
    const decoder = new EventDecoder();
    for (const { event } of day.slice(0, 3000)) expect(decoder.decode(encodeEvent(event))).toEqual({ ok: true, event });
  });
});

describe("an order", () => {
  const month = range(START - 21 * DAY, START + 10 * DAY)
    .filter(({ copy }) => copy === 0)
    .map(({ event }) => event);
  const orders = new Map(month.flatMap((event) => (event.type === "order_placed" ? [[event.order_id, event]] : [])));
  const taken = month.filter((event) => event.type === "order_refunded" || event.type === "order_cancelled");

  test("and all that becomes of it share a session, and so a partition", () => {
    const known = taken.filter((event) => orders.has(event.order_id ?? ""));
    expect(known.length).toBeGreaterThan(60);
    for (const event of known) {
      const order = orders.get(event.order_id!)!;
      expect(recordKey(event)).toBe(recordKey(order));
      expect(event.session_started_at).toBe(order.session_started_at);
      expect(event.placed_at).toBe(order.placed_at);
      expect(event.currency).toBe(order.currency);
    }
  });

  test("is never taken back beyond what it was worth", () => {
    const sums = new Map<string, { goods: number; tax: number; shipping: number }>();
    for (const { order_id: id, goods, tax, shipping } of taken) {
      const sum = sums.get(id!) ?? { goods: 0, tax: 0, shipping: 0 };
      sums.set(id!, { goods: sum.goods + goods, tax: sum.tax + tax, shipping: sum.shipping + shipping });
    }
    for (const [id, sum] of sums) {
      const order = orders.get(id);
      if (order === undefined) continue;
      const goods = order.lines.reduce((total, line) => total + line.quantity * line.unit_price, 0);
      expect(sum.goods).toBeLessThanOrEqual(goods - order.discount);
      expect(sum.tax).toBeLessThanOrEqual(order.tax);
      expect(sum.shipping).toBeLessThanOrEqual(order.shipping);
    }
  });

  test("is refunded in 5 to 8 % and cancelled in 1 to 3 % of cases", () => {
    const settled = [...orders.values()].filter((order) => order.placed_at < START - 11 * DAY);
    const ids = new Set(settled.map((order) => order.order_id));
    const share = (type: ShopEvent["type"]): number =>
      taken.filter((event) => event.type === type && ids.has(event.order_id!)).length / settled.length;
    expect(share("order_refunded")).toBeGreaterThan(0.05);
    expect(share("order_refunded")).toBeLessThan(0.085);
    expect(share("order_cancelled")).toBeGreaterThan(0.01);
    expect(share("order_cancelled")).toBeLessThan(0.03);
  });
});

describe("a session", () => {
  const bySession = new Map<string, ShopEvent[]>();
  for (const { copy, event } of day)
    if (copy === 0 && event.session_id !== null && event.type !== "order_refunded" && event.type !== "order_cancelled")
      bySession.set(event.session_id, [...(bySession.get(event.session_id) ?? []), event]);

  test("keeps its channel, device, country and visitor throughout", () => {
    for (const list of bySession.values()) {
      const faces = list.map(({ channel, device, country, visitor_id: visitor }) =>
        [channel, device, country, visitor].join("|"),
      );
      expect(new Set(faces).size).toBe(1);
    }
  });

  test("never pauses for the half hour that would make it two", () => {
    for (const list of bySession.values()) {
      const times = list.map((event) => event.occurred_at).sort((a, b) => a - b);
      const pauses = times.slice(1).map((time, i) => time - times[i]!);
      expect(Math.max(0, ...pauses)).toBeLessThan(30 * MINUTE);
    }
  });
});
