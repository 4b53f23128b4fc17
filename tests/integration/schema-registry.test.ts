// Records in Confluent's wire format: a real broker, a real worker, and a registry that is away when they come.
import { setTimeout as sleep } from "node:timers/promises";
import avro from "avsc";
import { Kafka, logLevel } from "kafkajs";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../local/free-port.ts";
import { encodeEvent, EventDecoder } from "../../producers/contract/codec.ts";
import { recordKey, type EventOf, type ShopEvent } from "../../producers/contract/events.ts";
import { loadSchema } from "../../producers/contract/schemas.ts";
import { ensureTopics } from "../../runtime/kafka.ts";
import { view as someView } from "../guide/shop.ts";
import { compareWithOracle } from "../support/compare.ts";
import { readLog } from "../support/read-log.ts";
import { framed, REGISTRY_PASSWORD, REGISTRY_USER, TestRegistry } from "../support/registry.ts";
import { eventually, worldOfTest } from "../support/world.ts";

interface Schema {
  readonly fields: readonly { name: string }[];
}
const schemaOf = (type: ShopEvent["type"]): Schema => loadSchema(type) as unknown as Schema;
const OLDER_VIEW: Schema = {
  ...schemaOf("page_viewed"),
  fields: schemaOf("page_viewed").fields.filter(({ name }) => name !== "segment"),
};
const NEWER_ORDER: Schema = {
  ...schemaOf("order_placed"),
  fields: [
    { name: "gift_note", type: ["null", "string"], default: null } as { name: string },
    ...schemaOf("order_placed").fields,
  ],
};
const FOREIGN = { type: "record", name: "com.example.Parcel", fields: [{ name: "weight", type: "int" }] };

// ids in the registry; the last is in none
const [VIEW, ORDER, PARCEL, NOWHERE] = [100_001, 100_002, 100_003, 100_004];
const writers = new Map(
  Object.entries({ [VIEW]: OLDER_VIEW, [ORDER]: NEWER_ORDER, [PARCEL]: FOREIGN }).map(([id, schema]) => [
    Number(id),
    avro.Type.forSchema(schema as unknown as avro.Schema),
  ]),
);
const confluent = (id: number, value: object): Buffer => framed(id, writers.get(id)!.toBuffer(value));

const now = Date.now();
const view = (index: number): EventOf<"page_viewed"> =>
  someView({
    event_id: `e${index}`,
    occurred_at: now - 60_000 + index,
    session_id: `s${index % 20}`,
    session_started_at: now - 60_000,
  });
const order = (index: number): EventOf<"order_placed"> => {
  const { page: _, ...common } = view(index);
  const line = { sku: "lamp", name: "Lamp", category: null, quantity: 2, unit_price: 10_000 };
  const ids = {
    type: "order_placed",
    event_id: `o${index}`,
    order_id: `o${index}`,
    placed_at: common.occurred_at,
  } as const;
  return { ...common, ...ids, currency: "GBP", lines: [line], discount: 0, tax: 0, shipping: 0 };
};

const EACH = 400;

test("records whose schemas a registry has wait for it, and are then counted like ours", async () => {
  const registry = new TestRegistry(await freePort());
  onTestFinished(() => registry.close());
  for (const [id, schema] of [[VIEW, OLDER_VIEW] as const, [ORDER, NEWER_ORDER] as const, [PARCEL, FOREIGN] as const])
    registry.schemas.set(id, { schema: JSON.stringify(schema) });
  const world = await worldOfTest({
    SCHEMA_REGISTRY_URL: registry.url,
    SCHEMA_REGISTRY_USER: REGISTRY_USER,
    SCHEMA_REGISTRY_PASSWORD: REGISTRY_PASSWORD,
  });
  const { KAFKA_BROKERS, EVENTS_TOPIC, EVENTS_PARTITIONS, CLICKHOUSE_DATABASE, SOURCE, STORES } = world.config;
  const kafka = new Kafka({ brokers: KAFKA_BROKERS.split(","), logLevel: logLevel.NOTHING });
  await ensureTopics(kafka, [{ name: EVENTS_TOPIC, role: "events", partitions: EVENTS_PARTITIONS }]);
  const rounds = Array.from({ length: EACH }, (_, index) => [
    { key: recordKey(view(index)), value: encodeEvent(view(index)) },
    { key: recordKey(view(index)), value: confluent(VIEW, view(EACH + index)) },
    { key: recordKey(order(index)), value: confluent(ORDER, { ...order(index), gift_note: "for you" }) },
  ]);
  const parcel = { key: "s1", value: confluent(PARCEL, { weight: 5 }) };
  const lost = { key: "s1", value: framed(NOWHERE, Buffer.from("whatever")) };
  const short = { key: "s1", value: framed(VIEW, Buffer.from([2])) };
  rounds.splice(EACH / 2, 0, [parcel, lost, short]);
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: EVENTS_TOPIC, messages: rounds.flat() });
  await producer.disconnect();

  const worker = world.start("stream/main.ts", ["--until-caught-up"]);
  await eventually("the worker says that it waits", async () => worker.tail(100).includes("waiting for it"));
  const ended = await Promise.race([worker.ended, sleep(8000, "waits")]);
  expect(ended, worker.tail()).toBe("waits"); // longer than its session with the group
  await registry.open();
  expect(await worker.ended, worker.tail()).toBe(0);
  expect(worker.tail(1000)).toContain("answers again");
  expect(worker.tail(1000).match(/owns \d partitions/g)).toHaveLength(1); // it stayed in the group all the time
  expect(registry.asked.toSorted((a, b) => a - b)).toEqual([VIEW, ORDER, PARCEL, NOWHERE]);

  const decoder = new EventDecoder({ registry: true });
  for (const [id, { schema }] of registry.schemas) decoder.learn(id, schema);
  const log = await readLog(KAFKA_BROKERS, EVENTS_TOPIC);
  const currencies = new Map(STORES.map(({ id, currency }) => [id, currency]));
  const comparison = await compareWithOracle(world.clickhouse, CLICKHOUSE_DATABASE, SOURCE, log, currencies, decoder);
  expect(comparison).toMatchObject({ problems: [], records: 3 * EACH + 3 });
  const ask = async (query: string): Promise<unknown[]> =>
    (await world.clickhouse.query({ query, format: "JSONEachRow" })).json();
  expect(
    await ask(`SELECT sum(page_views) AS views, sum(orders) AS orders, sum(gross) AS gross
               FROM ${world.config.CLICKHOUSE_ANALYTICS}.panes WHERE dimension = 'total' AND width = 60`),
  ).toEqual([{ views: 2 * EACH, orders: EACH, gross: 2 * EACH }]);
  expect(
    await ask(`SELECT reason, detail FROM ${CLICKHOUSE_DATABASE}.raw_events FINAL
               WHERE verdict = 'dead-letter' ORDER BY offset`),
  ).toEqual([
    { reason: "decode-schema", detail: `schema ${PARCEL} of the registry: com.example.Parcel is none of our events` },
    { reason: "decode-schema", detail: `the schema registry has no schema ${NOWHERE}` },
    { reason: "decode-truncated", detail: "page_viewed ends after 6 bytes" },
  ]);
});
