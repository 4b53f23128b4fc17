import { describe, expect, test } from "vitest";
import { wallClock } from "./wall-clock.ts";

const london = wallClock("iso", "Europe/London");
const utc = (text: string): string | null => {
  const ms = london(text);
  return ms === null ? null : new Date(ms).toISOString();
};

describe("a time without a zone", () => {
  test.each([
    ["2010-12-01 08:26:00", "2010-12-01T08:26:00.000Z"],
    ["2011-07-01 08:26:00", "2011-07-01T07:26:00.000Z"],
    ["2011-07-01T08:26", "2011-07-01T07:26:00.000Z"],
    ["2011-07-01", "2011-06-30T23:00:00.000Z"],
    ["2011-07-01 08:26:00.1234", "2011-07-01T07:26:00.123Z"],
  ])("%s is London's, %s", (text, expected) => {
    expect(utc(text)).toBe(expected);
  });

  test("that occurs twice, when clocks are set back, is the first of the two", () => {
    expect(utc("2011-10-30 01:30:00")).toBe("2011-10-30T00:30:00.000Z");
  });

  test("that never occurs, when clocks are set forward, is moved on by the hour that was skipped", () => {
    expect(utc("2011-03-27 01:30:00")).toBe("2011-03-27T01:30:00.000Z");
  });
});

test("a time with an offset is believed", () => {
  expect(utc("2011-07-01T08:26:00Z")).toBe("2011-07-01T08:26:00.000Z");
  expect(utc("2011-07-01T08:26:00+02:00")).toBe("2011-07-01T06:26:00.000Z");
  expect(utc("2011-07-01T08:26:00-0530")).toBe("2011-07-01T13:56:00.000Z");
});

test("day-first and month-first tell the two apart", () => {
  expect(wallClock("day-first", "UTC")("2/1/2011 8:05")).toBe(Date.UTC(2011, 0, 2, 8, 5));
  expect(wallClock("day-first", "UTC")("02.01.2011")).toBe(Date.UTC(2011, 0, 2));
  expect(wallClock("month-first", "UTC")("2/1/2011 8:05")).toBe(Date.UTC(2011, 1, 1, 8, 5));
});

test.each(["", "yesterday", "2011-02-31 10:00:00", "2011-01-01 25:00:00", "1/2/2011"])("%j is not a time", (text) => {
  expect(utc(text)).toBeNull();
});
