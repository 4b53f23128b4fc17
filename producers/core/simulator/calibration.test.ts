// The shop behaves as it was meant to: measured on what it sends, as a reader of its log would measure it.
import { describe, expect, test } from "vitest";
import type { EventOf, ShopEvent } from "../../contract/events.ts";
import { arrivals } from "./arrivals.ts";
import { WEST_COAST } from "./geography.ts";
import { DAY, UNIT, type Shop } from "./shop.ts";

const SHOP: Shop = { seed: 1, store: "shop", timeZone: "Europe/London", currency: "GBP", sessionsPerDay: 4000 };
const FROM = Date.UTC(2026, 2, 1);
const EUR_IN_GBP = 0.86;

type Order = EventOf<"order_placed">;
const worthOf = (order: Order): number => {
  const goods = order.lines.reduce((sum, line) => sum + line.quantity * line.unit_price, 0) - order.discount;
  return (goods / UNIT) * (order.currency === "EUR" ? EUR_IN_GBP : 1);
};
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const aovOf = (orders: readonly Order[]): number => sum(orders.map(worthOf)) / orders.length;

function* sent(from: number, to: number, shop = SHOP): Generator<ShopEvent> {
  for (const batch of arrivals(shop, [], from, to)) for (const { copy, event } of batch) if (copy === 0) yield event;
}

const sessions = new Map<string, number>();
const orders: Order[] = [];
const counts = { events: 0, robots: 0, dirty: 0, categories: 0, noSegment: 0, visits: 0, tests: 0 };
for (const event of sent(FROM, FROM + 90 * DAY)) {
  counts.events++;
  if (event.type === "order_placed") orders.push(event);
  if (event.type === "product_viewed") {
    counts.categories++;
    if (!/^[A-Z][a-z]+( & [A-Z][a-z]+)?$/.test(event.category!)) counts.dirty++;
  }
  if (event.type !== "session_started") continue;
  counts.visits++;
  if (event.segment === null) counts.noSegment++;
  if (event.test) counts.tests++;
  else if (/bot/i.test(event.user_agent!)) counts.robots++;
  else sessions.set(event.channel, (sessions.get(event.channel) ?? 0) + 1);
}
const from = (channel: string): Order[] => orders.filter((order) => order.channel === channel);
const conversionOf = (channel: string): number => from(channel).length / sessions.get(channel)!;

describe("conversion", () => {
  test("is about 2.4 % of human sessions", () => {
    const conversion = orders.length / sum([...sessions.values()]);
    expect(conversion).toBeGreaterThan(0.022);
    expect(conversion).toBeLessThan(0.026);
  });

  test("is best by far from e-mail, at about 8.3 %", () => {
    expect(conversionOf("email")).toBeGreaterThan(0.077);
    expect(conversionOf("email")).toBeLessThan(0.089);
    for (const channel of sessions.keys()) expect(conversionOf(channel)).toBeLessThanOrEqual(conversionOf("email"));
  });
});

describe("orders", () => {
  test("are worth about 68 on average", () => {
    expect(aovOf(orders)).toBeGreaterThan(64);
    expect(aovOf(orders)).toBeLessThan(72);
  });

  test("are about 35 % larger on the US West Coast", () => {
    const west = orders.filter((order) => WEST_COAST.has(order.region ?? ""));
    const rest = orders.filter((order) => !WEST_COAST.has(order.region ?? ""));
    expect(aovOf(west) / aovOf(rest)).toBeGreaterThan(1.2);
    expect(aovOf(west) / aovOf(rest)).toBeLessThan(1.5);
  });

  test("are for Electronics and Home & Garden in about 65 % of their value", () => {
    const lines = orders.flatMap((order) => order.lines);
    const value = (list: typeof lines): number => sum(list.map((line) => line.quantity * line.unit_price));
    const share = value(lines.filter(({ sku }) => /^(EL|HG)-/.test(sku))) / value(lines);
    expect(share).toBeGreaterThan(0.62);
    expect(share).toBeLessThan(0.68);
  });

  test("are in euro now and then", () => {
    const share = orders.filter((order) => order.currency === "EUR").length / orders.length;
    expect(share).toBeGreaterThan(0.02);
    expect(share).toBeLessThan(0.06);
  });
});

describe("customers", () => {
  const byCustomer = new Map<string, Order[]>();
  for (const order of orders)
    byCustomer.set(order.customer_id!, [...(byCustomer.get(order.customer_id!) ?? []), order]);
  const worth = [...byCustomer.values()].map((list) => sum(list.map(worthOf))).sort((a, b) => b - a);
  const isNew = (order: Order): boolean => order.segment === "New";
  const lifetime = (channel: string): number => {
    const won = from(channel).filter(isNew);
    return sum(won.flatMap((order) => byCustomer.get(order.customer_id!)!.map(worthOf))) / won.length;
  };

  test("are known by name when they buy", () => {
    expect(orders.filter((order) => order.customer_id === null)).toEqual([]);
  });

  test("bring about 60 % of revenue with their top 15 %", () => {
    const share = sum(worth.slice(0, Math.round(worth.length * 0.15))) / sum(worth);
    expect(share).toBeGreaterThan(0.55);
    expect(share).toBeLessThan(0.65);
  });

  test("are won by social more than by any other channel, with smaller orders", () => {
    const won = [...sessions.keys()].sort((a, b) => from(b).filter(isNew).length - from(a).filter(isNew).length);
    expect(won[0]).toBe("social");
    expect(aovOf(from("social"))).toBeLessThan(0.85 * aovOf(orders));
  });

  test("are worth most over their life where they came directly", () => {
    const ranked = ["direct", "organic", "paid", "social", "email"].sort((a, b) => lifetime(b) - lifetime(a));
    expect(ranked[0]).toBe("direct");
    expect(ranked.at(-1)).toBe("social");
  });
});

describe("the feed", () => {
  test("carries robots, tests, dirty categories and missing segments, in small shares", () => {
    const shares = {
      robots: counts.robots / counts.visits,
      tests: counts.tests / counts.visits,
      dirty: counts.dirty / counts.categories,
      noSegment: counts.noSegment / counts.visits,
    };
    expect(shares.robots).toBeCloseTo(0.03, 2);
    expect(shares.tests).toBeCloseTo(0.001, 3);
    expect(shares.dirty).toBeCloseTo(0.04, 2);
    expect(shares.noSegment).toBeCloseTo(0.05, 2);
  });

  test("is three to five events a session", () => {
    expect(counts.events / counts.visits).toBeGreaterThan(3);
    expect(counts.events / counts.visits).toBeLessThan(5);
  });
});

test("sales are 40 % higher in the last quarter than in the rest of the year", { timeout: 30_000 }, () => {
  const small = { ...SHOP, sessionsPerDay: 1500 };
  const salesOf = (month: number): number => {
    let sales = 0;
    const start = Date.UTC(2025, month, 7);
    for (const event of sent(start, start + 7 * DAY, small)) if (event.type === "order_placed") sales += worthOf(event);
    return sales;
  };
  const mean = (months: readonly number[]): number => sum(months.map(salesOf)) / months.length;
  const ratio = mean([9, 10, 11]) / mean([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(ratio).toBeGreaterThan(1.3);
  expect(ratio).toBeLessThan(1.5);
});
