import { describe, expect, test } from "vitest";
import { missingColumns, ONLINE_RETAIL, parseMapping } from "./mapping.ts";

const columns = { order: "o", time: "t", sku: "s", quantity: "q", price: "p" };

describe("a mapping", () => {
  test("needs a currency and five columns; the rest has defaults", () => {
    expect(parseMapping({ currency: "EUR", columns })).toEqual({
      ok: true,
      mapping: {
        timeZone: "UTC",
        timeFormat: "iso",
        currency: "EUR",
        encoding: "utf8",
        delimiter: ",",
        decimalMark: ".",
        columns,
        defaults: { country: "", channel: "unknown", device: "unknown" },
        refunds: { negativeQuantity: false },
        stockChanges: { negativeAtNoPrice: false },
      },
    });
  });

  test("says all that is wrong with it at once", () => {
    const result = parseMapping({
      currency: "euro",
      timeZone: "Mars/Olympus",
      colour: "red",
      columns: { ...columns, sku: undefined },
    });
    expect(result.ok ? [] : result.problems.join("\n")).toMatch(
      /timeZone.*\n.*currency.*\n.*columns\.sku.*\n.*colour/s,
    );
  });

  test("that is not one at all is a problem, not a crash", () => {
    for (const value of [null, 1, "x", []]) expect(parseMapping(value).ok).toBe(false);
  });

  test("names the columns that a file lacks", () => {
    expect(
      missingColumns(ONLINE_RETAIL, ["InvoiceNo", "InvoiceDate", "Quantity", "UnitPrice", "CustomerID", "Country"]),
    ).toEqual([`"StockCode" (sku)`, `"Description" (name)`]);
  });
});
