import { expect, test } from "vitest";
import { excludesNoChange, meanDifferenceZ, meanInterval, twoProportionZ, wilson } from "./intervals.ts";

test("Wilson: 1,908 of 12,330 sessions is 14.847 to 16.124 %", () => {
  const [low, high] = wilson(1908, 12330)!;
  expect(low * 100).toBeCloseTo(14.847, 3);
  expect(high * 100).toBeCloseTo(16.124, 3);
});

test("Wilson stays within 0 and 1, and there is none for what is no proportion", () => {
  expect(wilson(0, 10)![0]).toBe(0);
  expect(wilson(10, 10)![1]).toBeCloseTo(1, 12);
  expect(wilson(11, 10)).toBeNull();
  expect(wilson(0, 0)).toBeNull();
});

test("422 of 1,694 new against 1,470 of 10,551 returning: z = 11.605 pooled", () => {
  const z = twoProportionZ(422, 1694, 1470, 10551)!;
  expect(z).toBeCloseTo(11.605, 3);
  expect(excludesNoChange(z)).toBe(true);
});

test("two proportions without any success, or with nothing but, cannot be told apart", () => {
  expect(twoProportionZ(0, 200, 0, 300)).toBeNull();
  expect(twoProportionZ(200, 200, 300, 300)).toBeNull();
});

test("a mean of 100 values with variance 2500 is known to ±9.8", () => {
  const [low, high] = meanInterval({ mean: 50, variance: 2500, n: 100 });
  expect(low).toBeCloseTo(40.2, 2);
  expect(high).toBeCloseTo(59.8, 2);
});

const of = (mean: number) => ({ mean, variance: 50, n: 100 });

test("means three standard errors apart differ, one apart do not", () => {
  expect(excludesNoChange(meanDifferenceZ(of(13), of(10))!)).toBe(true);
  expect(excludesNoChange(meanDifferenceZ(of(11), of(10))!)).toBe(false);
});
