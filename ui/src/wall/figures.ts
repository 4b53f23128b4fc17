// How each tile says its figure: text only, from the gateway's figures (pure).
import { KPIS, type Kpi } from "../../../stream/contract/kpis.ts";
import {
  TILES,
  type Comparison,
  type Figure,
  type StoreInfo,
  type TileId,
  type WallState,
} from "../../../gateway/contract/wall.ts";
import { clock, count, date, money, points, rate, relative, shortMoney, weekday, PERCENT } from "../core/format.ts";

export interface Words {
  readonly value: string;
  /** Smaller, after the value. */
  readonly unit: string;
}

export interface Delta {
  readonly up: boolean;
  readonly text: string;
  readonly judgement: "better" | "worse" | "neither";
  /** The evidence says that it is not noise. */
  readonly solid: boolean;
  /** "Tue 14:05" */
  readonly against: string;
  readonly day: string;
  /** The end of the window it is compared with, ms. */
  readonly at: number;
}

const VISITORS: Pick<Kpi, "title" | "unit" | "better"> = { title: "Visitors now", unit: "count", better: "up" };

const kpiOf = (id: TileId): Pick<Kpi, "title" | "unit" | "better"> => {
  const { kpi } = TILES[id];
  return kpi === "visitors" ? VISITORS : KPIS[kpi];
};

/** The figure in words; `pence`: an order value. */
export function wordsOf(id: TileId, value: number, store: StoreInfo): Words {
  const { unit } = kpiOf(id);
  const { perMinute } = TILES[id];
  switch (unit) {
    case "money":
      return { value: money(id === "refunds_today" ? -value || 0 : value, store.currency, id === "aov"), unit: "" };
    case "ratio":
      return { value: rate(value, id.startsWith("conversion") ? 2 : 1), unit: PERCENT };
    default:
      return { value: count(value, perMinute ? 1 : 0), unit: "" };
  }
}

/** A tick of an axis; of a rate that is whole, without decimals. */
export const tickOf = (id: TileId, value: number, store: StoreInfo): string =>
  kpiOf(id).unit === "money"
    ? shortMoney(value, store.currency)
    : `${rate(value, Number.isInteger(value * 100) ? 0 : 1)}${PERCENT}`;

/** null: nothing to compare with. */
export function deltaOf(id: TileId, compare: Comparison | null, store: StoreInfo): Delta | null {
  if (compare === null || compare.change === null) return null;
  const { better } = kpiOf(id);
  const up = compare.change > 0;
  return {
    up,
    text:
      compare.kind === "points"
        ? points(compare.change, id.startsWith("conversion") ? 2 : 1)
        : relative(compare.change),
    judgement: compare.change === 0 || better === "neither" ? "neither" : up === (better === "up") ? "better" : "worse",
    solid: compare.evidence === "outside",
    against: `${weekday(compare.at, store.timeZone)} ${clock(compare.at, store.timeZone)}`,
    day: weekday(compare.at, store.timeZone),
    at: compare.at,
  };
}

/** "95 %: 2.21–2.60" */
export function intervalText(id: TileId, { interval }: Figure): string {
  if (interval === null || kpiOf(id).unit !== "ratio") return "";
  const digits = id.startsWith("conversion") ? 2 : 1;
  return `95${PERCENT}: ${rate(interval[0], digits)}–${rate(interval[1], digits)}`;
}

/** Why there is no figure, and the counts behind it. */
export function absenceOf(id: TileId, figure: Figure): { title: string; counts: string; detail: string } | null {
  if (figure.absent === null) return null;
  const { kpi } = TILES[id];
  const counts = figure.denominator === null ? "" : `${count(figure.numerator)} of ${count(figure.denominator)}`;
  switch (figure.absent) {
    case "n-too-small": {
      const what = kpi === "visitors" ? "" : (KPIS[kpi].denominatorText ?? "");
      if (figure.denominator === 0) return { title: "none yet", counts: "", detail: `no ${what}` };
      return { title: "n too small", counts, detail: `${counts} ${what}` };
    }
    case "no-sessions":
      return { title: "no sessions", counts: "", detail: `${count(figure.numerator)} orders` };
    case "no-orders":
      return { title: "no orders", counts: "", detail: "yet today" };
    case "no-data":
      return { title: "no data", counts: "", detail: "nothing is known here" };
    default:
      return figure.absent satisfies never;
  }
}

/** The name of a day's figure: “today”, where the figures are of the day that it is; else they say of which. */
export function ofDay(what: string, state: Pick<WallState, "asOf" | "store"> | null, serverNow: number): string {
  if (state === null) return `${what} today`;
  const [of, now] = [state.asOf, serverNow].map((time) => date(time, state.store.timeZone));
  return of === now ? `${what} today` : `${what} ${of}`;
}
