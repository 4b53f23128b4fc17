import { expect, test } from "vitest";
import { ordersUnderTwoSessions, sessionsInTwoPartitions } from "./stored-orders.ts";

test("orders under two sessions: found in an extent, then all under the same id; values travel as parameters", () => {
  const { sql, args } = ordersUnderTwoSessions("db", { from: 600, to: 1200, store: "s'hop" });
  expect(sql).toBe(
    "SELECT o.store AS store, o.order_id AS orderId, o.source AS source, o.partition AS partition, o.kind AS kind, o.session_id AS sessionId, toUnixTimestamp64Milli(o.session_started_at) AS startedAt, o.placed_offset AS placedOffset, toUnixTimestamp64Milli(o.placed_at) AS placedAt, toUnixTimestamp64Milli(o.occurred_at) AS occurredAt, o.visitor_id AS visitor, o.customer_id AS customer, o.channel AS channel, o.campaign AS campaign, o.country AS country, o.region AS region, o.device AS device, o.segment AS segment, o.currency AS currency, [o.worth_goods, o.worth_tax, o.worth_shipping] AS worthParts, [arraySum(o.`takes.original_goods`), arraySum(o.`takes.original_tax`), arraySum(o.`takes.original_shipping`)] AS takenParts, has(o.`takes.kind`, 'cancellation') AS cancelled FROM db.orders AS o FINAL LEFT JOIN db.active_generation AS g ON g.source = o.source AND g.day = toDate(o.session_started_at) PREWHERE (o.store, o.order_id) IN (SELECT store, order_id FROM db.orders WHERE placed_offset IS NOT NULL AND session_started_at >= toDateTime64({from:UInt32}, 3, 'UTC') AND session_started_at < toDateTime64({to:UInt32}, 3, 'UTC') AND store = {store:String} GROUP BY store, order_id HAVING uniqExact(source, partition, kind, session_id, session_started_at) > 1) WHERE o.placed_offset IS NOT NULL AND o.verdict = 'counted' AND NOT o.bot AND o.generation = g.generation",
  );
  expect(args).toEqual({ from: 600, to: 1200, store: "s'hop" });
});

test("sessions in two partitions: the oldest, and how many there are", () => {
  expect(sessionsInTwoPartitions("db", { from: 600, to: null, store: null }, 10)).toEqual({
    sql: "SELECT source, session_id AS sessionId, toUnixTimestamp64Milli(session_started_at) AS startedAt, arraySort(groupUniqArray(partition)) AS partitions, count() OVER () AS found FROM db.sessions WHERE kind = 'session' AND session_started_at >= toDateTime64({from:UInt32}, 3, 'UTC') GROUP BY source, session_started_at, session_id HAVING min(partition) != max(partition) ORDER BY session_started_at, session_id, source LIMIT {limit:UInt32}",
    args: { from: 600, limit: 10 },
  });
});
