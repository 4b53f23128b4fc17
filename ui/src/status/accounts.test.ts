import { expect, test } from "vitest";
import { noCounters } from "../../../stream/contract/accounting.ts";
import { accountOf, shareOf, totalOf } from "./accounts.ts";

const one = {
  consumed: 10,
  parked: 0,
  counters: { ...noCounters(), counted: 6, duplicate: 1, "filtered-bot": 2, "dead-letter": 1 },
};

test("an account that balances has no difference", () => {
  expect(accountOf(one)).toEqual({
    consumed: 10,
    counted: 6,
    duplicate: 1,
    filtered: 2,
    dead: 1,
    parked: 0,
    difference: 0,
    filteredBy: { bot: 2, test: 0, amount: 0, fx: 0 },
  });
});

test("a record that waits for storage is not missing", () => {
  const waiting = { ...one, consumed: 12, parked: 2 };
  expect(accountOf(waiting)).toMatchObject({ difference: 0, parked: 2 });
  expect(totalOf([one, waiting])).toMatchObject({ difference: 0, parked: 2 });
});

test("a record that is missing shows, in its partition and in the total", () => {
  const short = { ...one, consumed: 11 };
  expect(accountOf(short).difference).toBe(1);
  expect(totalOf([one, short])).toMatchObject({ consumed: 21, counted: 12, difference: 1 });
});

test("a record lost in one partition and one doubled in another do not cancel out", () => {
  const lost = { ...one, consumed: 13 };
  const doubled = { ...one, consumed: 7 };
  expect(accountOf(doubled).difference).toBe(-3);
  expect(totalOf([lost, doubled]).difference).toBe(6);
});

test.each([
  [0, 10, "0.00"],
  [1, 1_000_000, "<0.01"],
  [1, 8, "12.50"],
  [999_999, 1_000_000, ">99.99"],
  [10, 10, "100.00"],
])("%i of %i records is %s per cent", (part, whole, shown) => {
  expect(shareOf(part, whole)).toBe(shown);
});
