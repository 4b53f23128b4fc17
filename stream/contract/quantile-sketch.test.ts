import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketOf, quantile, valueOf } from "./quantile-sketch.ts";

test("a bucket stands for every value in it within 1 %", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e15 }), (value) => {
      expect(Math.abs(valueOf(bucketOf(value)) - value) / value).toBeLessThanOrEqual(0.01 + 1e-9);
    }),
  );
});

test("quantiles of merged counts are those of the values within 1 %", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, q) => {
        const counts = new Map<number, number>();
        for (const value of values) counts.set(bucketOf(value), (counts.get(bucketOf(value)) ?? 0) + 1);
        const exact = values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))]!;
        expect(Math.abs(quantile(counts, q)! - exact) / exact).toBeLessThanOrEqual(0.01 + 1e-9);
      },
    ),
  );
});

test("nothing counted has no quantile", () => {
  expect(quantile(new Map(), 0.5)).toBeNull();
});
