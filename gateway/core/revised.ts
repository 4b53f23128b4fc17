// What revisions did to a line of minutes, as marks of a chart and as part of a figure's explanation.
import { NEWEST_REVISED, type Revised, type WindowRevised } from "../contract/wall.ts";
import { M } from "../../stream/contract/measures.ts";
import { MINUTE_MS, type MinuteLine } from "./minute-line.ts";

export const NOTHING_REVISED: Revised = { start: [], records: [], sales: [] };

/** The revised minutes among [from, to), minutes since 1970. */
export function revisedIn(line: MinuteLine, from: number, to: number): Revised {
  return columns(line, line.revised(from, to));
}

/** The same in short; null: none was. */
export function revisedOver(line: MinuteLine, from: number, to: number): WindowRevised | null {
  const minutes = line.revised(from, to);
  if (minutes.length === 0) return null;
  const sales = minutes.reduce((sum, minute) => sum + of(line, minute, M.revised_sales), 0);
  return { minutes: minutes.length, sales, newest: columns(line, minutes.slice(-NEWEST_REVISED)) };
}

const columns = (line: MinuteLine, minutes: readonly number[]): Revised => ({
  start: minutes.map((minute) => minute * MINUTE_MS),
  records: minutes.map((minute) => of(line, minute, M.revisions)),
  sales: minutes.map((minute) => of(line, minute, M.revised_sales)),
});

const of = (line: MinuteLine, minute: number, measure: number): number => line.minute(minute)?.measures[measure] ?? 0;
