import fc from "fast-check";
import { expect, test } from "vitest";
import type { Revised, Series, WallState } from "../../../gateway/contract/wall.ts";
import { merge } from "./merge.ts";

const MINUTE = 60_000;
const NONE: Revised = { start: [], records: [], sales: [] };
const seriesOf = (from: number, to: number, revised = NONE): Series => {
  const start = Array.from({ length: to - from }, (_, index) => (from + index) * MINUTE);
  return { start, now: start.map((at) => at / MINUTE), ghost: start.map(() => null), settledUntil: null, revised };
};
const stateOf = (series: Series): WallState =>
  ({ tiles: {}, series: { aov: series }, sequence: 0 }) as unknown as WallState;

test("however pushes overlap, the screen holds the last sixty points, each once", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 60 }), (steps) => {
      let end = 60;
      let state = stateOf(seriesOf(0, 60));
      for (const step of steps) {
        end += step;
        state = merge(state, stateOf(seriesOf(end - 5, end)))!;
      }
      expect(state.series.aov).toEqual(seriesOf(end - 60, end));
    }),
  );
});

test("a gap asks for a snapshot", () => {
  expect(merge(stateOf(seriesOf(0, 60)), stateOf(seriesOf(61, 66)))).toBeNull();
});

test("time that went back asks for a snapshot instead of losing points for good", () => {
  expect(merge(stateOf(seriesOf(0, 60)), stateOf(seriesOf(50, 55)))).toBeNull();
});

test("a revision of an old minute comes with any push, and leaves when the gateway no longer names it", () => {
  const revised = { start: [10 * MINUTE], records: [2], sales: [-3_120_000] };
  const marked = merge(stateOf(seriesOf(0, 60)), stateOf(seriesOf(55, 60, revised)))!;
  expect(marked.series.aov).toEqual(seriesOf(0, 60, revised));
  expect(merge(marked, stateOf(seriesOf(57, 62)))!.series.aov).toEqual(seriesOf(2, 62));
});

test("a push with whole lines replaces every point", () => {
  const whole = seriesOf(1, 61);
  const corrected = { ...whole, now: whole.now.map((value) => value! * 2) };
  expect(merge(stateOf(seriesOf(0, 60)), stateOf(corrected))!.series.aov).toEqual(corrected);
});
