// Revised minutes in words (pure).
import { NEWEST_REVISED, type Revised, type StoreInfo, type WindowRevised } from "../../../gateway/contract/wall.ts";
import { clock, count, exactMoney } from "./format.ts";

/** "14:05 revised −£312.00, 2 records", the newest first, and how many more there are; empty where there are none. */
export function revisedLines({ minutes, sales, newest }: WindowRevised, store: StoreInfo): string[] {
  const lines = newest.start.map((at, index) => {
    const records = newest.records[index]!;
    const by = newest.sales[index]!;
    const change = by === 0 ? ", sales unchanged" : ` ${salesWords(by, store)}`;
    return `${clock(at, store.timeZone)} revised${change}, ${count(records)} ${records === 1 ? "record" : "records"}`;
  });
  const more = minutes - lines.length;
  const rest = more === 0 ? [] : [`and ${count(more)} more, ${salesWords(sales, store)} in all`];
  return [...lines.toReversed(), ...rest];
}

/** The revised minutes of a chart for who cannot see its marks. */
export function revisedAloud({ start, records, sales }: Revised, store: StoreInfo): string {
  const newest = {
    start: start.slice(-NEWEST_REVISED),
    records: records.slice(-NEWEST_REVISED),
    sales: sales.slice(-NEWEST_REVISED),
  };
  const all = { minutes: start.length, sales: sales.reduce((sum, by) => sum + by, 0), newest };
  return revisedLines(all, store).join("; ");
}

const salesWords = (by: number, { currency }: StoreInfo): string =>
  by === 0 ? "sales unchanged" : (by > 0 ? "+" : "") + exactMoney(by, currency);
