// One row of an export, read: what it is a line of, or why it cannot be used.
import { parseAmount, parseQuantity } from "./amount.ts";
import type { ColumnRole, Mapping } from "./mapping.ts";
import { wallClock } from "./wall-clock.ts";

export type LineKind = "order" | "refund" | "stock";

/** The words of a row by the header's names. */
export type Row = Readonly<Record<string, string | undefined>>;

export interface Line {
  readonly kind: LineKind;
  /** As the export names the order. */
  readonly id: string;
  /** Ms since 1970 UTC. */
  readonly time: number;
  readonly sku: string;
  readonly name: string;
  readonly category: string | null;
  /** As the row has it: negative in refunds and write-offs. */
  readonly quantity: number;
  /** Ten-thousandths. */
  readonly price: number;
  readonly about: About;
}

/** What the order's first line says about the order. */
interface About {
  readonly customer: string | null;
  readonly country: string;
  readonly region: string | null;
  readonly channel: string;
  readonly campaign: string | null;
  readonly device: string;
  readonly segment: string | null;
}

export type Rejection =
  | "row-unreadable"
  | "order-empty"
  | "sku-empty"
  | "time-unreadable"
  | "quantity-unreadable"
  | "quantity-zero"
  | "quantity-negative"
  | "refund-not-negative"
  | "amount-unreadable"
  | "amount-too-fine"
  | "amount-range";

export type ReadLine = { ok: true; line: Line } | { ok: false; reason: Rejection };

/** Ten-thousandths: 100 million units, so that sums of thousands of lines stay exact integers. */
const GREATEST_LINE = 1e12;

const reject = (reason: Rejection): ReadLine => ({ ok: false, reason });

/** Returns a reader of rows; it never throws, whatever a row holds. */
export function lineReader(mapping: Mapping): (row: Row) => ReadLine {
  const timeOf = wallClock(mapping.timeFormat, mapping.timeZone);
  const word = (row: Row, role: ColumnRole): string | null => {
    const name = mapping.columns[role];
    const text = name === undefined ? undefined : row[name]?.trim();
    return text === undefined || text === "" ? null : text;
  };

  return (row) => {
    const id = word(row, "order");
    if (id === null) return reject("order-empty");
    const sku = word(row, "sku");
    if (sku === null) return reject("sku-empty");
    const time = timeOf(word(row, "time") ?? "");
    if (time === null) return reject("time-unreadable");
    const quantity = parseQuantity(word(row, "quantity") ?? "");
    if (quantity === null) return reject("quantity-unreadable");
    const price = parseAmount(word(row, "price") ?? "", mapping.decimalMark);
    if (!price.ok) return reject(price.reason);
    if (Math.abs(quantity * price.value) > GREATEST_LINE) return reject("amount-range");
    const kind = kindOf(mapping, id, quantity, price.value);
    if (kind !== "order" && kind !== "refund" && kind !== "stock") return reject(kind);
    const line: Line = {
      kind,
      id,
      time,
      sku,
      name: word(row, "name") ?? "",
      category: word(row, "category"),
      quantity,
      price: price.value,
      about: {
        customer: word(row, "customer"),
        country: word(row, "country") ?? mapping.defaults.country,
        region: word(row, "region"),
        channel: word(row, "channel") ?? mapping.defaults.channel,
        campaign: word(row, "campaign"),
        device: word(row, "device") ?? mapping.defaults.device,
        segment: word(row, "segment"),
      },
    };
    return { ok: true, line };
  };
}

function kindOf(mapping: Mapping, id: string, quantity: number, price: number): LineKind | Rejection {
  const { prefix, negativeQuantity } = mapping.refunds;
  if (quantity === 0) return "quantity-zero";
  if (prefix !== undefined && id.startsWith(prefix)) return quantity < 0 ? "refund" : "refund-not-negative";
  if (quantity > 0) return "order";
  if (mapping.stockChanges.negativeAtNoPrice && price === 0) return "stock";
  return negativeQuantity ? "refund" : "quantity-negative";
}
