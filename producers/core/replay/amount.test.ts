import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAmount, parseQuantity } from "./amount.ts";

describe("an amount", () => {
  test.each([
    ["2.55", 25_500],
    ["0.001", 10],
    ["0.0001", 1],
    ["-11062.06", -110_620_600],
    ["7", 70_000],
    ["7.", 70_000],
    ["1,234.5", 12_345_000],
    ["12,345,678.9", 123_456_789_000],
    ["0.1000000", 1000],
    ["-0", 0],
  ])("%s is %i ten-thousandths", (text, value) => {
    expect(parseAmount(text, ".")).toEqual({ ok: true, value });
  });

  test("is read with a decimal comma where the export has one", () => {
    expect(parseAmount("1.234,5", ",")).toEqual({ ok: true, value: 12_345_000 });
    expect(parseAmount("2,55", ",")).toEqual({ ok: true, value: 25_500 });
  });

  test("finer than a ten-thousandth is refused, not rounded", () => {
    expect(parseAmount("0.00001", ".")).toEqual({ ok: false, reason: "amount-too-fine" });
  });

  test.each(["", "£2", "2.5.5", "1e3", "NaN", "2,55", "12,34,567", "--1"])("%j is unreadable", (text) => {
    expect(parseAmount(text, ".")).toEqual({ ok: false, reason: "amount-unreadable" });
  });

  test("is exact to the last place", () => {
    const digits = fc.tuple(
      fc.bigInt({ min: 0n, max: 99_999_999_999n }),
      fc.integer({ min: 0, max: 9999 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(digits, ([whole, places, negative]) => {
        const text = `${negative ? "-" : ""}${whole}.${String(places).padStart(4, "0")}`;
        const exact = (whole * 10_000n + BigInt(places)) * (negative ? -1n : 1n);
        expect(parseAmount(text, ".")).toEqual({ ok: true, value: Number(exact) });
      }),
    );
  });
});

test("a quantity is a whole number", () => {
  expect(parseQuantity(" -80995 ")).toBe(-80_995);
  expect(parseQuantity("6.00")).toBe(6);
  for (const text of ["", "1.5", "six", "1e3", "99999999999"]) expect(parseQuantity(text)).toBeNull();
});
