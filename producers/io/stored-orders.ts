// What storage knows of orders under one id, and of sessions in two partitions: questions as exact SQL, and their answers.
import type { ClickHouseClient } from "@clickhouse/client";
import type { Parts, StoredOrder } from "../core/reconcile/plan.ts";

/** Sessions that began in it, s since 1970; `to` and `store` may be open. */
export interface Extent {
  readonly from: number;
  readonly to: number | null;
  readonly store: string | null;
}

export interface Question {
  readonly sql: string;
  readonly args: Readonly<Record<string, string | number>>;
}

/** A session that lies in more than one partition of its source. */
export interface SplitSession {
  readonly source: string;
  readonly sessionId: string;
  readonly startedAt: number;
  readonly partitions: readonly number[];
  /** All that there are; the same in each row. */
  readonly found: number;
}

const within = ({ from, to, store }: Extent): { sql: string; args: Question["args"] } => ({
  sql:
    "session_started_at >= toDateTime64({from:UInt32}, 3, 'UTC')" +
    (to === null ? "" : " AND session_started_at < toDateTime64({to:UInt32}, 3, 'UTC')") +
    (store === null ? "" : " AND store = {store:String}"),
  args: { from, ...(to === null ? {} : { to }), ...(store === null ? {} : { store }) },
});

const ms = (column: string): string => `toUnixTimestamp64Milli(o.${column})`;
const parts = (of: (part: keyof Parts) => string): string =>
  `[${(["goods", "tax", "shipping"] as const).map(of).join(", ")}]`;

/**
 * Columns as StoredOrder, but worth and taken as lists. The extent says where order ids are looked for; then all orders under
 * those are given, however old: which of them came first must not depend on how far back somebody looks. Counted orders of
 * people only, in the generation that their day shows.
 */
export function ordersUnderTwoSessions(db: string, extent: Extent): Question {
  const { sql, args } = within(extent);
  return {
    sql:
      "SELECT o.store AS store, o.order_id AS orderId, o.source AS source, o.partition AS partition, o.kind AS kind," +
      ` o.session_id AS sessionId, ${ms("session_started_at")} AS startedAt, o.placed_offset AS placedOffset,` +
      ` ${ms("placed_at")} AS placedAt, ${ms("occurred_at")} AS occurredAt, o.visitor_id AS visitor,` +
      " o.customer_id AS customer, o.channel AS channel, o.campaign AS campaign, o.country AS country," +
      " o.region AS region, o.device AS device, o.segment AS segment, o.currency AS currency," +
      ` ${parts((part) => `o.worth_${part}`)} AS worthParts,` +
      ` ${parts((part) => `arraySum(o.\`takes.original_${part}\`)`)} AS takenParts,` +
      " has(o.`takes.kind`, 'cancellation') AS cancelled" +
      ` FROM ${db}.orders AS o FINAL` +
      ` LEFT JOIN ${db}.active_generation AS g ON g.source = o.source AND g.day = toDate(o.session_started_at)` +
      ` PREWHERE (o.store, o.order_id) IN (SELECT store, order_id FROM ${db}.orders` +
      ` WHERE placed_offset IS NOT NULL AND ${sql} GROUP BY store, order_id` +
      " HAVING uniqExact(source, partition, kind, session_id, session_started_at) > 1)" +
      " WHERE o.placed_offset IS NOT NULL AND o.verdict = 'counted' AND NOT o.bot AND o.generation = g.generation",
    args,
  };
}

/** Columns as SplitSession; the oldest come first. */
export function sessionsInTwoPartitions(db: string, extent: Extent, limit: number): Question {
  const { sql, args } = within(extent);
  return {
    sql:
      "SELECT source, session_id AS sessionId, toUnixTimestamp64Milli(session_started_at) AS startedAt," +
      " arraySort(groupUniqArray(partition)) AS partitions, count() OVER () AS found" +
      ` FROM ${db}.sessions WHERE kind = 'session' AND ${sql} GROUP BY source, session_started_at, session_id` +
      " HAVING min(partition) != max(partition) ORDER BY session_started_at, session_id, source LIMIT {limit:UInt32}",
    args: { ...args, limit },
  };
}

type OrderColumns = Omit<StoredOrder, "worth" | "taken" | "cancelled"> & {
  worthParts: [number, number, number];
  takenParts: [number, number, number];
  cancelled: number;
};

export async function readOrders(client: ClickHouseClient, question: Question): Promise<StoredOrder[]> {
  const rows = await ask<OrderColumns>(client, question);
  return rows.map(({ worthParts, takenParts, cancelled, ...order }) => ({
    ...order,
    worth: partsOf(worthParts),
    taken: partsOf(takenParts),
    cancelled: Boolean(cancelled),
  }));
}

const partsOf = ([goods, tax, shipping]: [number, number, number]): Parts => ({ goods, tax, shipping });

export async function ask<Row>(client: ClickHouseClient, { sql, args }: Question): Promise<Row[]> {
  const answer = await client.query({ query: sql, query_params: { ...args }, format: "JSONEachRow" });
  return answer.json<Row>();
}
