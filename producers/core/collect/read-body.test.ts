import { expect, test } from "vitest";
import { MAX_BODY_EVENTS } from "../../contract/collect.ts";
import { readBody } from "./read-body.ts";

const wrong = (value: unknown): string => {
  const read = readBody(typeof value === "string" ? value : JSON.stringify(value));
  return read.ok ? "read" : read.detail;
};

test("events are not looked into, and nothing else is needed", () => {
  expect(readBody(`{"events":[1,{"a":null}],"sent_at":5}`)).toEqual({
    ok: true,
    body: { events: [1, { a: null }], lost: 0 },
  });
});

test("a malformed body is told what is wrong with it", () => {
  expect(wrong("{")).toMatch(/^The body is not JSON: /);
  expect(wrong([])).toMatch(/expected object/);
  expect(wrong({ event: {} })).toMatch(/^events: .*expected array/);
  expect(wrong({ events: [] })).toMatch(/^events: /);
  expect(wrong({ events: [1], lost: -1 })).toMatch(/^lost: /);
});

test(`at most ${MAX_BODY_EVENTS} events are taken at once`, () => {
  const events = (count: number): unknown => ({ events: Array.from({ length: count }, () => 0) });
  expect(wrong(events(MAX_BODY_EVENTS))).toBe("read");
  expect(wrong(events(MAX_BODY_EVENTS + 1))).toMatch(/^events: /);
});
