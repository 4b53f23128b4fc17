// Which column of an export means what. Anyone's order lines can be replayed by writing one of these.
import { z } from "zod";
import { CURRENCY } from "../../contract/usable.ts";
import { TIME_FORMATS } from "./wall-clock.ts";

const column = z.string().min(1);
const zone = z.string().refine(isZone, { error: "is not an IANA time zone" });

/** What an export may say about an order, taken from the order's first line. */
const ORDER_COLUMNS = {
  customer: column.optional(),
  country: column.optional(),
  region: column.optional(),
  channel: column.optional(),
  campaign: column.optional(),
  device: column.optional(),
  segment: column.optional(),
};

const mappingSchema = z
  .strictObject({
    timeZone: zone.default("UTC"),
    timeFormat: z.enum(TIME_FORMATS).default("iso"),
    currency: z.string().regex(CURRENCY, { error: "is not an ISO 4217 code" }),
    encoding: z.enum(["utf8", "latin1", "utf16le"]).default("utf8"),
    delimiter: z.string().length(1).default(","),
    decimalMark: z.enum([".", ","]).default("."),
    columns: z.strictObject({
      order: column,
      time: column,
      sku: column,
      quantity: column,
      price: column,
      name: column.optional(),
      category: column.optional(),
      ...ORDER_COLUMNS,
    }),
    /** What every order has where no column says so. */
    defaults: z
      .strictObject({
        country: z.string().default(""),
        channel: z.string().min(1).default("unknown"),
        device: z.string().min(1).default("unknown"),
      })
      .prefault({}),
    refunds: z
      .strictObject({
        /** Order numbers that begin so are refunds, with negative quantities. */
        prefix: z.string().min(1).optional(),
        /** Any other line with a negative quantity is a refund, too. */
        negativeQuantity: z.boolean().default(false),
      })
      .prefault({}),
    stockChanges: z
      .strictObject({
        /** A line with a negative quantity and price 0 that is no refund is a write-off. */
        negativeAtNoPrice: z.boolean().default(false),
      })
      .prefault({}),
  })
  .refine((mapping) => mapping.delimiter !== mapping.decimalMark, {
    error: "delimiter and decimalMark must differ",
  });

export type Mapping = z.output<typeof mappingSchema>;
export type ColumnRole = keyof Mapping["columns"];

export type MappingResult = { ok: true; mapping: Mapping } | { ok: false; problems: readonly string[] };

/** Reads a mapping from what a YAML file held; all that is wrong with it at once. */
export function parseMapping(value: unknown): MappingResult {
  const parsed = mappingSchema.safeParse(value);
  if (parsed.success) return { ok: true, mapping: parsed.data };
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "the file"}: ${issue.message}`);
  return { ok: false, problems };
}

/** The columns that the file's header lacks. */
export function missingColumns(mapping: Mapping, header: readonly string[]): string[] {
  const present = new Set(header);
  return Object.entries(mapping.columns)
    .filter((entry): entry is [string, string] => entry[1] !== undefined && !present.has(entry[1]))
    .map(([role, name]) => `"${name}" (${role})`);
}

function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** UCI Online Retail: an invoice is an order; C invoices are refunds of unnamed orders; write-offs are stock changes. */
export const ONLINE_RETAIL: Mapping = mappingSchema.parse({
  timeZone: "Europe/London",
  currency: "GBP",
  columns: {
    order: "InvoiceNo",
    time: "InvoiceDate",
    sku: "StockCode",
    name: "Description",
    quantity: "Quantity",
    price: "UnitPrice",
    customer: "CustomerID",
    country: "Country",
  },
  refunds: { prefix: "C" },
  stockChanges: { negativeAtNoPrice: true },
});
