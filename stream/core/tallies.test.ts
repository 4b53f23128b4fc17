import { expect, test } from "vitest";
import { MEASURES } from "../contract/measures.ts";
import { TALLIED, Tallies } from "./tallies.ts";

interface Put {
  readonly cut: number;
  readonly start: number;
  readonly upto: number;
  readonly publish: boolean;
  readonly counts: number[];
}

const filled = (): { tallies: Tallies; puts: Put[] } => {
  const puts: Put[] = [];
  const tallies = new Tallies((cut, start, upto, publish, counts) =>
    puts.push({ cut, start, upto, publish, counts: [...counts] }),
  );
  return { tallies, puts };
};

const counts = (...pairs: [measure: number, amount: number][]): number[] => {
  const all = Array.from({ length: TALLIED }, () => 0);
  for (const [measure, amount] of pairs) all[measure] = amount;
  return all;
};

test("what is added to a cut's minute is put once, with its last offset, and then the tally is empty", () => {
  const { tallies, puts } = filled();
  tallies.add(2, 60, 10, false, [0, 1], []);
  tallies.add(2, 60, 12, true, [6, 1], [0, 1]);
  tallies.add(2, 60, 11, false, [6, 1], []);
  expect([puts, tallies.isEmpty]).toEqual([[], false]);
  tallies.settle();
  tallies.settle();
  expect(puts).toEqual([{ cut: 2, start: 60, upto: 12, publish: true, counts: counts([0, 2], [6, 2]) }]);
  expect(tallies.isEmpty).toBe(true);
});

test("another minute, later or earlier, puts the one before", () => {
  const { tallies, puts } = filled();
  for (const [start, offset] of [
    [60, 1],
    [120, 2],
    [60, 3],
  ] as const)
    tallies.add(0, start, offset, false, [6, 1], []);
  tallies.settle();
  expect(puts.map(({ start, upto }) => [start, upto])).toEqual([
    [60, 1],
    [120, 2],
    [60, 3],
  ]);
});

test("any number of cuts, in any order", () => {
  const { tallies, puts } = filled();
  const cuts = [700, 3, 40, 5000, 0];
  for (const cut of cuts) tallies.add(cut, 0, cut, false, [8, 1], []);
  tallies.settle();
  expect(puts.map(({ cut, upto }) => [cut, upto])).toEqual(cuts.map((cut) => [cut, cut]));
});

test("measures of simple events are counts: none is of orders", () => {
  expect(MEASURES.slice(TALLIED - 1, TALLIED + 1)).toEqual(["payment_failures", "orders"]);
});
