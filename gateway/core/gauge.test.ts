import { expect, test } from "vitest";
import { Gauge } from "./gauge.ts";

const MINUTE = 60_000;

test("the last value of a minute stands for it, and old minutes are forgotten", () => {
  const gauge = new Gauge(3);
  for (const [at, value] of [
    [0, 5],
    [30_000, 7],
    [MINUTE, 8],
    [3 * MINUTE, 9],
  ] as const)
    gauge.record(at, value);
  expect([0, 1, 2, 3].map((minute) => gauge.at(minute * MINUTE))).toEqual([null, 8, null, 9]);
});

test("a minute that was recorded before all of it was known gets its value from elsewhere, later", () => {
  const gauge = new Gauge(10);
  gauge.record(0, 0); // while the log was being caught up
  gauge.record(MINUTE, 18);
  gauge.complete(
    new Map([
      [-1, 12],
      [0, 15],
      [1, 17],
    ]),
  );
  expect([-1, 0, 1].map((minute) => gauge.at(minute * MINUTE))).toEqual([12, 15, 18]);
});
