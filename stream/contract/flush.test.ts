import { expect, test } from "vitest";
import { gaugedAt, isBehind, lagOf } from "./flush.ts";

const NOW = Date.UTC(2026, 10, 17, 14, 5);
const HOUR = 3600_000;
const YESTERDAY = NOW - 24 * HOUR;

test.each([
  ["caught up with a quiet topic", { position: 9, logEnd: 9, lastAppendTime: NOW - HOUR, watermark: NOW - HOUR }, NOW],
  ["a moment behind", { position: 5, logEnd: 9, lastAppendTime: NOW - 500, watermark: NOW - 10_500 }, NOW],
  ["keeping pace with a log of the past", { position: 5, logEnd: 9, lastAppendTime: NOW, watermark: YESTERDAY }, NOW],
  [
    "an hour behind",
    { position: 5, logEnd: 9, lastAppendTime: NOW - HOUR, watermark: NOW - HOUR - 10_000 },
    NOW - HOUR,
  ],
  ["before its first record", { position: 0, logEnd: 9, lastAppendTime: null, watermark: null }, -Infinity],
  ["empty", { position: 0, logEnd: 0, lastAppendTime: null, watermark: null }, NOW],
])("gauges of a partition %s are about the right time", (_, partition, at) => {
  expect(gaugedAt(partition, NOW)).toBe(at);
});

test("lag is the age of the last folded record while others wait, and more than 5 s of it is behind", () => {
  const waiting = (lastAppendTime: number | null) => ({ position: 5, logEnd: 9, lastAppendTime });
  expect(lagOf(waiting(NOW - 5000), NOW)).toBe(5000);
  expect(lagOf(waiting(null), NOW)).toBe(Infinity);
  expect(lagOf({ ...waiting(null), position: 9 }, NOW)).toBe(0);
  expect(isBehind(waiting(NOW - 5000), NOW)).toBe(false);
  expect(isBehind(waiting(NOW - 5001), NOW)).toBe(true);
});
