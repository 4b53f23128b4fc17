import { expect, test } from "vitest";
import { linesOf } from "./doubles.ts";

test("nothing that counts twice is quiet", () => {
  const { lines, advice } = linesOf({ orderIds: {}, sessions: 0 });
  expect(lines.map(({ what, value, doubt }) => [what, value, doubt])).toEqual([
    ["Order ids under two sessions", "0", false],
    ["Sessions in two partitions", "0", false],
  ]);
  expect(advice).toBeNull();
});

test("what counts twice is a warning, summed over stores, that says what to do", () => {
  const { lines, advice } = linesOf({ orderIds: { shop: 2, outlet: 1 }, sessions: 1200 });
  expect(lines.map(({ value, doubt }) => [value, doubt])).toEqual([
    ["▲ 3", true],
    ["▲ 1,200", true],
  ]);
  expect(advice).toMatch(/30 days.*npm run reconcile lists and mends.*last day.*npm run reconcile names/);
});

test("what storage has not said is not shown as none", () => {
  expect(linesOf(null)).toMatchObject({ lines: [{ value: "–" }, { value: "–" }], advice: null });
});
