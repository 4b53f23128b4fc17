// npm run reconcile: lists order ids that stand under two sessions, and mends them by events: nothing is edited in storage.
import { createInterface } from "node:readline/promises";
import { once } from "node:events";
import { createClickHouse, type ClickHouseClient } from "../clickhouse/client.ts";
import { instant, wholeFrom } from "../runtime/arguments.ts";
import type { Config } from "../runtime/config.ts";
import { createKafka } from "../runtime/kafka.ts";
import { command, runProcess, type Running } from "../runtime/process.ts";
import { cancellationOf, planOf, sum, surplusOf, type DoubledOrder, type PlannedOrder } from "./core/reconcile/plan.ts";
import type { EventSink } from "./io/event-sink.ts";
import { kafkaSink } from "./io/kafka-sink.ts";
import { whyNotOwnLog } from "./io/own-log.ts";
import { startProgress } from "./io/progress.ts";
import {
  ask,
  ordersUnderTwoSessions,
  readOrders,
  sessionsInTwoPartitions,
  type Extent,
  type SplitSession,
} from "./io/stored-orders.ts";
import { ordersTable, plural, sessionsText, time } from "./reconcile-report.ts";

const DAY_S = 86_400;
/** As far back as the status page looks. */
const BACK_S = 30 * DAY_S;
/** Sessions are many; what splits some of them splits some of every day's. */
const SPLIT_BACK_S = DAY_S;
const SPLIT_SHOWN = 10;
const PATIENCE_MS = 60_000;

interface Options {
  readonly store?: string;
  readonly from?: number;
  readonly to?: number;
  readonly limit?: number;
  readonly json?: true;
  readonly mend?: true;
  readonly yes?: true;
}

interface Found {
  readonly extent: Extent;
  /** Where something is left to mend, oldest first; at most as many as were asked for. */
  readonly doubled: readonly DoubledOrder[];
  /** Order ids with something left to mend, however many were asked for. */
  readonly unsettled: number;
  /** Order ids under two sessions of which only one counts. */
  readonly settled: number;
  readonly split: readonly SplitSession[];
}

async function reconcile(running: Running, options: Options): Promise<void> {
  const { config, onStop } = running;
  const stores = config.STORES.map(({ id }) => id);
  if (options.store !== undefined && !stores.includes(options.store))
    throw new Error(`There is no store "${options.store}" in STORES, which names ${stores.join(", ")}.`);
  const clickhouse = createClickHouse(config, "tidemark-reconcile");
  onStop("the ClickHouse client", () => clickhouse.close());
  const found = await find(clickhouse, config.CLICKHOUSE_DATABASE, options, Math.floor(Date.now() / 1000));
  const surplus = found.doubled.flatMap(surplusOf);
  const ours = surplus.filter(({ order }) => order.source === config.SOURCE);
  if (options.json !== true) show(found, surplus, config.SOURCE);
  const written = options.mend === true && ours.length > 0 ? await mend(running, ours, options.yes === true) : 0;
  if (options.json === true) print(JSON.stringify({ ...found, written }, null, 2));
  else if (written > 0) sayHowToSee(ours[0]!, written, config);
  else if (options.mend !== true && ours.length > 0)
    print("npm run reconcile -- --mend takes what is surplus off the figures, after asking.");
}

async function find(client: ClickHouseClient, db: string, options: Options, now: number): Promise<Found> {
  const { store = null, to = null } = options;
  const end = to ?? now;
  const extent = { from: options.from ?? end - BACK_S, to, store };
  const lastDay = { ...extent, from: Math.max(extent.from, end - SPLIT_BACK_S) };
  const [orders, split] = await Promise.all([
    readOrders(client, ordersUnderTwoSessions(db, extent)),
    ask<SplitSession>(client, sessionsInTwoPartitions(db, lastDay, SPLIT_SHOWN)),
  ]);
  const plan = planOf(orders);
  const unsettled = plan.filter((one) => surplusOf(one).length > 0);
  return {
    extent,
    doubled: unsettled.slice(0, options.limit),
    unsettled: unsettled.length,
    settled: plan.length - unsettled.length,
    split,
  };
}

function show(found: Found, surplus: readonly PlannedOrder[], home: string): void {
  const { extent, doubled, unsettled, settled, split } = found;
  const to = extent.to === null ? "" : ` and before ${time(extent.to * 1000)}`;
  const where = `in sessions begun since ${time(extent.from * 1000)}${to} UTC`;
  const mended =
    settled === 0 ? "" : ` ${plural(settled, "order id is", "order ids are")} settled: only one order of each counts.`;
  if (unsettled === 0) print(`No order id counts under two sessions, ${where}.${mended}`);
  else {
    const first = unsettled > doubled.length ? `; the first ${doubled.length} are` : "";
    print(`${plural(unsettled, "order id counts", "order ids count")} under two sessions, ${where}${first}:`);
    print(ordersTable(doubled, home));
    if (mended !== "") print(mended.trim());
    if (surplus.some(({ order }) => sum(order.taken) > 0))
      print("What was taken off a surplus order stays with it: see whether it belongs to the one that stands.");
    for (const source of new Set(surplus.map(({ order }) => order.source)))
      if (source !== home)
        print(
          `Orders of source ${source} are mended in its own log: SOURCE=${source} EVENTS_TOPIC=… npm run reconcile`,
        );
  }
  if (split.length > 0) print(`\n${sessionsText(split)}`);
}

/** Writes one cancellation for each surplus order, into the partition that holds it. Resolves with how many were written. */
async function mend(running: Running, surplus: readonly PlannedOrder[], yes: boolean): Promise<number> {
  const { config, log } = running;
  const topic = config.EVENTS_TOPIC;
  const kafka = createKafka(config, log, "tidemark-reconcile");
  const fault = await whyNotOwnLog(
    kafka,
    topic,
    surplus.map(({ order }) => order),
  );
  if (fault !== null)
    throw new Error(
      `The orders of source ${config.SOURCE} cannot be mended in ${topic}: ${fault}. ` +
        "Nothing was written. Set EVENTS_TOPIC and SOURCE to a topic and the name that it was folded under.",
    );
  if (!yes && !(await agreed(`Write ${plural(surplus.length, "order_cancelled event")} into ${topic}?`))) {
    say("Nothing was written.");
    return 0;
  }
  const work = write(running, await kafkaSink(kafka, { topic, patienceMs: PATIENCE_MS, log }), surplus);
  running.onStop("mending", () => work.then(() => undefined));
  return work;
}

async function write({ log, stopping }: Running, sink: EventSink, surplus: readonly PlannedOrder[]): Promise<number> {
  const progress = startProgress({ what: "mending", unit: "orders", log });
  let written = 0;
  try {
    for (const planned of surplus) {
      if (stopping.aborted) break;
      await sink.write({ event: cancellationOf(planned), at: null, partition: planned.order.partition });
      progress.update(++written, surplus.length);
    }
  } finally {
    await sink.close();
    progress.end();
  }
  return written;
}

async function agreed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new Error(
      "--mend asks before it writes, and nobody can answer here. Nothing was written; --yes does not ask.",
    );
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const closed = once(asking, "close").then(() => ""); // Ctrl-C, Ctrl-D
  const answer = await Promise.race([asking.question(`${question} [y/N] `), closed]);
  asking.close();
  return /^y(es)?$/i.test(answer.trim());
}

function sayHowToSee({ order }: PlannedOrder, written: number, { EVENTS_TOPIC, CLICKHOUSE_ANALYTICS }: Config): void {
  const id = order.orderId.replaceAll("'", "''");
  const sql = `SELECT session_id, gross, cancelled FROM ${CLICKHOUSE_ANALYTICS}.orders WHERE order_id = '${id}'`;
  print(`${plural(written, "order_cancelled event is", "order_cancelled events are")} in ${EVENTS_TOPIC}.`);
  print("A running worker folds what is written at once. That it has, you see here:");
  print("  npm run reconcile        lists the mended ones no more");
  print("  /status                  shows fewer order ids under two sessions, within a minute");
  print(`  npm run sql -- "${sql}"`);
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** s since 1970. */
const seconds = (text: string): number => Math.max(0, Math.floor(instant(text) / 1000));

const ABOUT =
  "Lists order ids that stand under more than one session or in more than one partition, and mends them. Each such order is" +
  " exact in itself, but all of them count. The first one placed stands; --mend writes an order_cancelled event over what is" +
  " left of each other one into the log, at the time of that order. Storage is not edited, and mending twice changes nothing.";
const program = command("npm run reconcile --", ABOUT)
  .option("--store <id>", "this store only")
  .option(
    "--from <time>",
    "sessions that began since, e.g. 2026-11-17 (default: 30 days back, as the status page)",
    seconds,
  )
  .option("--to <time>", "sessions that began before", seconds)
  .option("--limit <n>", "the first n order ids only, oldest first", wholeFrom(1))
  .option("--json", "as JSON: money in ten-thousandths, times in ms since 1970 UTC, from and to in s")
  .option("--mend", "write the events, after showing them and asking")
  .option("--yes", "with --mend: do not ask")
  .addHelpText("after", "\nExample: npm run reconcile -- --store shop --from 2026-11-01 --mend")
  .parse();

await runProcess("reconcile", (running) => reconcile(running, program.opts<Options>()), { quiet: true });
