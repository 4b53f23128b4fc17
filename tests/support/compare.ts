// Every stored row against the oracle, row for row: panes, sessions, orders, raw rows and the accounting of each partition.
import type { ClickHouseClient } from "../../clickhouse/client.ts";
import type { EventDecoder } from "../../producers/contract/codec.ts";
import { MEASURES } from "../../stream/contract/measures.ts";
import { SECONDS_KEPT_MS } from "../../stream/contract/lateness.ts";
import type { LogRecord } from "../../stream/core/log-record.ts";
import { oracle, orderFacts, paneFacts, sessionFacts } from "./oracle.ts";

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
      const [a, b] = [JSON.stringify(got.get(key), plain), JSON.stringify(want.get(key), plain)];
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
      factsOf(want.panes, paneFacts),
    );
    const sessions = await ask<[string, number, string, ...unknown[]]>(
      "sessions",
      `kind, ${ms("session_started_at")}, session_id, ${PROFILE}, length(seen_id), ${ms("last_event_at")},
       first_cart_offset IS NOT NULL, first_checkout_offset IS NOT NULL, first_order_offset IS NOT NULL`,
      partition,
    );
    diff(
      name("session"),
      new Map(sessions.map(([kind, start, id, ...facts]) => [`${kind}|${start}|${id}`, facts])),
      factsOf(want.sessions, sessionFacts),
    );
    const orders = await ask<[string, number, string, string, ...unknown[]]>(
      "orders",
      `kind, ${ms("session_started_at")}, session_id, order_id, ${PROFILE}, ${ms("placed_at")}, placed_offset IS NOT NULL,
       (${ms("occurred_at")}, verdict, currency, rate_day, rate, [worth_goods, worth_tax, worth_shipping],
        gross, discount, tax, shipping, units,
        arrayZip(lines.sku, lines.name, lines.category, lines.quantity, lines.unit_price)),
       arrayMap((kind, id, at, reported, original) -> (kind, id, ${ms("at")}, [reported.1, reported.2, reported.3],
                                                       [original.1, original.2, original.3]),
                takes.kind, takes.id, takes.occurred_at, arrayZip(takes.goods, takes.tax, takes.shipping),
                arrayZip(takes.original_goods, takes.original_tax, takes.original_shipping))`,
      partition,
    );
    diff(
      name("order"),
      new Map(
        orders.map(([kind, start, id, order, ...facts]) => {
          const [placed, isPlaced, takes] = [facts.at(-2), Boolean(facts.at(-3)), facts.at(-1)];
          return [`${kind}|${start}|${id}|${order}`, [...facts.slice(0, -3), isPlaced ? placed : null, takes]];
        }),
      ),
      factsOf(want.orders, orderFacts),
    );
    const raw = await ask<[number, string]>("raw_events", "offset, verdict", partition);
    diff(
      name("raw"),
      new Map(raw.map(([offset, verdict]) => [String(offset), verdict])),
      new Map(list.map(({ offset }, index) => [String(offset), want.verdicts[index]])),
    );
    // a position may lie beyond the last record: where transactions have left markers
    const [position] = await ask<[number, number, string]>(
      "positions",
      "upto, upto - first_offset - gaps, counters",
      partition,
    );
    const end = list.length === 0 ? 0 : list.at(-1)!.offset + 1;
    const got = position && [position[0] >= end, position[1], JSON.parse(position[2])];
    if (position ?? list.length > 0)
      diff(name("position"), new Map([["", got]]), new Map([["", [true, list.length, want.counters]]]));
  }
  return { problems, rows, records };
}

const ms = (column: string): string => `toUnixTimestamp64Milli(${column})`;
const PROFILE = "store, visitor_id, customer_id, channel, campaign, country, region, device, segment, bot";

const factsOf = <T>(rows: ReadonlyMap<string, T>, facts: (row: T) => unknown): Map<string, unknown> =>
  new Map([...rows].map(([key, row]) => [key, facts(row)]));

/** Booleans may come as 0 and 1. */
const plain = (_: string, value: unknown): unknown => (typeof value === "boolean" ? Number(value) : value);
