// Sends a workload at a steady rate, in a process of its own, as a shop's producers do not share theirs with whoever watches.
// Prints how long events took from falling due to being acknowledged by Kafka.
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel, Partitioners } from "kafkajs";
import { dueAt, partitionOf, type SenderOptions, type SenderReport } from "./latency-sender.ts";
import { workload } from "./workload.ts";

const TICK_MS = 10;
/** Messages in one request: what a stall has left over is sent in pieces, as kafkajs takes quadratic time to sort large ones. */
const BATCH = 2_000;
/** A stall of the broker holds up what comes after it, not the whole sender. */
const REQUESTS_UNDER_WAY = 10;

process.env["KAFKAJS_NO_PARTITIONER_WARNING"] = "1";
const { brokers, topic, partitions, load, measuredFrom } = JSON.parse(process.argv[2]!) as SenderOptions;
const { from, perSecond } = load;
const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
await producer.connect();
const log = [...workload(load)].map(({ key, value }) => ({ key, value, partition: partitionOf(key, partitions) }));
if (Date.now() > from) throw new Error("the log was not ready when its first event fell due");

const toKafka: number[] = [];
const underWay = new Set<Promise<void>>();

async function sendBetween(first: number, end: number): Promise<void> {
  await producer.send({ topic, acks: -1, messages: log.slice(first, end) });
  const now = Date.now();
  for (let i = first; i < end; i++) {
    const due = dueAt(load, i);
    if (due >= measuredFrom) toKafka.push(now - due);
  }
}

let sent = 0;
await sleep(from - Date.now());
const before = process.cpuUsage();
while (sent < log.length) {
  const due = Math.min(log.length, Math.ceil(((Date.now() - from) / 1000) * perSecond));
  while (sent < due && underWay.size < REQUESTS_UNDER_WAY) {
    const end = Math.min(due, sent + BATCH);
    const request = sendBetween(sent, end).finally(() => underWay.delete(request));
    underWay.add(request);
    sent = end;
  }
  await sleep(TICK_MS);
}
await Promise.all(underWay);
const { user, system } = process.cpuUsage(before);
await producer.disconnect();
const report: SenderReport = { toKafka, cpuSeconds: (user + system) / 1e6 };
process.stdout.write(JSON.stringify(report));
