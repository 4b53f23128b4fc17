import { describe, expect, test } from "vitest";
import { backOffice } from "./back-office.ts";
import { Catalogue } from "./catalogue.ts";
import { fixingOf } from "./fixings.ts";
import { expectedBetween, expectedSessions } from "./rhythm.ts";
import { DAY, HOUR, MINUTE, type Shop } from "./shop.ts";
import { StoreTime } from "./store-time.ts";

const SHOP: Shop = { seed: 1, store: "shop", timeZone: "Europe/London", currency: "GBP", sessionsPerDay: 18_000 };
const time = new StoreTime(SHOP.timeZone);
const catalogue = new Catalogue(SHOP.seed);
const at = (iso: string): number => expectedSessions(SHOP, time, Date.parse(iso));

const dayOf = (iso: string, hours: number): number =>
  expectedBetween(SHOP, time, Date.parse(iso), Date.parse(iso) + hours * HOUR);
const kinds = (from: number, to: number): Map<string, number[]> => {
  const seen = new Map<string, number[]>();
  for (let minute = from; minute < to; minute += MINUTE) {
    const [first] = backOffice(SHOP, time, catalogue, minute);
    if (first !== undefined) seen.set(first.event.type, [...(seen.get(first.event.type) ?? []), minute]);
  }
  return seen;
};
const counts = (day: number): Map<string, { on_hand: number; change: number }> =>
  new Map(
    backOffice(SHOP, time, catalogue, day + 6 * HOUR).flatMap(({ event }) =>
      event.type === "stock_changed" ? [[event.sku, { on_hand: event.on_hand!, change: event.change }]] : [],
    ),
  );

describe("traffic", () => {
  test("follows the clock on the wall: 8 in the evening is busy in winter and in summer", () => {
    const winter = at("2026-03-26T20:00:00Z") / at("2026-03-26T04:00:00Z");
    const summer = at("2026-03-31T19:00:00Z") / at("2026-03-31T03:00:00Z");
    expect(winter).toBeGreaterThan(10);
    expect(summer).toBeCloseTo(winter, 6);
  });

  test("of a day of 23 hours lacks a night hour, that of a day of 25 hours has one twice", () => {
    const sunday = dayOf("2026-05-10T00:00:00+01:00", 24);
    const short = dayOf("2026-03-29T00:00:00Z", 23);
    const long = dayOf("2026-10-25T00:00:00+01:00", 25);
    expect(short / sunday).toBeLessThan(1);
    expect(short / sunday).toBeGreaterThan(0.95);
    expect(long / dayOf("2026-10-18T00:00:00+01:00", 24)).toBeGreaterThan(1);
    expect(long / dayOf("2026-10-18T00:00:00+01:00", 24)).toBeLessThan(1.02);
  });

  test("of an average day outside the last quarter is what was asked for", () => {
    const week = expectedBetween(SHOP, time, Date.UTC(2026, 3, 6), Date.UTC(2026, 3, 13)) / 7;
    expect(week / SHOP.sessionsPerDay).toBeCloseTo(1, 1);
  });
});

describe("the back office", () => {
  test("opens its days at local midnight, on days of 23 and 25 hours, too", () => {
    const spring = kinds(Date.UTC(2026, 2, 28), Date.UTC(2026, 2, 31)).get("product_updated")!;
    expect(spring.map((ms) => new Date(ms).toISOString())).toEqual([
      "2026-03-28T00:00:00.000Z",
      "2026-03-29T00:00:00.000Z",
      "2026-03-29T23:00:00.000Z",
      "2026-03-30T23:00:00.000Z",
    ]);
    const autumn = kinds(Date.UTC(2026, 9, 24, 12), Date.UTC(2026, 9, 26, 12)).get("product_updated")!;
    expect(autumn[1]! - autumn[0]!).toBe(25 * HOUR);
  });

  test("counts stock once a day, and each day's count is the last one and the change", () => {
    const before = counts(Date.UTC(2026, 0, 5));
    const after = counts(Date.UTC(2026, 0, 6));
    expect(after.size).toBe(200);
    for (const [sku, { on_hand: onHand, change }] of after) {
      expect(onHand).toBe(before.get(sku)!.on_hand + change);
      expect(onHand).toBeGreaterThan(0);
    }
  });

  test("publishes rates on weekdays, the same whenever they are asked for", () => {
    const monday = Date.UTC(2026, 0, 5);
    const fixing = fixingOf(1, monday)!;
    expect(fixing).toEqual(fixingOf(1, monday));
    expect(fixing.day).toBe("2026-01-05");
    expect(Number(fixing.rates["GBP"])).toBeGreaterThan(0.8);
    expect(Number(fixing.rates["GBP"])).toBeLessThan(0.92);
    expect(fixingOf(1, monday - DAY)).toBeNull();
  });
});

test("the catalogue has 200 products with ids, names and prices of their own", () => {
  expect(catalogue.products).toHaveLength(200);
  expect(new Set(catalogue.products.map(({ sku }) => sku)).size).toBe(200);
  for (const { price } of catalogue.products) expect(price % 10_000).toBe(9900);
});
