// A store's months, in store time. Money stays an integer of ten-thousandths: exact up to 2^53.
import { activePanes, type Query } from "./gateway-query.ts";

/** Columns: month (YYYY-MM), netSales, gross, discount, refunds (goods given back), orders. */
export const months = (db: string, store: string, timeZone: string): Query => ({
  sql:
    "SELECT formatDateTime(p.start, '%Y-%m', {zone:String}) AS month," +
    " sum(p.gross - p.discount - p.refund_goods - p.cancel_goods) AS netSales, sum(p.gross) AS gross, sum(p.discount) AS discount," +
    ` sum(p.refund_goods + p.cancel_goods) AS refunds, sum(p.orders) AS orders FROM ${activePanes(db)}` +
    " WHERE p.store = {store:String} AND p.width = 60 AND p.dimension = 'total' AND p.value = 'all'" +
    " AND p.generation = g.generation GROUP BY month ORDER BY month",
  args: { store, zone: timeZone },
});
