// The whole pipeline on a real broker and the real engine: how fast a worker folds a topic that is full already.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Kafka, logLevel, Partitioners, type Producer } from "kafkajs";
import { startChild, type Child } from "../local/child.ts";
import { ROOT } from "../local/paths.ts";
import { ScratchStack } from "../local/scratch-stack.ts";
import { ensureTopics } from "../runtime/kafka.ts";
import { workload, type Message, type Workload } from "./workload.ts";

export interface Bench {
  readonly stack: ScratchStack;
  readonly kafka: Kafka;
}

export async function openBench(): Promise<Bench> {
  process.env["KAFKAJS_NO_PARTITIONER_WARNING"] = "1";
  const stack = await ScratchStack.open("bench", (line) => console.error(line));
  return { stack, kafka: new Kafka({ brokers: [stack.broker.brokers], logLevel: logLevel.NOTHING }) };
}

const BATCH = 5000;

/** Writes a workload into a new topic, as producers do: by key, acks=all. Resolves with the bytes of its values. */
export async function fillTopic(kafka: Kafka, topic: string, partitions: number, load: Workload): Promise<number> {
  await ensureTopics(kafka, [{ name: topic, role: "events", partitions }]);
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true });
  await producer.connect();
  let batch: Message[] = [];
  let done = 0;
  let bytes = 0;
  const sending: Promise<unknown>[] = [];
  for (const message of workload(load)) {
    batch.push(message);
    bytes += message.value.length;
    if (batch.length < BATCH) continue;
    sending.push(send(producer, topic, batch));
    done += batch.length;
    batch = [];
    if (sending.length >= 2) await sending.shift();
    if (done % 100_000 < BATCH) process.stderr.write(`\rfilling ${topic}: ${done} of ${load.events} records  `);
  }
  await Promise.all(sending);
  if (batch.length > 0) await send(producer, topic, batch);
  process.stderr.write("\r\u001b[K");
  await producer.disconnect();
  return bytes;
}

const send = (producer: Producer, topic: string, batch: Message[]): Promise<unknown> =>
  producer.send({ topic, acks: -1, messages: batch.map(({ key, value }) => ({ key, value })) });

/** Over the minute panes of the total: who does not come to the same has not done the same work. */
export interface Totals {
  readonly sessions: number;
  readonly orders: number;
  /** Ten-thousandths. */
  readonly gross: number;
}

/** What one run of a worker over a full topic took. */
export interface Run {
  readonly records: number;
  readonly seconds: number;
  /** Of the worker, between its first record and its end. */
  readonly cpuSeconds: number;
  /** Of the engine, in the same run; null where it cannot be told, or there is none. */
  readonly engineCpuSeconds: number | null;
  readonly peakMb: number;
  readonly totals: Totals;
}

let runs = 0;

/** Folds the topic from its start, in a database and a group of its own. */
export async function foldTopic({ stack }: Bench, topic: string, env: Record<string, string>): Promise<Run> {
  const name = `bench${++runs}`;
  const before = cpuSecondsOf(stack.engine.child);
  const worker = startChild({
    name: "worker",
    command: process.execPath,
    args: ["--max-semi-space-size=64", "--import", "tsx", join(ROOT, "stream/main.ts"), "--until-caught-up"],
    cwd: ROOT,
    env: {
      KAFKA_BROKERS: stack.broker.brokers,
      CLICKHOUSE_URL: stack.engine.url,
      CLICKHOUSE_DATABASE: name,
      CLICKHOUSE_ANALYTICS: `${name}_analytics`,
      EVENTS_TOPIC: topic,
      PANES_TOPIC: `panes-${name}`,
      DEAD_LETTERS_TOPIC: `dead-${name}`,
      CONSUMER_GROUP: name,
      STORES: "shop|Shop|Europe/London|GBP",
      ...env,
    },
    log: join(stack.folder, `${name}.log`),
  });
  if ((await worker.ended) !== 0) throw new Error(`the worker failed:\n${worker.tail()}`);
  const after = cpuSecondsOf(stack.engine.child);
  const line = readFileSync(worker.log, "utf8")
    .split("\n")
    .find((text) => text.includes('"summary"'));
  const totals = await query(
    stack.engine.url,
    `SELECT toFloat64(sum(sessions)) AS sessions, toFloat64(sum(orders)) AS orders, toFloat64(sum(gross)) AS gross
     FROM ${name}.panes FINAL WHERE width = 60 AND dimension = 'total' FORMAT JSONEachRow`,
  );
  // or what the engine goes on to merge would be counted to the next run
  for (const db of [`${name}_analytics`, name]) await query(stack.engine.url, `DROP DATABASE IF EXISTS ${db} SYNC`);
  const { summary } = JSON.parse(line!) as { summary: Omit<Run, "engineCpuSeconds" | "totals"> };
  return {
    ...summary,
    engineCpuSeconds: before === null || after === null ? null : after - before,
    totals: JSON.parse(totals) as Totals,
  };
}

async function query(url: string, sql: string): Promise<string> {
  const answer = await fetch(url, { method: "POST", body: sql });
  if (!answer.ok) throw new Error(`${sql}: ${await answer.text()}`);
  return answer.text();
}

/** User and system time of a process, from Linux' /proc; null elsewhere. */
export function cpuSecondsOf({ pid }: Child): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return null;
  }
}
