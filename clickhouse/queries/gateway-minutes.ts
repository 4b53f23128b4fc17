// A past stretch of one series, merged per minute: what a figure is compared with.
import { activePanes, summedMeasures, type Query } from "./gateway-query.ts";

/** `from` and `to`: s since 1970. Columns: start (s), measures in the order of MEASURES, sketch as [buckets, counts]. */
export const minutesOf = (
  db: string,
  series: { readonly store: string; readonly dimension: string; readonly value: string },
  from: number,
  to: number,
): Query => ({
  sql:
    `SELECT toUnixTimestamp(p.start) AS at, [${summedMeasures}], sumMap(p.sketch_index, p.sketch_count) FROM ${activePanes(db)}` +
    " WHERE p.store = {store:String} AND p.width = 60 AND p.dimension = {dimension:String} AND p.value = {value:String}" +
    " AND p.start >= toDateTime({from:UInt32}, 'UTC') AND p.start < toDateTime({to:UInt32}, 'UTC')" +
    " AND p.generation = g.generation GROUP BY at ORDER BY at",
  args: { store: series.store, dimension: series.dimension, value: series.value, from, to },
});
