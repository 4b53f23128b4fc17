// Events to Kafka: acks=all, idempotent, keyed by murmur2, one batch under way while the next one fills.
import { setTimeout as sleep } from "node:timers/promises";
import { Partitioners, type Kafka, type Message, type Producer } from "kafkajs";
import type { Logger } from "../../runtime/log.ts";
import { encodeEvent } from "../contract/codec.ts";
import { recordKey } from "../contract/events.ts";
import type { EventSink, Sent } from "./event-sink.ts";

const BATCH_MESSAGES = 4000;
const BATCH_BYTES = 2 * 1024 * 1024;
const PAUSE_MS = 1000;

export interface KafkaSinkOptions {
  readonly topic: string;
  /** How long to go on trying while Kafka does not answer, ms. */
  readonly patienceMs: number;
  readonly log: Logger;
}

/** Connects; the topic must exist. At most two batches are held in memory. */
export async function kafkaSink(kafka: Kafka, options: KafkaSinkOptions): Promise<EventSink> {
  const partitions = await partitionsOf(kafka, options.topic);
  const sink = new KafkaSink(kafka, options, partitions);
  await sink.connect();
  return sink;
}

class KafkaSink implements EventSink {
  readonly #kafka: Kafka;
  readonly #options: KafkaSinkOptions;
  readonly #partitions: readonly number[];
  #producer: Producer;
  #batch: Message[] = [];
  #bytes = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(kafka: Kafka, options: KafkaSinkOptions, partitions: readonly number[]) {
    this.#kafka = kafka;
    this.#options = options;
    this.#partitions = partitions;
    this.#producer = producerOf(kafka);
  }

  connect(): Promise<void> {
    return this.#producer.connect();
  }

  async write({ event, partition }: Sent): Promise<void> {
    const value = encodeEvent(event);
    const key = recordKey(event);
    // Rates are needed wherever an order may be: every partition gets its own copy.
    if (event.type === "fx_fixed") for (const partition of this.#partitions) this.#add({ key, value, partition });
    else this.#add(partition === undefined ? { key, value } : { key, value, partition });
    if (this.#batch.length >= BATCH_MESSAGES || this.#bytes >= BATCH_BYTES) await this.#start();
  }

  async flush(): Promise<void> {
    await this.#start();
    await this.#sending;
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#producer.disconnect();
    }
  }

  #add(message: Message): void {
    this.#batch.push(message);
    this.#bytes += message.value!.length + 64;
  }

  /** Waits for the batch under way, then sends off the one that has filled. */
  async #start(): Promise<void> {
    await this.#sending;
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    this.#sending = this.#send(batch);
    // Whoever writes or flushes next hears of a failure; until then nobody listens.
    this.#sending.catch(() => undefined);
  }

  async #send(messages: Message[]): Promise<void> {
    const giveUp = new AbortController();
    for (;;) {
      try {
        const sent = this.#producer.send({ topic: this.#options.topic, messages, acks: -1 });
        await Promise.race([sent, this.#outOfPatience(giveUp.signal)]);
        giveUp.abort();
        return;
      } catch (error) {
        if (error instanceof OutOfPatience) throw error;
        this.#options.log.warn({ err: error, messages: messages.length }, "Kafka refused a batch; trying again");
        await sleep(PAUSE_MS);
        await this.#renew();
      }
    }
  }

  async #outOfPatience(signal: AbortSignal): Promise<void> {
    const { patienceMs, topic } = this.#options;
    if (patienceMs === Infinity) return new Promise(() => undefined);
    await sleep(patienceMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (!signal.aborted) throw new OutOfPatience(topic, patienceMs);
  }

  /** After what is not worth a retry, the sequence numbers of an idempotent producer are in doubt: a new one starts afresh. */
  async #renew(): Promise<void> {
    await this.#producer.disconnect().catch(() => undefined);
    this.#producer = producerOf(this.#kafka);
    await this.#producer.connect().catch((error: unknown) => {
      this.#options.log.debug({ err: error }, "Kafka cannot be reached");
    });
  }
}

class OutOfPatience extends Error {
  constructor(topic: string, patienceMs: number) {
    super(`Kafka has not taken events for ${topic} for ${patienceMs / 1000} s. Is it running? See KAFKA_BROKERS.`);
  }
}

function producerOf(kafka: Kafka): Producer {
  return kafka.producer({
    idempotent: true,
    retry: { retries: Number.MAX_SAFE_INTEGER }, // fewer might leave a gap in the sequence
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
}

async function partitionsOf(kafka: Kafka, topic: string): Promise<number[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics.flatMap(({ partitions }) => partitions.map(({ partitionId }) => partitionId));
  } finally {
    await admin.disconnect();
  }
}
