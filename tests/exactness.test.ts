// The exactness argument on the real fold, in random lives (support/lives.ts): crashes between and inside the numbered effects,
// two owners of one partition, lost and late inserts, storage away, evictions.
import { expect, test } from "vitest";
import { violations } from "./support/lives.ts";

test(
  "however a worker dies, is doubled, loses inserts or finds storage away, every row equals the oracle",
  { timeout: 300_000 },
  () => {
    for (let seed = 1; seed <= 3000; seed++) expect(violations(seed), `seed ${seed}`).toEqual([]);
  },
);
