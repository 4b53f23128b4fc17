import { expect, test } from "vitest";
import { columnsOf } from "./columns.ts";

const series = { start: [0, 60_000, 120_000], now: [1, 2, 3], ghost: [4, null, 6] };

test("a final series is one line", () => {
  expect(columnsOf({ ...series, settledUntil: null })).toEqual([
    [0, 60, 120],
    [4, null, 6],
    [1, 2, 3],
    [null, null, null],
  ]);
});

test("the settling part starts where the final one ends, so that the line has no gap", () => {
  const [, , final, provisional] = columnsOf({ ...series, settledUntil: 120_000 });
  expect(final).toEqual([1, 2, null]);
  expect(provisional).toEqual([null, 2, 3]);
});

test("a series that has not begun to settle is all provisional", () => {
  const [, , final, provisional] = columnsOf({ ...series, settledUntil: 0 });
  expect(final).toEqual([null, null, null]);
  expect(provisional).toEqual([1, 2, 3]);
});
