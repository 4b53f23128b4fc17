import { expect, test } from "vitest";
import { isDue, newRoom, pointsOf, pushed } from "./room.ts";

const at = (ms: number): number => 1_000_000 + ms;
const room = pushed(newRoom, 7, at(0));

test.each([
  ["nothing changed and a second has not passed", 7, 900, false],
  ["nothing changed, a second has passed", 7, 1000, true],
  ["something changed just after a push", 8, 10, false],
  ["something changed, a quarter of a second has passed", 8, 250, true],
] as const)("%s", (_, changes, after, due) => {
  expect(isDue(room, changes, at(after))).toBe(due);
});

test("a new room is due at once; each push counts up by one", () => {
  expect(isDue(newRoom, 0, at(0))).toBe(true);
  expect(pushed(room, 8, at(250)).sequence).toBe(room.sequence + 1);
});

test("figures that change all the time are pushed evenly: a change never waits for longer than a quarter of a second", () => {
  let busy = newRoom;
  const times: number[] = [];
  for (let ms = 0; ms < 10_000; ms += 10)
    if (isDue(busy, ms, at(ms))) {
      busy = pushed(busy, ms, at(ms));
      times.push(ms);
    }
  const waits = times.slice(1).map((time, i) => time - times[i]!);
  expect(Math.max(...waits)).toBeLessThanOrEqual(250);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(230); // timers may be a little early
});

test("one push in sixty carries whole lines, the others their last points", () => {
  let room = newRoom;
  const points = Array.from({ length: 120 }, (_, index) => {
    room = pushed(room, index, index * 250);
    return pointsOf(room);
  });
  expect(points.flatMap((all, index) => (all === null ? [index + 1] : []))).toEqual([60, 120]);
  expect(new Set(points)).toEqual(new Set([5, null]));
});
