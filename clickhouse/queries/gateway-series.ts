// A series over any range, in steps; the KPI is taken from the sums.
import { activePanes, summedMeasures, type Query } from "./gateway-query.ts";

export interface SeriesRange {
  readonly store: string;
  readonly dimension: string;
  readonly value: string;
  /** s since 1970. */
  readonly from: number;
  readonly to: number;
  /** s, a multiple of 60. */
  readonly step: number;
}

/** Columns: start of the step (s), measures in the order of MEASURES. Steps without data are left out. */
export const seriesSteps = (db: string, { store, dimension, value, from, to, step }: SeriesRange): Query => ({
  sql:
    "SELECT {from:UInt32} + intDiv(toUnixTimestamp(p.start) - {from:UInt32}, {step:UInt32}) * {step:UInt32} AS at," +
    ` [${summedMeasures}] FROM ${activePanes(db)}` +
    " WHERE p.store = {store:String} AND p.width = 60 AND p.dimension = {dimension:String} AND p.value = {value:String}" +
    " AND p.start >= toDateTime({from:UInt32}, 'UTC') AND p.start < toDateTime({to:UInt32}, 'UTC')" +
    " AND p.generation = g.generation GROUP BY at ORDER BY at",
  args: { store, dimension, value, from, to, step },
});
