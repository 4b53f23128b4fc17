import { expect, test } from "vitest";
import { revisedAloud, revisedLines } from "./revised.ts";

const UK = { id: "uk", name: "UK shop", timeZone: "Europe/London", currency: "GBP" };
const TOKYO = { ...UK, timeZone: "Asia/Tokyo", currency: "EUR" };
const at = (clock: string): number => Date.parse(`2026-11-17T${clock}:00Z`);
const MINUS = "\u2212";

test("each minute says when in the store's time, what it did to sales, and how many records did it; the newest first", () => {
  const newest = {
    start: [at("13:10"), at("13:58"), at("14:05")],
    records: [1, 1, 2],
    sales: [845_000, 0, -3_120_000],
  };
  expect(revisedLines({ minutes: 3, sales: -2_275_000, newest }, UK)).toEqual([
    `14:05 revised ${MINUS}£312.00, 2 records`,
    "13:58 revised, sales unchanged, 1 record",
    "13:10 revised +£84.50, 1 record",
  ]);
  expect(revisedLines({ minutes: 3, sales: 0, newest }, TOKYO)[0]).toBe(`23:05 revised ${MINUS}€312.00, 2 records`);
});

test.each([
  [-12_345_670_000, `and 7 more, ${MINUS}£1,234,567.00 in all`],
  [845_000, "and 7 more, +£84.50 in all"],
  [0, "and 7 more, sales unchanged in all"],
])("more than are shown are counted, with what all of them did: %i", (sales, last) => {
  const newest = { start: [at("14:05")], records: [1234], sales: [-100] };
  expect(revisedLines({ minutes: 8, sales, newest }, UK)).toEqual([`14:05 revised ${MINUS}£0.01, 1,234 records`, last]);
});

test("the marks of a chart are read aloud, the newest five of them", () => {
  const start = [0, 1, 2, 3, 4, 5].map((minute) => at("13:00") + minute * 60_000);
  const some = { start, records: start.map(() => 1), sales: start.map(() => 10_000) };
  const one = (clock: string): string => `${clock} revised +£1.00, 1 record`;
  expect(revisedAloud(some, UK)).toBe(
    `${["13:05", "13:04", "13:03", "13:02", "13:01"].map(one).join("; ")}; and 1 more, +£6.00 in all`,
  );
  expect(revisedAloud({ start: [], records: [], sales: [] }, UK)).toBe("");
});
