import fc from "fast-check";
import { expect, test } from "vitest";
import { fit } from "./fit.ts";

test("a figure that has room is as large as it may be", () => {
  expect(fit("486", "", 343, 96)).toBe(96);
  expect(fit("", "", 343, 96)).toBe(96);
});

test("a longer figure is never larger, and a unit takes its share", () => {
  expect(fit("−£1,234,567", "", 343, 96)).toBeLessThan(fit("−£1,402", "", 343, 96));
  expect(fit("100.00", "\u202f%", 284, 84)).toBeLessThan(fit("100.00", "", 284, 84));
});

test("more room never makes a figure smaller, and the most is never passed", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\d,.£−]{1,20}$/), fc.integer({ min: 100, max: 900 }), (value, room) => {
      expect(fit(value, "", room + 50, 96)).toBeGreaterThanOrEqual(fit(value, "", room, 96));
      expect(fit(value, "", room, 96)).toBeLessThanOrEqual(96);
    }),
  );
});
