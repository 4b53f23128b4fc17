// Every stored row against the oracle, row for row: panes, sessions, orders, raw rows and the accounting of each partition.
import type { ClickHouseClient } from "../../clickhouse/client.ts";
import type { EventDecoder } from "../../producers/contract/codec.ts";
import { MEASURES } from "../../stream/contract/measures.ts";
import { SECONDS_KEPT_MS } from "../../stream/contract/lateness.ts";
import type { LogRecord } from "../../stream/core/log-record.ts";
import { oracle, vectorOf } from "./oracle.ts";

export interface Comparison {
  /** What differs, at most the first few; empty: nothing. */
  readonly problems: readonly string[];
  /** Rows compared, so that an empty comparison cannot pass for a good one. */
  readonly rows: number;
  readonly records: number;
}

/** `source` in database `db` against the oracle's reading of `log`. */
export async function compareWithOracle(
  client: ClickHouseClient,
  db: string,
  source: string,
  log: ReadonlyMap<number, readonly LogRecord[]>,
  currencies: ReadonlyMap<string, string>,
  decoder?: EventDecoder,
): Promise<Comparison> {
  const problems: string[] = [];
  let rows = 0;
  let records = 0;
  const ask = async <T>(table: string, columns: string, partition: number): Promise<T[]> => {
    const query = `SELECT ${columns} FROM ${db}.${table} FINAL
                   WHERE source = {source:String} AND partition = {partition:UInt16} AND generation = 0`;
    const answer = await client.query({ query, query_params: { source, partition }, format: "JSONCompactEachRow" });
    return answer.json<T>();
  };
  // 1 s panes leave storage after 3 days, at a time of its own choosing
  const keptFrom = Math.floor((Date.now() - SECONDS_KEPT_MS) / 1000) + 60;
  const isKept = (key: string): boolean => !key.startsWith("1|") || Number(key.split("|")[1]) >= keptFrom;
  const diff = (what: string, got: Map<string, unknown>, want: Map<string, unknown>): void => {
    for (const key of new Set([...got.keys(), ...want.keys()])) {
      if (!isKept(key)) continue;
      rows++;
      const [a, b] = [JSON.stringify(got.get(key)), JSON.stringify(want.get(key))];
      if (a !== b && problems.length < 20) problems.push(`${what} ${key}: stored ${a}, oracle ${b}`);
    }
  };

  for (const [partition, list] of log) {
    records += list.length;
    const want = oracle(list, currencies, decoder);
    const name = (what: string): string => `partition ${partition} ${what}`;
    type PaneColumns = [string, number, string, string, number, number[], number[], number[]];
    const panes = await ask<PaneColumns>(
      "panes",
      `store, width, dimension, value, toUnixTimestamp(start),
       [${MEASURES.map((measure) => `toInt64(${measure})`).join(", ")}], sketch_index, sketch_count`,
      partition,
    );
    diff(
      name("pane"),
      new Map(
        panes.map(([store, width, dimension, value, start, measures, index, count]) => [
          [width, start, store, dimension, value].join("|"),
          [measures, index, count],
        ]),
      ),
      new Map(
        [...want.panes].map(([key, pane]) => {
          const buckets = Object.entries(pane.sketch).sort(([a], [b]) => Number(a) - Number(b));
          const index = buckets.map(([bucket]) => Number(bucket));
          return [key, [vectorOf(pane), index, buckets.map(([, count]) => count)]];
        }),
      ),
    );
    const sessions = await ask<[string, number, string, number, boolean, boolean, string, string, string, string]>(
      "sessions",
      `kind, toUnixTimestamp64Milli(session_started_at), session_id, length(seen_id), first_order_offset IS NOT NULL,
       bot, channel, country, visitor_id, customer_id`,
      partition,
    );
    diff(
      name("session"),
      new Map(sessions.map(([kind, start, id, ...facts]) => [`${kind}|${start}|${id}`, facts.map(plain)])),
      new Map(
        [...want.sessions].map(([key, { events, ordered, bot, channel, country, visitor, customer }]) => [
          key,
          [events, ordered, bot, channel, country, visitor, customer].map(plain),
        ]),
      ),
    );
    const orders = await ask<[string, number, string, string, number | null, number, number, number]>(
      "orders",
      `kind, toUnixTimestamp64Milli(session_started_at), session_id, order_id,
       if(placed_offset IS NULL, NULL, gross), length(\`lines.sku\`), arraySum(\`takes.goods\`), length(\`takes.id\`)`,
      partition,
    );
    diff(
      name("order"),
      new Map(orders.map(([kind, start, id, order, ...facts]) => [`${kind}|${start}|${id}|${order}`, facts])),
      new Map([...want.orders].map(([key, { gross, lines, taken, takes }]) => [key, [gross, lines, taken, takes]])),
    );
    const raw = await ask<[number, string]>("raw_events", "offset, verdict", partition);
    diff(
      name("raw"),
      new Map(raw.map(([offset, verdict]) => [String(offset), verdict])),
      new Map(list.map(({ offset }, index) => [String(offset), want.verdicts[index]])),
    );
    const positions = await ask<[number, string]>("positions", "upto, counters", partition);
    const end = list.length === 0 ? 0 : list.at(-1)!.offset + 1;
    diff(
      name("position"),
      new Map(positions.map(([upto, counters]) => ["", [upto, JSON.parse(counters)]])),
      new Map(end === 0 ? [] : [["", [end, want.counters]]]),
    );
  }
  return { problems, rows, records };
}

/** Booleans may come as 0 and 1. */
const plain = (value: unknown): unknown => (typeof value === "boolean" ? Number(value) : value);
