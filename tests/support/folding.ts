// A topic filled, folded by a real worker and compared with the oracle: what tests of the whole path begin and end with.
import { Kafka, logLevel, Partitioners } from "kafkajs";
import { expect } from "vitest";
import { encodeEvent } from "../../producers/contract/codec.ts";
import { recordKey, type ShopEvent } from "../../producers/contract/events.ts";
import { ensureTopics } from "../../runtime/kafka.ts";
import { compareWithOracle, type Comparison } from "./compare.ts";
import { readLog } from "./read-log.ts";
import type { World } from "./world.ts";

export const kafkaOf = ({ config }: World): Kafka =>
  new Kafka({ brokers: config.KAFKA_BROKERS.split(","), logLevel: logLevel.NOTHING });

type Message = { readonly key: string; readonly value: Buffer; readonly partition?: number };

export async function produce(world: World, records: readonly Message[]): Promise<void> {
  const { config } = world;
  const kafka = kafkaOf(world);
  await ensureTopics(kafka, [
    { name: config.EVENTS_TOPIC, role: "events", partitions: config.EVENTS_PARTITIONS },
    { name: config.DEAD_LETTERS_TOPIC, role: "deadLetters", partitions: 1 },
  ]);
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let i = 0; i < records.length; i += 1000)
    await producer.send({ topic: config.EVENTS_TOPIC, messages: records.slice(i, i + 1000) });
  await producer.disconnect();
}

/** By their keys, or all into `partition`. */
export function produceEvents(world: World, events: readonly ShopEvent[], partition?: number): Promise<void> {
  const into = partition === undefined ? {} : { partition };
  return produce(
    world,
    events.map((event) => ({ key: recordKey(event), value: encodeEvent(event), ...into })),
  );
}

/** Runs a worker until it has stored the topic's log as it is now; resolves with its exit code and its last words. */
export async function fold(world: World): Promise<{ code: number; words: string }> {
  const worker = world.start("stream/main.ts", ["--until-caught-up"]);
  return { code: await worker.ended, words: worker.tail(30) };
}

export async function foldWell(world: World): Promise<void> {
  const { code, words } = await fold(world);
  expect(code, words).toBe(0);
}

/** Every stored row of the world against the oracle's reading of its log. */
export async function compare({ config, clickhouse }: World): Promise<Comparison> {
  const log = await readLog(config.KAFKA_BROKERS, config.EVENTS_TOPIC);
  const currencies = new Map(config.STORES.map(({ id, currency }) => [id, currency]));
  return compareWithOracle(clickhouse, config.CLICKHOUSE_DATABASE, config.SOURCE, log, currencies);
}

export async function expectExact(world: World): Promise<void> {
  expect((await compare(world)).problems).toEqual([]);
}

export async function ask<T>({ clickhouse }: World, query: string): Promise<T[]> {
  return (await clickhouse.query({ query, format: "JSONEachRow" })).json<T>();
}
