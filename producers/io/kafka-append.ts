// Events of many requests to Kafka: acks=all, one batch under way while the next one fills, and each request is told of its own
// events' fate within a bounded time. (KafkaSink is for one writer that would rather wait than lose its place.)
//
// The producer is not idempotent, on purpose: whoever is told "not acknowledged" sends again under the same event ids anyway, and
// the stream counts those once. So a batch may be given up after a few seconds, without sequence numbers to be in doubt of.
import { Partitioners, type Kafka, type Message, type Producer } from "kafkajs";
import type { Logger } from "../../runtime/log.ts";
import { encodeEvent } from "../contract/codec.ts";
import { recordKey } from "../contract/events.ts";
import { Unacknowledged, type Append } from "./append.ts";

const BATCH_BYTES = 1024 * 1024;
/** With more than this waiting, requests are turned away at once: memory stays bounded while Kafka is away. */
const WAITING_BYTES = 8 * BATCH_BYTES;
/** A batch is given up after this, ms; a request waits for the one under way and for its own. */
const SEND_WITHIN_MS = 7000;

interface Request {
  readonly messages: readonly Message[];
  readonly bytes: number;
  readonly done: () => void;
  readonly failed: (error: Unacknowledged) => void;
}

export class KafkaAppender {
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #log: Logger;
  #waiting: Request[] = [];
  #waitingBytes = 0;
  #sending: Promise<void> | null = null;
  #answers = true;

  constructor(kafka: Kafka, topic: string, log: Logger) {
    this.#topic = topic;
    this.#log = log;
    this.#producer = kafka.producer({
      retry: { initialRetryTime: 200, retries: 5, maxRetryTime: 2000 },
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
  }

  /** Rejects where no broker answers. Later it finds its way back by itself. */
  connect(): Promise<void> {
    return this.#producer.connect();
  }

  /** Did Kafka acknowledge what it was given last? */
  get answers(): boolean {
    return this.#answers;
  }

  readonly append: Append = (events) =>
    new Promise((done, failed) => {
      const messages = events.map((event) => ({ key: recordKey(event), value: encodeEvent(event) }));
      const bytes = messages.reduce((sum, { value }) => sum + value.length + 64, 0);
      if (this.#waitingBytes + bytes > WAITING_BYTES)
        return failed(new Unacknowledged("too many events wait for Kafka"));
      this.#waiting.push({ messages, bytes, done, failed });
      this.#waitingBytes += bytes;
      this.#sending ??= this.#sendAll();
    });

  /** Waits for what is under way, then disconnects. */
  async close(): Promise<void> {
    await this.#sending;
    await this.#producer.disconnect();
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const requests = this.#take();
      try {
        await this.#send(requests.flatMap(({ messages }) => messages));
        for (const { done } of requests) done();
        this.#answers = true;
      } catch (error) {
        this.#answers = false;
        this.#log.warn(
          { err: error, requests: requests.length },
          "Kafka has not acknowledged events; asked to send again",
        );
        for (const { failed } of requests) failed(new Unacknowledged("Kafka has not acknowledged", { cause: error }));
      }
    }
    this.#sending = null;
  }

  /** The requests that have waited longest, up to a batch. */
  #take(): Request[] {
    let bytes = 0;
    const more = this.#waiting.findIndex((request) => (bytes += request.bytes) > BATCH_BYTES);
    const taken = this.#waiting.splice(0, more === -1 ? this.#waiting.length : Math.max(1, more));
    this.#waitingBytes -= taken.reduce((sum, request) => sum + request.bytes, 0);
    return taken;
  }

  async #send(messages: Message[]): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const sent = this.#producer.send({ topic: this.#topic, messages, acks: -1 });
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${SEND_WITHIN_MS / 1000} s`)), SEND_WITHIN_MS);
    });
    try {
      await Promise.race([sent, tooLate]);
    } finally {
      clearTimeout(timer);
      sent.catch(() => undefined); // nobody waits for what was given up
    }
  }
}
