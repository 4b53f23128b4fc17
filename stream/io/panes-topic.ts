// Publishing to kpi.panes and shop.dead-letters: acks=all, one request at a time, so that a pane's values arrive in the order
// in which they were true. Not idempotent: values are absolute and letters carry their offset, so a repeat does nothing.
import type { Kafka, Producer } from "kafkajs";
import type { DeadLetter } from "../core/partition-fold.ts";
import type { Flush } from "../contract/flush.ts";
import { encodeFlush } from "../contract/flush-codec.ts";

/** A request is cut here; the broker takes 1 MB by default. */
const REQUEST_BYTES = 900_000;

interface DeadLetterRecord extends DeadLetter {
  readonly partition: number;
}

export class Publisher {
  readonly #producer: Producer;
  readonly #panesTopic: string;
  readonly #deadLettersTopic: string;
  readonly #source: string;

  constructor(kafka: Kafka, topics: { panes: string; deadLetters: string }, source: string) {
    this.#producer = kafka.producer({
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { retries: 3, initialRetryTime: 200, maxRetryTime: 1000 },
    });
    this.#panesTopic = topics.panes;
    this.#deadLettersTopic = topics.deadLetters;
    this.#source = source;
  }

  connect(): Promise<void> {
    return this.#producer.connect();
  }

  disconnect(): Promise<void> {
    return this.#producer.disconnect();
  }

  /** Resolves when every record is acknowledged, with the greatest offset that kpi.panes gave them; −1: nothing was sent. */
  async publish(flushes: readonly Flush[]): Promise<number> {
    const messages = flushes.flatMap((flush) =>
      encodeFlush(flush).map((value) => ({ key: `${flush.source}/${flush.partition}`, value })),
    );
    let last = -1;
    for (const request of requests(messages)) {
      const [answer] = await this.#producer.send({ topic: this.#panesTopic, acks: -1, messages: request });
      const base = Number(answer?.baseOffset ?? -1);
      if (base >= 0) last = base + request.length - 1;
    }
    return last;
  }

  /** The raw bytes with their reason and origin as headers. */
  async bury(letters: readonly DeadLetterRecord[]): Promise<void> {
    const messages = letters.map(({ record, partition, fault }) => ({
      key: `${this.#source}/${partition}`,
      value: record.value,
      headers: {
        reason: fault.reason,
        detail: fault.detail,
        source: this.#source,
        partition: String(partition),
        offset: String(record.offset),
        appendedAt: String(record.timestamp),
      },
    }));
    for (const request of requests(messages))
      await this.#producer.send({ topic: this.#deadLettersTopic, acks: -1, messages: request });
  }
}

interface Message {
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Bytes that a record takes on the wire at most, besides its words. */
const RECORD_BYTES = 32;
const HEADER_BYTES = 8;

function sizeOf({ key, value, headers = {} }: Message): number {
  const words = Object.entries(headers).map(([name, word]) => HEADER_BYTES + name.length + Buffer.byteLength(word));
  return RECORD_BYTES + Buffer.byteLength(key) + (value?.length ?? 0) + words.reduce((sum, bytes) => sum + bytes, 0);
}

function* requests<T extends Message>(messages: readonly T[]): Generator<T[]> {
  let request: T[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = sizeOf(message);
    if (request.length > 0 && bytes + size > REQUEST_BYTES) {
      yield request;
      request = [];
      bytes = 0;
    }
    request.push(message);
    bytes += size;
  }
  if (request.length > 0) yield request;
}
