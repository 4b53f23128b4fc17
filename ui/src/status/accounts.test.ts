import { expect, test } from "vitest";
import { noCounters } from "../../../stream/contract/accounting.ts";
import { accountOf, totalOf } from "./accounts.ts";

const one = {
  consumed: 10,
  counters: { ...noCounters(), counted: 6, duplicate: 1, "filtered-bot": 2, "dead-letter": 1 },
};

test("an account that balances has no difference", () => {
  expect(accountOf(one)).toEqual({
    consumed: 10,
    counted: 6,
    duplicate: 1,
    filtered: 2,
    dead: 1,
    difference: 0,
    filteredBy: { bot: 2, test: 0, amount: 0, fx: 0 },
  });
});

test("a record that is missing shows, in its partition and in the total", () => {
  const short = { ...one, consumed: 11 };
  expect(accountOf(short).difference).toBe(1);
  expect(totalOf([one, short])).toMatchObject({ consumed: 21, counted: 12, difference: 1 });
});
