import { expect, test } from "vitest";
import { MEASURES } from "../../stream/contract/measures.ts";
import { deadLettersByReason, newestDeadLetters } from "./gateway-dead-letters.ts";
import { firstPanes } from "./gateway-first-panes.ts";
import { minutesOf } from "./gateway-minutes.ts";
import { months } from "./gateway-months.ts";
import { doubledOrderIds, splitSessions } from "./gateway-order-ids.ts";
import { recentPanes } from "./gateway-panes.ts";
import { positions } from "./gateway-positions.ts";
import { seriesSteps } from "./gateway-series.ts";
import { visitorsPerMinute } from "./gateway-visitors.ts";

const SERIES = { store: "shop", dimension: "channel", value: "e'mail" };
const COLUMNS = MEASURES.map((name) => `toInt64(${name})`).join(", ");
const SUMS = MEASURES.map((name) => `sum(p.${name})`).join(", ");
const ACTIVE =
  "db.panes AS p FINAL LEFT JOIN db.active_generation AS g ON g.source = p.source AND g.day = toDate(p.start)";

test("positions: one row a fold", () => {
  expect(positions("db")).toEqual({
    sql: "SELECT source, partition, generation, partitions, first_offset AS firstOffset, gaps, upto AS position, watermark, panes_offset AS panesOffset, toUnixTimestamp64Milli(stored_at) AS storedAt, counters, late FROM db.positions FINAL ORDER BY source, partition, generation",
    args: {},
  });
});

test("recent panes: every row, merged by the reader", () => {
  expect(recentPanes("db", ["total", "bot"], 600)).toEqual({
    sql: `SELECT store, dimension, value, toUnixTimestamp(start), source, partition, generation, upto, [${COLUMNS}], sketch_index, sketch_count FROM db.panes WHERE width = 60 AND dimension IN {dimensions:Array(String)} AND start >= toDateTime({from:UInt32}, 'UTC')`,
    args: { dimensions: ["total", "bot"], from: 600 },
  });
});

test("minutes: one series, merged, of the active generation; values travel as parameters", () => {
  expect(minutesOf("db", SERIES, 600, 1200)).toEqual({
    sql: `SELECT toUnixTimestamp(p.start) AS at, [${SUMS}], sumMap(p.sketch_index, p.sketch_count) FROM ${ACTIVE} WHERE p.store = {store:String} AND p.width = 60 AND p.dimension = {dimension:String} AND p.value = {value:String} AND p.start >= toDateTime({from:UInt32}, 'UTC') AND p.start < toDateTime({to:UInt32}, 'UTC') AND p.generation = g.generation GROUP BY at ORDER BY at`,
    args: { ...SERIES, from: 600, to: 1200 },
  });
});

test("first panes: when each store began", () => {
  expect(firstPanes("db").sql).toBe(
    "SELECT store, toUnixTimestamp(min(start)) AS first FROM db.panes WHERE width = 60 AND dimension = 'total' GROUP BY store",
  );
});

test("visitors: each event counts for the five minutes from its own on", () => {
  expect(visitorsPerMinute("db", 600, 1200)).toEqual({
    sql: "SELECT store, intDiv(toUnixTimestamp(occurred_at), 60) + arrayJoin(range(5)) AS minute, uniqExact(session_id, session_started_at) AS sessions FROM db.raw_events WHERE generation = 0 AND verdict IN ('counted', 'duplicate') AND session_id != '' AND occurred_at >= toDateTime64({from:UInt32}, 3, 'UTC') - INTERVAL 5 MINUTE AND occurred_at < toDateTime64({to:UInt32}, 3, 'UTC') GROUP BY store, minute HAVING minute >= intDiv({from:UInt32}, 60) AND minute < intDiv({to:UInt32}, 60) ORDER BY store, minute",
    args: { from: 600, to: 1200 },
  });
});

test("series: steps counted from the range's start", () => {
  const range = { ...SERIES, from: 600, to: 4200, step: 900 };
  expect(seriesSteps("db", range)).toEqual({
    sql: `SELECT {from:UInt32} + intDiv(toUnixTimestamp(p.start) - {from:UInt32}, {step:UInt32}) * {step:UInt32} AS at, [${SUMS}] FROM ${ACTIVE} WHERE p.store = {store:String} AND p.width = 60 AND p.dimension = {dimension:String} AND p.value = {value:String} AND p.start >= toDateTime({from:UInt32}, 'UTC') AND p.start < toDateTime({to:UInt32}, 'UTC') AND p.generation = g.generation GROUP BY at ORDER BY at`,
    args: range,
  });
});

test("months: in store time, integers of ten-thousandths", () => {
  expect(months("db", "shop", "Europe/London")).toEqual({
    sql: `SELECT formatDateTime(p.start, '%Y-%m', {zone:String}) AS month, sum(p.gross - p.discount - p.refund_goods - p.cancel_goods) AS netSales, sum(p.gross) AS gross, sum(p.discount) AS discount, sum(p.refund_goods + p.cancel_goods) AS refunds, sum(p.orders) AS orders FROM ${ACTIVE} WHERE p.store = {store:String} AND p.width = 60 AND p.dimension = 'total' AND p.value = 'all' AND p.generation = g.generation GROUP BY month ORDER BY month`,
    args: { store: "shop", zone: "Europe/London" },
  });
});

test("dead letters: each record once, however often it was stored", () => {
  expect(deadLettersByReason("db").sql).toBe(
    "SELECT reason, uniqExact(source, partition, offset) AS letters FROM db.raw_events WHERE verdict = 'dead-letter' AND generation = 0 GROUP BY reason ORDER BY letters DESC, reason",
  );
  expect(newestDeadLetters("db", 20)).toEqual({
    sql: "SELECT source, partition, offset, toUnixTimestamp64Milli(any(appended_at)) AS appendedAt, any(reason) AS reason, any(type) AS type, any(detail) AS detail FROM db.raw_events WHERE verdict = 'dead-letter' AND generation = 0 GROUP BY source, partition, offset ORDER BY appendedAt DESC, source, partition, offset DESC LIMIT {limit:UInt32}",
    args: { limit: 20 },
  });
});

test("order ids that count twice: while an order other than the first under one still stands", () => {
  const left =
    "o.worth_goods - arraySum(o.`takes.original_goods`), o.worth_tax - arraySum(o.`takes.original_tax`), o.worth_shipping - arraySum(o.`takes.original_shipping`)";
  const stands = `NOT has(o.\`takes.kind\`, 'cancellation') AND least(${left}) >= 0 AND greatest(${left}) > 0`;
  expect(doubledOrderIds("db", 600)).toEqual({
    sql: `SELECT store, count() AS orderIds FROM (SELECT o.store AS store FROM db.orders AS o FINAL LEFT JOIN db.active_generation AS g ON g.source = o.source AND g.day = toDate(o.session_started_at) WHERE o.session_started_at >= toDateTime64({from:UInt32}, 3, 'UTC') AND o.placed_offset IS NOT NULL AND o.verdict = 'counted' AND NOT o.bot AND o.generation = g.generation GROUP BY o.store, o.order_id HAVING sum(${stands}) > argMin(${stands}, (o.placed_at, o.placed_offset, o.source, o.partition))) GROUP BY store ORDER BY store`,
    args: { from: 600 },
  });
});

test("split sessions: one session in more than one partition of its source", () => {
  expect(splitSessions("db", 600)).toEqual({
    sql: "SELECT count() AS sessions FROM (SELECT 1 FROM db.sessions WHERE kind = 'session' AND session_started_at >= toDateTime64({from:UInt32}, 3, 'UTC') GROUP BY source, session_started_at, session_id HAVING min(partition) != max(partition))",
    args: { from: 600 },
  });
});
