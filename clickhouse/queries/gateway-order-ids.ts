// What is exact in itself and counts twice all the same: one order id under two sessions, one session in two partitions.
import type { Query } from "./gateway-query.ts";

/**
 * Columns: store, orderIds. An order id counts while money does twice: while an order other than the first under it still
 * stands. So a number above 0 is work to do, and falls as `npm run reconcile` mends it (producers/core/reconcile/plan.ts
 * has the same rule, with its reasons).
 *
 * `from` (s since 1970) looks at sessions that began since: that column is in the key and cuts the table into months, so
 * only the parts of one or two months are read, however long the history. The gateway asks for 30 days, once a minute
 * (0.5 s for 260,000 orders, one core of a shared machine); two orders of which one is older are not found here.
 */
export const doubledOrderIds = (db: string, from: number): Query => ({
  sql:
    `SELECT store, count() AS orderIds FROM (SELECT o.store AS store FROM ${db}.orders AS o FINAL` +
    ` LEFT JOIN ${db}.active_generation AS g ON g.source = o.source AND g.day = toDate(o.session_started_at)` +
    " WHERE o.session_started_at >= toDateTime64({from:UInt32}, 3, 'UTC') AND o.placed_offset IS NOT NULL" +
    " AND o.verdict = 'counted' AND NOT o.bot AND o.generation = g.generation" +
    ` GROUP BY o.store, o.order_id HAVING sum(${STANDS}) > argMin(${STANDS}, (${FIRST})))` +
    " GROUP BY store ORDER BY store",
  args: { from },
});

const LEFT = ["goods", "tax", "shipping"]
  .map((part) => `o.worth_${part} - arraySum(o.\`takes.original_${part}\`)`)
  .join(", ");
/** Not cancelled, and something is left to take off. */
const STANDS = `NOT has(o.\`takes.kind\`, 'cancellation') AND least(${LEFT}) >= 0 AND greatest(${LEFT}) > 0`;
/** The first one placed; a record of the log decides where two were placed at the same time. */
const FIRST = "o.placed_at, o.placed_offset, o.source, o.partition";

/**
 * Columns: sessions, how many began since `from` (s since 1970) and lie in more than one partition of their source. A
 * partition is a matter of the log, the same in every generation. Whatever splits sessions splits one in two or more of
 * them, so the gateway asks for a day: 0.5 s for a million.
 */
export const splitSessions = (db: string, from: number): Query => ({
  sql:
    `SELECT count() AS sessions FROM (SELECT 1 FROM ${db}.sessions` +
    " WHERE kind = 'session' AND session_started_at >= toDateTime64({from:UInt32}, 3, 'UTC')" +
    " GROUP BY source, session_started_at, session_id HAVING min(partition) != max(partition))",
  args: { from },
});
