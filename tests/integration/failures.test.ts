// The failure table (docs/exactness.md), row by row, on real parts. Rows that other files test are named there.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import type { Status } from "../../gateway/contract/status.ts";
import type { Child } from "../../local/child.ts";
import { ROOT } from "../../local/paths.ts";
import type { Common, ShopEvent } from "../../producers/contract/events.ts";
import { encodeEvent, EventDecoder } from "../../producers/contract/codec.ts";
import { LONGEST_WORD } from "../../producers/contract/usable.ts";
import { LogRecord } from "../../stream/core/log-record.ts";
import { noNeeds } from "../../stream/core/memory.ts";
import { OwnedPartition, type LogRange } from "../../stream/io/owned-partition.ts";
import { Publisher } from "../../stream/io/panes-topic.ts";
import { Storage } from "../../stream/io/storage.ts";
import { chaos, type ChaosReport } from "../chaos/chaos.ts";
import { cart, order, refund, START, view } from "../guide/shop.ts";
import { ask, expectExact, fold, foldWell, kafkaOf, produceEvents } from "../support/folding.ts";
import { openGate } from "../support/gate.ts";
import { readLog } from "../support/read-log.ts";
import { eventually, worldOfTest, type World } from "../support/world.ts";

const DAY = 86_400_000;

/** Orders and gross of the total, by minute, from the analysts' view. */
const totals = (world: World): Promise<{ minute: number; orders: number; gross: number }[]> =>
  ask(
    world,
    `SELECT toUnixTimestamp(start) AS minute, sum(orders) AS orders, toFloat64(sum(gross)) AS gross
     FROM ${world.config.CLICKHOUSE_ANALYTICS}.panes WHERE dimension = 'total' AND width = 60
     GROUP BY start HAVING orders > 0 ORDER BY start`,
  );

describe("one run of chaos", () => {
  let report: ChaosReport;
  beforeAll(async () => {
    const say = (): void => undefined;
    const size = { kills: 16, seed: 7, perSecond: 400, partitions: 4, workers: 3 };
    report = await chaos({ ...size, longestOutage: 8, brokerRestarts: 1, outages: 2, say });
  }, 300_000);
  const exactAfter = (trouble: RegExp): void => {
    expect(Object.keys(report.troubles).filter((name) => trouble.test(name))).not.toEqual([]);
    expect(report.problems).toEqual([]);
    expect(report.rows).toBeGreaterThan(report.records);
  };

  test("SIGKILL of a worker between any two effects: every row equals the oracle", () => {
    exactAfter(/^killed at .+,/);
    // which of the 20 effects a short run strikes is chance; the random lives strike all, and the long run that is kept
    expect(Object.keys(report.troubles).filter((name) => name.startsWith("killed at")).length).toBeGreaterThan(1);
  });
  test("two owners of one partition for a while, workers added and removed: the same", () => {
    exactAfter(/^worker frozen past its session/);
    exactAfter(/^worker (added|removed|stopped)/);
  });
  test("broker restart: workers go on from their own position", () => exactAfter(/^broker restarted/));
  test("ClickHouse down; an insert's answer lost; one table's insert fails: caught up, exact", () => {
    exactAfter(/^engine away/);
    exactAfter(/^engine frozen/);
    exactAfter(/^insert lost/);
  });
});

test("event from the future: a dead letter, and the watermark never moves on it", async () => {
  const world = await worldOfTest();
  const now = Date.now();
  const soon = { session_id: "s1", session_started_at: now - 60_000 };
  await produceEvents(world, [
    view({ ...soon, occurred_at: now - 60_000 }),
    view({ ...soon, occurred_at: now + 3_600_000 }),
    view({ ...soon, occurred_at: now - 50_000 }),
  ]);
  await foldWell(world);
  await expectExact(world);
  const [position] = await ask<{ watermark: number }>(
    world,
    `SELECT max(watermark) AS watermark FROM ${world.config.CLICKHOUSE_DATABASE}.positions FINAL`,
  );
  expect(position!.watermark).toBe(now - 60_000);
});

test("late event, by minutes or by a year: the stored pane is corrected", async () => {
  const world = await worldOfTest();
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  const then = now - 365 * DAY;
  const old = { session_id: "old", session_started_at: then, occurred_at: then };
  const first = order("A-1", old);
  await produceEvents(world, [view(old), first]);
  await foldWell(world); // a year's figures are stored, and the worker is gone

  const fresh = { session_id: "new", session_started_at: now - 120_000, occurred_at: now - 120_000 };
  const late = { ...old, occurred_at: then + 30_000 };
  const minutes = { session_id: "tardy", session_started_at: now - 45 * 60_000, occurred_at: now - 45 * 60_000 };
  await produceEvents(world, [view(fresh), order("B-1", fresh), order("A-2", late), order("C-1", minutes)]);
  await foldWell(world);
  await expectExact(world);
  expect(await totals(world)).toEqual([
    { minute: then / 1000, orders: 2, gross: 169 },
    { minute: now / 1000 - 45 * 60, orders: 1, gross: 84.5 },
    { minute: now / 1000 - 120, orders: 1, gross: 84.5 },
  ]);
});

test("duplicate event_id, order_id, refund_id, across restarts and far apart: counted once, the counter goes up", async () => {
  const world = await worldOfTest();
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  const start = now - 9 * 3_600_000;
  const session = { session_id: "s1", session_started_at: start, occurred_at: start };
  const events = [view(session), cart(session), order("A-1", session)];
  const back = refund("R-1", events[2] as ReturnType<typeof order>, 100_000, { occurred_at: start + 60_000 });
  await produceEvents(world, [...events, back]);
  await foldWell(world);
  // hours later by event time: the session has left memory, and another process folds
  const far = { session_id: "s2", session_started_at: now, occurred_at: now };
  await produceEvents(world, [
    view(far),
    ...events,
    back,
    order("A-1", { ...session, event_id: "another", occurred_at: now }),
    refund("R-1", events[2] as ReturnType<typeof order>, 100_000, { event_id: "one more", occurred_at: now }),
  ]);
  await foldWell(world);
  await expectExact(world);
  expect(await totals(world)).toEqual([{ minute: start / 1000, orders: 1, gross: 84.5 }]);
  const [counted] = await ask<{ duplicates: number }>(
    world,
    `SELECT sum(JSONExtractUInt(counters, 'duplicate')) AS duplicates
     FROM ${world.config.CLICKHOUSE_DATABASE}.positions FINAL`,
  );
  expect(counted!.duplicates).toBe(6);
});

test("an order_id under two sessions, or in two partitions: counted and shown; reconcile lists and mends", async () => {
  const world = await worldOfTest();
  const reconcile = async (...args: string[]): Promise<string> => {
    const argv = ["--import", "tsx", "producers/reconcile.ts", ...args];
    const env = { ...process.env, ...world.env };
    return (await promisify(execFile)(process.execPath, argv, { cwd: ROOT, env })).stdout;
  };
  const doubles = async (): Promise<Status["doubles"]> => {
    const { child, url } = await world.startGateway();
    const status = await eventually("status knows what counts twice", async () => {
      const { doubles } = (await (await fetch(`${url}/api/status`)).json()) as Status;
      return doubles;
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const gauge = (name: string): number => Number(new RegExp(`^${name} (.*)$`, "m").exec(metrics)?.[1]);
    expect(gauge('tidemark_gateway_order_ids_under_two_sessions{store="shop"}')).toBe(status.orderIds["shop"] ?? 0);
    expect(gauge("tidemark_gateway_sessions_in_two_partitions")).toBe(status.sessions);
    await child.stop();
    return status;
  };
  const netByMinute = (): Promise<{ minute: number; orders: number; cancelled: number; net: number }[]> =>
    ask(
      world,
      `SELECT toUnixTimestamp(start) - ${at / 1000} AS minute, sum(orders) AS orders, sum(cancellations) AS cancelled,
              toFloat64(sum(net_sales)) AS net
       FROM ${world.config.CLICKHOUSE_ANALYTICS}.panes WHERE dimension = 'total' AND width = 60 GROUP BY start ORDER BY start`,
    );
  const at = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;
  const during = (id: string, minute = 0): Partial<Common> => ({
    session_id: id,
    session_started_at: at,
    occurred_at: at + minute * 60_000,
  });

  const again = order("A-1", during("carl", 1));
  const back = refund("R-1", again, 100_000, during("carl", 2));
  await produceEvents(world, [view(during("bea")), order("A-1", during("bea")), view(during("carl")), again, back]);
  await foldWell(world);
  expect(await ask(world, `SELECT uniq(partition) AS n FROM ${world.config.CLICKHOUSE_DATABASE}.orders`)).toEqual([
    { n: 2 },
  ]);
  expect(await doubles()).toEqual({ orderIds: { shop: 1 }, sessions: 0 });

  // and a producer that partitions in its own way: one session, with its order, in two partitions
  const split = [view(during("dora")), order("B-1", during("dora"))];
  await produceEvents(world, split, 0);
  await produceEvents(world, split, 1);
  await foldWell(world);
  expect(await doubles()).toEqual({ orderIds: { shop: 2 }, sessions: 1 });
  expect(await netByMinute()).toEqual([
    { minute: 0, orders: 3, cancelled: 0, net: 3 * 84.5 },
    { minute: 60, orders: 1, cancelled: 0, net: 84.5 },
    { minute: 120, orders: 0, cancelled: 0, net: -10 },
  ]);

  const listed = JSON.parse(await reconcile("--json")) as {
    doubled: { orderId: string; orders: { role: string; order: { sessionId: string }; left: object }[] }[];
    split: { sessionId: string; partitions: number[] }[];
  };
  expect(listed.doubled).toMatchObject([
    {
      orderId: "A-1",
      orders: [
        { role: "stands", order: { sessionId: "bea" } },
        { role: "surplus", order: { sessionId: "carl" }, left: { goods: 745_000, tax: 0, shipping: 0 } },
      ],
    },
    { orderId: "B-1", orders: [{ role: "stands" }, { role: "surplus" }] },
  ]);
  expect(listed.split).toMatchObject([{ sessionId: "dora", partitions: [0, 1] }]);
  await expect(reconcile("--mend")).rejects.toThrow(/nobody can answer here/);
  world.env["EVENTS_TOPIC"] = world.config.PANES_TOPIC; // another log than the one that was folded
  world.env["SOURCE"] = world.config.SOURCE;
  await expect(reconcile("--mend", "--yes")).rejects.toThrow(/Nothing was written/);
  world.env["EVENTS_TOPIC"] = world.config.EVENTS_TOPIC;

  for (const _ of ["mends", "changes nothing"])
    expect(await reconcile("--mend", "--yes")).toMatch(
      /A-1.*bea.*stands[^]*carl.*surplus: GBP 74\.50[^]*2 order_cancelled/,
    );
  await foldWell(world);
  await expectExact(world);
  expect(await netByMinute()).toEqual([
    { minute: 0, orders: 3, cancelled: 1, net: 2 * 84.5 },
    { minute: 60, orders: 1, cancelled: 1, net: 84.5 - 74.5 },
    { minute: 120, orders: 0, cancelled: 0, net: -10 },
  ]);
  expect(await doubles()).toEqual({ orderIds: {}, sessions: 1 });
  expect(await reconcile()).toMatch(/^No order id counts under two sessions.*2 order ids are settled/);
}, 240_000);

describe("refuses to start, and says the cure:", () => {
  const some = (count: number): ShopEvent[] =>
    Array.from({ length: count }, (_, i) => view({ session_id: `s${i}`, occurred_at: Date.now() - 1000 }));
  const folded = async (): Promise<World> => {
    const world = await worldOfTest({ EVENTS_PARTITIONS: "1" });
    await produceEvents(world, some(20));
    await foldWell(world);
    return world;
  };
  const expectRefusal = async (world: World, words: RegExp): Promise<void> => {
    const last = await fold(world);
    expect(last.code).not.toBe(0);
    expect(last.words).toMatch(words);
  };

  test.each([
    ["shorter", 5],
    ["longer", 30],
  ])("topic created anew, now %s", async (_, records) => {
    const world = await folded();
    const admin = kafkaOf(world).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [world.config.EVENTS_TOPIC] });
    await admin.disconnect();
    await sleep(500);
    await produceEvents(world, some(records));
    await expectRefusal(world, /created anew.*set SOURCE to another name/);
  });

  test("partitions added", async () => {
    const world = await folded();
    const admin = kafkaOf(world).admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic: world.config.EVENTS_TOPIC, count: 3 }] });
    await admin.disconnect();
    await expectRefusal(world, /had 1 partitions and has 3 now.*npm run forget/);
  });

  test("log cut off beyond the position", async () => {
    const world = await folded();
    await produceEvents(world, some(20));
    const admin = kafkaOf(world).admin();
    await admin.connect();
    const topic = world.config.EVENTS_TOPIC;
    await admin.fetchTopicMetadata({ topics: [topic] }); // kafkajs deletes only in topics that it has looked at
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "30" }] });
    await admin.disconnect();
    await expectRefusal(world, /starts at offset 30.*10 records are lost/);
  });

  test("a topic whose records have their producers' times", async () => {
    const world = await worldOfTest();
    const admin = kafkaOf(world).admin();
    await admin.connect();
    await admin.createTopics({
      topics: [{ topic: world.config.EVENTS_TOPIC, numPartitions: 1 }],
      waitForLeaders: true,
    });
    await admin.disconnect();
    await expectRefusal(world, /message.timestamp.type=CreateTime.*kafka-configs.sh/);
  });

  test("a partition that was added while the worker runs", async () => {
    const settings = { decoder: new EventDecoder(), currencies: new Map(), rawEvents: "all" } as const;
    const of = { ...settings, topic: "events", source: "events#1", partitions: 1 };
    const nothing = { loadPosition: () => Promise.resolve(null) } as unknown as Storage;
    const ranges = new Map([0, 1].map((partition) => [partition, { low: 0, high: 0 }]));
    await expect(OwnedPartition.load(1, () => Promise.resolve(ranges), of, nothing)).rejects.toThrow(
      /had 1 partitions when this worker started and has 2 now.*npm run forget -- events#1/,
    );
  });

  test("but not where retention has taken all that was folded", async () => {
    const world = await folded();
    const admin = kafkaOf(world).admin();
    await admin.connect();
    const topic = world.config.EVENTS_TOPIC;
    await admin.fetchTopicMetadata({ topics: [topic] });
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "20" }] });
    await admin.disconnect();
    await produceEvents(world, some(5));
    await foldWell(world);
    const db = world.config.CLICKHOUSE_DATABASE;
    const stored = await ask(world, `SELECT upto, gaps FROM ${db}.positions FINAL`);
    expect(stored).toEqual([{ upto: 25, gaps: 0 }]);
  });

  test("but not for a position that another owner stores meanwhile", async () => {
    const world = await folded();
    const { EVENTS_TOPIC, CLICKHOUSE_DATABASE, SOURCE, STORES } = world.config;
    const ranges = async (): Promise<Map<number, LogRange>> => {
      const seen = new Map([[0, { low: 0, high: 20 }]]);
      await produceEvents(world, some(5));
      await foldWell(world);
      return seen;
    };
    const settings: Parameters<typeof OwnedPartition.load>[2] = {
      decoder: new EventDecoder(),
      currencies: new Map(STORES.map(({ id, currency }) => [id, currency])),
      rawEvents: "all",
      topic: EVENTS_TOPIC,
      source: SOURCE,
      partitions: 1,
    };
    const storage = new Storage(world.clickhouse, CLICKHOUSE_DATABASE, SOURCE);
    const owned = await OwnedPartition.load(0, ranges, settings, storage);
    expect(owned.fold.position).toBe(20);
  });

  test("logic changed", async () => {
    const world = await folded();
    await world.clickhouse.command({
      query: `INSERT INTO ${world.config.CLICKHOUSE_DATABASE}.positions
              SELECT * REPLACE (logic_version + 1 AS logic_version, upto + 1 AS upto)
              FROM ${world.config.CLICKHOUSE_DATABASE}.positions`,
    });
    await expectRefusal(world, /folded by logic version \d+.*npm run forget/);
  });
});

test("transactions: what was aborted counts nothing, markers are no lag, and a worker comes to the end of them", async () => {
  const world = await worldOfTest({ EVENTS_PARTITIONS: "1" });
  const now = Date.now();
  const session = { session_id: "s1", session_started_at: now - 60_000, occurred_at: now - 60_000 };
  await produceEvents(world, [view(session)]);
  const producer = kafkaOf(world).producer({
    transactionalId: world.config.SOURCE,
    maxInFlightRequests: 1,
    idempotent: true,
  });
  await producer.connect();
  const send = async (events: readonly ShopEvent[], end: "commit" | "abort"): Promise<void> => {
    const transaction = await producer.transaction();
    const messages = events.map((event) => ({ key: "s1", value: encodeEvent(event) }));
    for (let i = 0; i < messages.length; i += 50)
      await transaction.send({ topic: world.config.EVENTS_TOPIC, messages: messages.slice(i, i + 50) });
    await transaction[end]();
  };
  const long = "x".repeat(20_000); // together more than one fetch takes
  const views = (count: number, page = "/"): ShopEvent[] =>
    Array.from({ length: count }, () => ({ ...view(session), page }));
  await send(views(3), "commit");
  await send(views(200, long), "abort");
  await foldWell(world); // with nothing but aborted records and a marker at the end
  await foldWell(world);
  await send(views(4), "commit");
  await send(views(200, long), "abort");
  await send(views(2), "commit");
  await producer.disconnect();
  const { url } = await world.startGateway();
  const worker = await world.startWorker();
  await eventually("all is folded, and no lag is left", async () => {
    const { partitions } = (await (await fetch(`${url}/api/status`)).json()) as Status;
    return partitions.length === 1 && partitions[0]!.lag === 0 && partitions[0]!.counters.counted === 10;
  });
  await worker.stop();
  await expectExact(world);

  // retention takes all of it, the last marker too
  const admin = kafkaOf(world).admin();
  await admin.connect();
  const topic = world.config.EVENTS_TOPIC;
  const [end] = await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: end!.high }] });
  await admin.disconnect();
  await produceEvents(world, [view(session)]);
  await foldWell(world);
  const db = world.config.CLICKHOUSE_DATABASE;
  const [stored] = await ask(world, `SELECT upto - first_offset - gaps AS records FROM ${db}.positions FINAL`);
  expect(stored).toEqual({ records: 11 });
}, 120_000);

test("a flood of letters without a value goes to the dead letters' topic, in requests that it takes", async () => {
  const world = await worldOfTest();
  await produceEvents(world, []);
  const { DEAD_LETTERS_TOPIC, PANES_TOPIC, SOURCE } = world.config;
  const publisher = new Publisher(kafkaOf(world), { panes: PANES_TOPIC, deadLetters: DEAD_LETTERS_TOPIC }, SOURCE);
  await publisher.connect();
  const fault = { reason: "decode-empty", detail: "the record has no value" };
  const letter = (offset: number) => ({ record: LogRecord.of(offset, 0, null, null), fault, partition: 0 });
  await publisher.bury(Array.from({ length: 80_000 }, (_, offset) => letter(offset)));
  await publisher.disconnect();
  expect((await readLog(world.config.KAFKA_BROKERS, DEAD_LETTERS_TOPIC)).get(0)).toHaveLength(80_000);
});

test("storage is asked for sessions with the longest ids that there may be", async () => {
  const world = await worldOfTest();
  await produceEvents(world, [view({ occurred_at: Date.now() - 1000 })]);
  await foldWell(world);
  const storage = new Storage(world.clickhouse, world.config.CLICKHOUSE_DATABASE, world.config.SOURCE);
  const needs = noNeeds();
  for (let i = 0; i < 3000; i++) {
    const key = { kind: "session", id: `${i}${"界".repeat(LONGEST_WORD - 5)}`, startedAt: START + i } as const;
    needs.sessions.set(key.id, key);
  }
  expect(await storage.lookUp(0, needs)).toEqual({ sessions: [], panes: [] });
});

test("a source that was forgotten is folded anew, and nothing of it counts twice", async () => {
  const world = await worldOfTest();
  const now = Date.now() - 1000;
  await produceEvents(world, [order("A-1", { occurred_at: now, session_started_at: now })]);
  await foldWell(world);
  const forget = world.start("clickhouse/forget.ts", [world.config.SOURCE, "--yes"]);
  expect(await forget.ended, forget.tail()).toBe(0);
  expect(await totals(world)).toEqual([]);
  const panes = await readLog(world.config.KAFKA_BROKERS, world.config.PANES_TOPIC);
  expect([...panes.values()].flat()).toEqual([]);
  await foldWell(world);
  await expectExact(world);
});

describe("a worker", () => {
  const timesSaid = (child: Child, text: string): number => readFileSync(child.log, "utf8").split(text).length - 1;
  const says = (child: Child, text: string, times: number): Promise<unknown> =>
    eventually(`${text}, ${times} times`, () => Promise.resolve(timesSaid(child, text) === times));
  const settles = (world: World, orders: number): Promise<unknown> =>
    eventually(`${orders} orders are stored`, async () => {
      const rows = await totals(world);
      return rows.reduce((sum, row) => sum + row.orders, 0) === orders;
    });
  const place = (world: World, from: number, to: number): Promise<void> =>
    produceEvents(
      world,
      Array.from({ length: to - from }, (_, i) => order(`o${from + i}`, { session_id: `s${from + i}` })),
    );

  test("that starts while ClickHouse is away waits for it, and says so", async () => {
    const gate = await openGate(inject("clickhouseUrl"));
    onTestFinished(gate.close);
    await gate.close();
    const world = await worldOfTest();
    await place(world, 0, 20);
    const worker = world.start("stream/main.ts", [], { CLICKHOUSE_URL: gate.url });
    await says(worker, "ClickHouse does not answer at", 1);
    await gate.open();
    await settles(world, 20);
    expect(timesSaid(worker, "ClickHouse does not answer at")).toBe(1);
    await expectExact(world);
  });

  test("whose storage hangs parks what needs it, folds the rest and keeps its place in the group", async () => {
    const gate = await openGate(inject("clickhouseUrl"));
    onTestFinished(gate.close);
    const world = await worldOfTest({ EVENTS_PARTITIONS: "1" });
    const worker = await world.startWorker({ CLICKHOUSE_URL: gate.url });
    await place(world, 0, 20);
    await settles(world, 20);
    gate.freeze();
    const then = Date.now() - 365 * DAY;
    await produceEvents(world, [view({ session_id: "old", session_started_at: then, occurred_at: then })]);
    await place(world, 20, 40);
    const [, health] = /"health":"([^"]+)\/healthz"/.exec(readFileSync(worker.log, "utf8"))!;
    await eventually("all 41 records are folded", async () =>
      (await (await fetch(`${health}/metrics`)).text()).includes('tidemark_position{partition="0"} 41\n'),
    );
    expect((await totals(world)).reduce((sum, row) => sum + row.orders, 0)).toBe(20);
    gate.thaw();
    await settles(world, 40);
    expect(timesSaid(worker, '"msg":"owns 1 partitions"')).toBe(1);
    await expectExact(world);
  });

  test("keeps in memory, through rebalances, the partitions that stay its own", async () => {
    const world = await worldOfTest();
    await place(world, 0, 40);
    const first = await world.startWorker();
    await says(first, "loaded partition", 4);
    const second = await world.startWorker();
    await says(second, "loaded partition", 2);
    await place(world, 40, 80);
    await settles(world, 80);
    await second.stop();
    await says(first, "loaded partition", 6);
    await place(world, 80, 120);
    await settles(world, 120);
    expect(timesSaid(first, "loaded partition")).toBe(6);
    await expectExact(world);
  });
});
