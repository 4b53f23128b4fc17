import { describe, expect, test } from "vitest";
import { StoreClock } from "./store-clock.ts";

const at = (iso: string): number => Date.parse(iso);
const london = new StoreClock("Europe/London");

describe("a store's clock", () => {
  test.each([
    ["2026-07-01T12:00:00Z", "2026-06-30T23:00:00Z", "summer: an hour before UTC's midnight"],
    ["2026-01-15T00:30:00Z", "2026-01-15T00:00:00Z", "winter"],
    ["2026-03-29T22:59:59Z", "2026-03-29T00:00:00Z", "the day of 23 hours, to its last second"],
    ["2026-03-29T23:00:00Z", "2026-03-29T23:00:00Z", "the day after it"],
    ["2026-10-25T23:59:59Z", "2026-10-24T23:00:00Z", "the day of 25 hours, to its last second"],
  ])("%s belongs to the day from %s (%s)", (now, midnight) => {
    expect(london.midnight(at(now))).toBe(at(midnight));
  });

  test.each([
    ["2026-07-08T12:00:30Z", "2026-07-01T12:00:30Z", "nothing special"],
    ["2026-04-01T12:00:00Z", "2026-03-25T13:00:00Z", "13:00 local before the clocks went forward is 13:00 UTC"],
    ["2026-10-28T12:00:00Z", "2026-10-21T11:00:00Z", "12:00 local before the clocks went back is 11:00 UTC"],
    ["2026-04-05T00:30:00Z", "2026-03-29T01:30:00Z", "01:30 did not exist that night: the time as far after the gap"],
  ])("a week before %s is %s (%s)", (now, before) => {
    expect(london.weekBefore(at(now))).toBe(at(before));
  });

  test("half-hour zones have their own midnight", () => {
    expect(new StoreClock("Asia/Kolkata").midnight(at("2026-01-15T12:00:00Z"))).toBe(at("2026-01-14T18:30:00Z"));
  });
});
