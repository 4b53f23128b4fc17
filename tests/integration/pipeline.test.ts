// The whole pipeline on a real broker and the real engine, compared row for row with the oracle's reading of the same log.
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { encodeEvent } from "../../producers/contract/codec.ts";
import { recordKey, type ShopEvent } from "../../producers/contract/events.ts";
import { view } from "../guide/shop.ts";
import { ask, compare, foldWell, produce } from "../support/folding.ts";
import { randomLog, randomOf } from "../support/random-log.ts";
import { readLog } from "../support/read-log.ts";
import { eventually, worldOfTest } from "../support/world.ts";

test("200,000 simulated events give the oracle's panes, sessions, orders and accounting", async () => {
  const world = await worldOfTest();
  const to = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 60_000);
  const from = new Date(to.getTime() - 2 * 86_400_000);
  const range = [
    "--from",
    from.toISOString(),
    "--to",
    to.toISOString(),
    "--speed",
    "max",
    "--seed",
    "7",
    "--rate",
    "30000",
  ];
  const simulator = world.start("producers/simulate.ts", range);
  expect(await simulator.ended, simulator.tail()).toBe(0);
  await foldWell(world);
  const { problems, rows, records } = await compare(world);
  expect(problems).toEqual([]);
  expect(records).toBeGreaterThan(200_000);
  expect(rows).toBeGreaterThan(records);
}, 300_000);

test("a nasty log, with the worker killed again and again while it folds, gives the oracle's rows", async () => {
  const world = await worldOfTest({ STORES: "a|A|Europe/London|GBP;b|B|UTC|EUR", FLUSH_MS: "100" });
  const records = Array.from({ length: 12 }, (_, seed) => randomLog(randomOf(seed + 1), 500)).flat();
  const messages = records.map(({ value }, index) => ({ key: `k${index % 7}`, value: value! }));
  const stored = async (): Promise<number> => {
    const [position] = await ask<{ records: number }>(
      world,
      `SELECT sum(upto - first_offset) AS records FROM ${world.config.CLICKHOUSE_DATABASE}.positions FINAL`,
    );
    return position!.records;
  };
  for (const life of [0, 1, 2]) {
    // a group of its own each time: nobody waits for the dead one's session to run out
    const worker = await world.startWorker({ CONSUMER_GROUP: `${world.config.CONSUMER_GROUP}-${life}` });
    const before = await stored();
    await produce(world, messages.slice(life * 2000, (life + 1) * 2000));
    await eventually("a worker has stored something of it", async () => (await stored()) > before);
    worker.process.kill("SIGKILL");
    await worker.ended;
  }
  await foldWell(world);
  const { problems, records: read } = await compare(world);
  expect(problems).toEqual([]);
  expect(read).toBe(6000);
}, 300_000);

test("rubbish becomes dead letters with their reason, in the table and on the topic, and the rest is unaffected", async () => {
  const world = await worldOfTest();
  const now = Date.now();
  const session = { session_id: "s1", session_started_at: now - 60_000, occurred_at: now - 60_000 };
  const viewed = (id: number, more: Partial<ShopEvent> = {}): Buffer =>
    encodeEvent({ ...view({ event_id: `e${id}`, ...session }), ...more } as ShopEvent);
  const unknown = viewed(1);
  unknown.writeUInt32BE(0xdeadbeef, 2);
  const rubbish: [reason: string, value: Buffer][] = [
    ["decode-marker", randomBytes(300)],
    ["decode-empty", Buffer.alloc(0)],
    ["decode-truncated", viewed(2).subarray(0, 40)],
    ["decode-trailing", Buffer.concat([viewed(3), Buffer.from("!")])],
    ["decode-schema", unknown],
    ["oversized", randomBytes(2 * 1024 * 1024)],
    ["future", viewed(4, { occurred_at: now + 3_600_000 })],
    ["store-unknown", viewed(5, { store: "elsewhere" })],
  ];
  rubbish[0]![1][0] = 0; // never the marker by chance
  const good = Array.from({ length: 50 }, (_, index) => viewed(100 + index));
  const key = recordKey({ type: "page_viewed", session_id: "s1" } as ShopEvent);
  await produce(
    world,
    [...good.slice(0, 25), ...rubbish.map(([, value]) => value), ...good.slice(25)].map((value) => ({ key, value })),
  );
  await foldWell(world);

  const { problems } = await compare(world);
  expect(problems).toEqual([]);
  const answer = await world.clickhouse.query({
    query: `SELECT reason, length(value) AS bytes FROM ${world.config.CLICKHOUSE_DATABASE}.raw_events FINAL
            WHERE verdict = 'dead-letter' ORDER BY offset`,
    format: "JSONEachRow",
  });
  const want = rubbish.map(([reason, value]) => ({ reason, bytes: value.length }));
  expect(await answer.json()).toEqual(want);
  const letters = (await readLog(world.config.KAFKA_BROKERS, world.config.DEAD_LETTERS_TOPIC)).get(0)!;
  expect(letters.map(({ value }) => value?.length ?? 0)).toEqual(want.map(({ bytes }) => bytes));
  const panes = await world.clickhouse.query({
    query: `SELECT sum(page_views) AS views FROM ${world.config.CLICKHOUSE_ANALYTICS}.panes
            WHERE dimension = 'total' AND width = 60`,
    format: "JSONEachRow",
  });
  expect(await panes.json()).toEqual([{ views: 50 }]);
}, 300_000);
