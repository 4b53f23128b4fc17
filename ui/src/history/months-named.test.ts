import fc from "fast-check";
import { expect, test } from "vitest";
import { monthsNamed } from "./months-named.ts";

test("a year on a desk names every month, on a phone every third", () => {
  expect(monthsNamed(12, 1240)).toHaveLength(12);
  expect(monthsNamed(12, 294)).toEqual([0, 3, 6, 9]);
});

test("names never stand closer than they are wide, and the first month is always named", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 64, max: 2000 }), (months, width) => {
      const named = monthsNamed(months, width);
      expect(named[0]).toBe(0);
      expect(named.length * 64).toBeLessThanOrEqual(width);
      expect(named.at(-1)!).toBeLessThan(months);
    }),
  );
});
