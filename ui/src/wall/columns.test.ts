import { expect, test } from "vitest";
import { columnsOf } from "./columns.ts";

const revised = { start: [] as number[], records: [], sales: [] };
const series = { start: [0, 60_000, 120_000], now: [1, 2, 3], ghost: [4, null, 6], revised };
const NONE = [null, null, null];

test("a final series is one line", () => {
  expect(columnsOf({ ...series, settledUntil: null })).toEqual([[0, 60, 120], [4, null, 6], [1, 2, 3], NONE, NONE]);
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

test("a mark stands at the revised minute's own point; where the point has no value there is none", () => {
  const at = (...start: number[]) =>
    columnsOf({ ...series, now: [1, null, 3], revised: { ...revised, start }, settledUntil: null })[4];
  expect(at(0)).toEqual([1, null, null]);
  expect(at(60_000, 120_000)).toEqual([null, null, 3]);
  expect(at(-60_000)).toEqual(NONE);
});
