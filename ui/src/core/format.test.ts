import { expect, test } from "vitest";
import { age, clock, count, date, exactMoney, money, points, rate, relative, shortMoney, weekday } from "./format.ts";

const plain = (text: string): string => text.replaceAll("\u202f", " ").replaceAll("\u2212", "-");

test("money is whole pounds, with pence for order values and below £100", () => {
  expect(money(413_860_000, "GBP")).toBe("£41,386");
  expect(money(845_000, "GBP")).toBe("£84.50");
  expect(money(1_234_500, "GBP", true)).toBe("£123.45");
  expect(money(0, "GBP")).toBe("£0");
  expect(plain(money(-12_345_670_000, "GBP"))).toBe("-£1,234,567");
  expect(money(10_000_000, "EUR")).toBe("€1,000");
});

test("exact money keeps every digit there is", () => {
  expect(exactMoney(4_932_071_210, "GBP")).toBe("£493,207.121");
  expect(exactMoney(7_489_570_200, "GBP")).toBe("£748,957.02");
});

test("axes are short", () => {
  expect(shortMoney(400_000_000, "GBP")).toBe("£40k");
  expect(shortMoney(317_900_000_000, "GBP")).toBe("£31.79m");
  expect(shortMoney(5_000_000, "GBP")).toBe("£500");
});

test("counts, rates and changes read as people write them", () => {
  expect(count(271_846)).toBe("271,846");
  expect(count(1.4, 1)).toBe("1.4");
  expect(rate(0.0248)).toBe("2.48");
  expect(plain(relative(-0.172))).toBe("17 %");
  expect(plain(relative(0.0821))).toBe("8.2 %");
  expect(plain(relative(50))).toBe(">999 %");
  expect(plain(points(-0.0006))).toBe("0.06 pp");
});

test("an age is seconds, then minutes and seconds, then minutes, hours, days", () => {
  const seconds = (value: number): string => plain(age(value * 1000));
  expect([0, 48, 60, 112, 599, 840, 7200, 200_000].map(seconds)).toEqual([
    "0 s",
    "48 s",
    "1:00",
    "1:52",
    "9:59",
    "14 min",
    "2 h",
    "2 d",
  ]);
  expect(plain(age(-5))).toBe("0 s");
});

test("times are the store's, through a change of the clocks", () => {
  const summer = Date.UTC(2026, 5, 16, 13, 5);
  const winter = Date.UTC(2026, 10, 17, 14, 5);
  expect(clock(summer, "Europe/London")).toBe("14:05");
  expect(clock(winter, "Europe/London")).toBe("14:05");
  expect(clock(Date.UTC(2026, 10, 17), "UTC")).toBe("00:00");
  expect(date(winter, "Europe/London")).toBe("Tue 17 Nov");
  expect(weekday(winter, "Asia/Tokyo")).toBe("Tue");
});
