import { expect, test } from "vitest";
import { atRate, Fixings } from "./fixings.ts";

const at = (day: string): number => Date.parse(`${day}T12:00:00Z`);
const fixings = Fixings.none
  .with("2026-11-13", { GBP: "0.85", USD: "1.10" })
  .with("2026-11-16", { GBP: "0.80", USD: "1.20" });

test("an amount is converted at the last fixing before its UTC day, never at that day's own", () => {
  expect(fixings.convert("EUR", "GBP", at("2026-11-17"))).toEqual({ rate: 0.8, day: "2026-11-16" });
  expect(fixings.convert("EUR", "GBP", at("2026-11-16"))).toEqual({ rate: 0.85, day: "2026-11-13" });
  expect(fixings.convert("EUR", "GBP", at("2026-11-13"))).toBeNull();
});

test("other currencies cross via the euro", () => {
  expect(fixings.convert("USD", "GBP", at("2026-11-17"))?.rate).toBeCloseTo(0.8 / 1.2, 12);
  expect(fixings.convert("XOF", "GBP", at("2026-11-17"))).toBeNull();
});

test("the store's own currency needs no rate and changes nothing", () => {
  expect(Fixings.none.convert("GBP", "GBP", at("2026-11-17"))).toEqual({ rate: 1, day: "" });
  expect(atRate(12_345, 1)).toBe(12_345);
});

test("a repeated fixing changes nothing, and old ones are let go after forty days", () => {
  expect(fixings.with("2026-11-16", { GBP: "0.80", USD: "1.20" }).days).toEqual(fixings.days);
  let many = Fixings.none;
  for (let day = 1; day <= 60; day++) many = many.with(new Date(Date.UTC(2026, 0, day)).toISOString().slice(0, 10), {});
  expect(many.days.length).toBe(40);
  expect(many.days[0]![0]).toBe("2026-01-21");
});
