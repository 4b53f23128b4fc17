// Reading kpi.panes to its end and on: every gateway reads the whole topic. kafkajs only reads as a member of a group, so
// each process has a group of its own, commits nothing, and deletes it when it stops.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import { ensureTopics } from "../../runtime/kafka.ts";
import type { Logger } from "../../runtime/log.ts";
import { decodeFlush } from "../../stream/contract/flush-codec.ts";
import type { Flush } from "../../stream/contract/flush.ts";

export interface TailListener {
  readonly onFlush: (flush: Flush) => void;
  /** The topic's end was reached for the first time. `fromStart`: everything that was ever published was read. */
  readonly onEnd: (fromStart: boolean) => void;
}

const RETRY_MS = 1000;
/** Stopping waits this long for a join under way. */
const JOIN_MS = 1000;
/** Between slices of a long batch others get their turn: sockets must be answered while hours are read. */
const YIELD_EVERY = 200;

export class PanesTail {
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #log: Logger;
  readonly #listener: TailListener;
  readonly #groupId = `tidemark-gateway-${randomUUID()}`;
  #consumer: Consumer | null = null;
  #joining: Promise<void> = Promise.resolve();
  #stopped = false;
  /** Next offset to read. */
  #next = 0;
  #end: number | null = null;
  #fromStart = false;
  #reachedEnd = false;
  #unreadable = 0;

  constructor(kafka: Kafka, topic: string, log: Logger, listener: TailListener) {
    this.#kafka = kafka;
    this.#topic = topic;
    this.#log = log;
    this.#listener = listener;
  }

  /** Has the topic's end been reached once? */
  get reachedEnd(): boolean {
    return this.#reachedEnd;
  }

  /** Records between here and the end of the topic; null: not known. */
  get lag(): number | null {
    return this.#end === null ? null : Math.max(0, this.#end - this.#next);
  }

  /** Records that were no flush of a version we can read. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** Reads from this offset, or from the oldest record that is left; keeps trying until it is stopped. */
  run(from: number): Promise<void> {
    this.#joining = this.#keepTrying(from);
    return this.#joining;
  }

  /** A group can only be deleted once its member has left, and left only once it has joined. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.race([this.#joining, sleep(JOIN_MS, undefined, { ref: false })]);
    const joined = this.#consumer !== null;
    await this.#disconnect();
    if (joined) await this.#deleteGroup();
  }

  async #keepTrying(from: number): Promise<void> {
    this.#next = from;
    while (!this.#stopped) {
      try {
        await this.#consume();
        return;
      } catch (error) {
        this.#log.warn({ err: error }, `reading ${this.#topic} failed; trying again`);
        await this.#disconnect();
        await sleep(RETRY_MS);
      }
    }
  }

  async #consume(): Promise<void> {
    await ensureTopics(this.#kafka, [{ name: this.#topic, role: "panes", partitions: 1 }]);
    const range = await this.#range();
    // 1. where to begin: retention may have moved the log's start past what was asked, a new topic ends before it
    if (this.#next < range.low || this.#next > range.high) this.#next = range.low;
    this.#fromStart ||= this.#next === 0;
    this.#end = range.high;
    this.#checkEnd();
    // 2. a member of a group of one
    const consumer = this.#kafka.consumer({
      groupId: this.#groupId,
      maxWaitTimeInMs: 50,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 200, maxRetryTime: 3000, retries: 5 },
    });
    this.#consumer = consumer;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (payload.restart || this.#stopped || this.#consumer !== consumer) return;
      this.#log.warn({ err: payload.error }, `reading ${this.#topic} stopped; starting anew`);
      void this.#disconnect().then(() => this.run(this.#next));
    });
    await consumer.connect();
    await consumer.subscribe({ topic: this.#topic, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: (payload) => this.#onBatch(payload) });
    // 3. from there on; what comes before the seek takes effect does no harm
    consumer.seek({ topic: this.#topic, partition: 0, offset: String(this.#next) });
  }

  async #onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    let done = 0;
    for (const { offset, value } of batch.messages) {
      if (!payload.isRunning()) return;
      const flush = value === null ? null : decodeFlush(value);
      if (flush === null) this.#unreadable++;
      else this.#listener.onFlush(flush);
      this.#next = Number(offset) + 1;
      if (++done % YIELD_EVERY === 0) await new Promise(setImmediate);
    }
    this.#end = Math.max(Number(batch.highWatermark), this.#next);
    this.#checkEnd();
    await payload.heartbeat();
  }

  #checkEnd(): void {
    if (this.#reachedEnd || this.lag !== 0) return;
    this.#reachedEnd = true;
    this.#listener.onEnd(this.#fromStart);
  }

  async #range(): Promise<{ low: number; high: number }> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      const [first] = await admin.fetchTopicOffsets(this.#topic);
      return { low: Number(first?.low ?? 0), high: Number(first?.high ?? 0) };
    } finally {
      await admin.disconnect();
    }
  }

  async #disconnect(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = null;
    await consumer?.disconnect().catch((error: unknown) => this.#log.debug({ err: error }, "disconnecting failed"));
  }

  async #deleteGroup(): Promise<void> {
    const admin = this.#kafka.admin({ retry: { retries: 0 } });
    try {
      await admin.connect();
      await admin.deleteGroups([this.#groupId]);
    } catch (error) {
      this.#log.debug({ err: error }, "the group was not deleted; Kafka does so itself after a while");
    } finally {
      await admin.disconnect();
    }
  }
}
