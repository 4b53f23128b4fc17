import { expect, test } from "vitest";
import { going, type StoredSession } from "./session.ts";

const NOON = Date.UTC(2026, 10, 17, 12);
const MINUTE = 60_000;
const stored: StoredSession = {
  at: NOON,
  session: { session_id: "s1", session_started_at: NOON - 40 * MINUTE, channel: "email" },
};

test("a session goes on for half an hour after its latest event, however long it is", () => {
  const text = JSON.stringify(stored);
  expect(going(text, NOON)).toEqual(stored);
  expect(going(text, NOON + 30 * MINUTE - 1)).toEqual(stored);
  expect(going(text, NOON + 30 * MINUTE)).toBeNull();
});

test("a session of a clock that was half an hour ahead is not waited for", () => {
  expect(going(JSON.stringify(stored), NOON - 30 * MINUTE)).toBeNull();
});

test.each([undefined, "", "{", "null", "5", "{}", '"s1"'])("%s is no session", (text) => {
  expect(going(text, NOON)).toBeNull();
});
