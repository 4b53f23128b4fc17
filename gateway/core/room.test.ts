import { expect, test } from "vitest";
import { isDue, newRoom, pushed } from "./room.ts";

const at = (ms: number): number => 1_000_000 + ms;
const room = pushed(newRoom, 7, at(0));

test.each([
  ["nothing changed and a second has not passed", 7, 900, false],
  ["nothing changed, a second has passed", 7, 1000, true],
  ["something changed, but a push went out just now", 8, 200, false],
  ["something changed, a quarter of a second ago was the last", 8, 250, true],
] as const)("%s", (_, changes, after, due) => {
  expect(isDue(room, changes, at(after))).toBe(due);
});

test("a new room is due at once; each push counts up by one", () => {
  expect(isDue(newRoom, 0, at(0))).toBe(true);
  expect(pushed(room, 8, at(250)).sequence).toBe(room.sequence + 1);
});
