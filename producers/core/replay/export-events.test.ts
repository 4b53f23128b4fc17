import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recordKey, type ShopEvent } from "../../contract/events.ts";
import { ExportEvents } from "./export-events.ts";
import { ONLINE_RETAIL, parseMapping, type Mapping } from "./mapping.ts";
import type { Row } from "./order-line.ts";

const NAMING = { store: "online-retail", source: "or" };

/** invoice quantity × price, the rest as it may be. */
const row = (text: string, more: Row = {}): Row => {
  const [invoice, quantity, price] = text.split(" ");
  return {
    InvoiceNo: invoice,
    StockCode: "85123A",
    Description: "LANTERN",
    Quantity: quantity,
    InvoiceDate: "2011-07-01 08:26:00",
    UnitPrice: price,
    CustomerID: "17850",
    Country: "EIRE",
    ...more,
  };
};

function replayed(
  rows: readonly (Row | null)[],
  mapping: Mapping = ONLINE_RETAIL,
): { events: ShopEvent[]; table: [string, number, number][] } {
  const source = new ExportEvents(mapping, NAMING);
  const events = rows.flatMap((row) => [...source.row(row).events]);
  events.push(...source.end());
  return { events, table: source.accounting.rows() };
}

describe("Online Retail", () => {
  test("an invoice is an order with its lines, at its own time, and in its own words", () => {
    const { events } = replayed([row("536365 6 2.55"), row("536365 1 0.001", { StockCode: "M", Description: "" })]);
    expect(events).toEqual([
      expect.objectContaining({
        type: "order_placed",
        event_id: "or/order/536365",
        order_id: "536365",
        occurred_at: Date.UTC(2011, 6, 1, 7, 26),
        placed_at: Date.UTC(2011, 6, 1, 7, 26),
        store: "online-retail",
        session_id: null,
        customer_id: "17850",
        country: "EIRE",
        currency: "GBP",
        lines: [
          { sku: "85123A", name: "LANTERN", category: null, quantity: 6, unit_price: 25_500 },
          { sku: "M", name: "", category: null, quantity: 1, unit_price: 10 },
        ],
      }),
    ]);
  });

  test("a C invoice is a refund that names no order", () => {
    const { events } = replayed([row("C536379 -1 27.50", { CustomerID: "" })]);
    expect(events).toEqual([
      expect.objectContaining({
        type: "order_refunded",
        refund_id: "C536379",
        order_id: null,
        customer_id: null,
        goods: 275_000,
        lines: [{ sku: "85123A", name: "LANTERN", category: null, quantity: 1, goods: 275_000 }],
      }),
    ]);
  });

  test("a negative quantity at no price is a stock change", () => {
    const { events } = replayed([row("536589 -10 0.0", { Description: "damaged" })]);
    expect(events).toEqual([
      expect.objectContaining({ type: "stock_changed", sku: "85123A", change: -10, on_hand: null, reason: "damaged" }),
    ]);
  });

  test("bad debt is an order; a negative price is sent on as it is, for the cleaning to judge", () => {
    const { events } = replayed([row("A563185 1 11062.06"), row("A563186 1 -11062.06")]);
    expect(events.map((event) => event.type === "order_placed" && event.lines[0]!.unit_price)).toEqual([
      110_620_600, -110_620_600,
    ]);
  });

  test("an invoice that is interrupted by another is still one order", () => {
    const { events } = replayed([row("542806 1 1"), row("C542805 -1 1"), row("542806 2 1")]);
    expect(events.map((event) => event.type)).toEqual(["order_refunded", "order_placed"].sort().toReversed());
    expect(events.find((event) => event.type === "order_placed")!.lines).toHaveLength(2);
  });

  test("lines that come much later are not lost: they make a further part with an id of its own", () => {
    const others = Array.from({ length: 600 }, (_, i) => row(`${600_000 + i} 1 1`));
    const { events } = replayed([row("536365 1 1"), ...others, row("536365 2 1")]);
    const parts = events.filter((event) => event.type === "order_placed" && event.order_id.startsWith("536365"));
    expect(parts.map(({ event_id: id }) => id)).toEqual(["or/order/536365", "or/order/536365~2"]);
    expect(new Set(parts.map(recordKey)).size).toBe(2);
  });
});

const line = (Menge: string): Row => ({
  Nr: "7",
  Datum: "1.7.2011 9:00",
  Artikel: "a",
  Menge,
  Preis: "1.234,5",
  Kanal: "",
});

describe("any shop's export", () => {
  const other = parseMapping({
    currency: "EUR",
    timeFormat: "day-first",
    timeZone: "Europe/Berlin",
    delimiter: ";",
    decimalMark: ",",
    columns: { order: "Nr", time: "Datum", sku: "Artikel", quantity: "Menge", price: "Preis", channel: "Kanal" },
    defaults: { country: "Germany", channel: "shop" },
    refunds: { negativeQuantity: true },
  });

  test("is read by its mapping; negative lines of an order make a refund beside it", () => {
    const { events } = replayed([line("2"), line("-1")], other.ok ? other.mapping : ONLINE_RETAIL);
    expect(events).toEqual([
      expect.objectContaining({
        type: "order_placed",
        currency: "EUR",
        country: "Germany",
        channel: "shop",
        occurred_at: Date.UTC(2011, 6, 1, 7),
      }),
      expect.objectContaining({ type: "order_refunded", refund_id: "7", goods: 12_345_000 }),
    ]);
    expect(new Set(events.map(({ event_id: id }) => id)).size).toBe(2);
  });
});

describe("a line that cannot be used is rejected with its reason", () => {
  test.each([
    ["row-unreadable", null],
    ["order-empty", row(" 1 1")],
    ["sku-empty", row("1 1 1", { StockCode: " " })],
    ["time-unreadable", row("1 1 1", { InvoiceDate: "soon" })],
    ["quantity-unreadable", row("1 one 1")],
    ["quantity-zero", row("1 0 1")],
    ["quantity-negative", row("1 -1 1")],
    ["refund-not-negative", row("C1 1 1")],
    ["amount-unreadable", row("1 1 free")],
    ["amount-too-fine", row("1 1 0.00001")],
    ["amount-range", row("1 999999 99999999999")],
  ])("%s", (reason, bad) => {
    const { events, table } = replayed([bad, row("2 1 1")]);
    expect(events).toHaveLength(1);
    expect(table).toContainEqual([`rejected: ${reason}`, 1, 0]);
    expect(table.at(-1)).toEqual(["all lines", 2, 1]);
  });
});

describe("over any file", () => {
  const invoice = fc.constantFrom("1", "2", "3", "C4", "A5", "");
  const anyRow = fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    {
      weight: 20,
      arbitrary: fc
        .tuple(invoice, fc.integer({ min: -3, max: 3 }), fc.constantFrom("0", "1.25", "0.001", "0.00001", "x", "-2"))
        .map(([id, quantity, price]) => row(`${id} ${quantity} ${price}`)),
    },
  );
  const rows = fc.array(anyRow, { maxLength: 60 });

  test("every line is accounted for, and every line that was used is in an event", () => {
    fc.assert(
      fc.property(rows, (rows) => {
        const { events, table } = replayed(rows);
        const [what, lines, made] = table.at(-1)!;
        expect([what, lines, made]).toEqual(["all lines", rows.length, events.length]);
        const inEvents = events.map((event) => ("lines" in event ? event.lines.length : 1));
        const rejected = table
          .filter(([name]) => name.startsWith("rejected"))
          .reduce((sum, entry) => sum + entry[1], 0);
        expect(inEvents.reduce((sum, count) => sum + count, 0) + rejected).toBe(rows.length);
      }),
    );
  });

  test("event ids never repeat, and a second reading gives the same events", () => {
    fc.assert(
      fc.property(rows, (rows) => {
        const { events } = replayed(rows);
        expect(new Set(events.map(({ event_id: id }) => id)).size).toBe(events.length);
        expect(replayed(rows).events).toEqual(events);
      }),
    );
  });
});
