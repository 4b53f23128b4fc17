// The worker: a member of the consumer group that folds the partitions it is given, and says when their panes are published
// (several times a second) and their rows stored (about once a second). In which order is said in effects.ts.
import { setTimeout as sleep } from "node:timers/promises";
import type { Admin, Consumer, EachBatchPayload, Kafka } from "kafkajs";
import type { Logger } from "../../runtime/log.ts";
import type { FoldSettings } from "../core/partition-fold.ts";
import { Effects, type Committed } from "./effects.ts";
import { OwnedPartition, Refusal, type Breath, type LogRange } from "./owned-partition.ts";
import type { Publisher } from "./panes-topic.ts";
import { fetchWholeBatches, logRecords } from "./record-batches.ts";
import type { RawEvents } from "./raw-rows.ts";
import type { SchemaRegistry } from "./schema-registry.ts";
import type { Storage } from "./storage.ts";

export interface WorkerSettings extends FoldSettings {
  readonly rawEvents: RawEvents;
  readonly name: string;
  readonly topic: string;
  readonly source: string;
  readonly group: string;
  readonly flushMs: number;
  readonly publishMs: number;
}

export interface WorkerParts {
  readonly kafka: Kafka;
  readonly storage: Storage;
  readonly publisher: Publisher;
  /** Where the decoder's schemas come from; null: nowhere, records that name one are dead letters. */
  readonly schemas: SchemaRegistry | null;
  readonly log: Logger;
  /** Called with what cannot be gone on with. */
  readonly fail: (error: unknown) => void;
}

/** Records whose outcome is not stored are held in memory up to this; then consuming pauses. */
const PENDING_BYTES = 256 * 1024 * 1024;
const READ_LOG_ENDS_MS = 1000;
const BEAT_GROUP_MS = 1000;
/** Far behind, panes are published this often. */
const PUBLISH_BEHIND_MS = 1000;
/** With more records than this to fold, a worker is catching up. */
const BEHIND_RECORDS = 50_000;
/** Time between flushes while it is: so many times the usual one. */
const FLUSH_BEHIND_FACTOR = 5;
/** With records to fold and none folded for this long, the process ends, so that whatever runs it starts a new one. */
const STALLED_MS = 60_000;

export class Worker {
  readonly #settings: WorkerSettings;
  readonly #parts: WorkerParts;
  readonly #consumer: Consumer;
  readonly #admin: Admin;
  readonly #effects: Effects;
  #partitions = 0;
  /** Partitions of the present assignment; loading or loaded. */
  readonly #loading = new Map<number, Promise<OwnedPartition>>();
  readonly #owned = new Map<number, OwnedPartition>();
  readonly #timers: NodeJS.Timeout[] = [];
  #paused = false;
  #stopping = false;
  #flushedAt = 0;
  #publishedAt = 0;
  /** Records folded since the start. */
  folded = 0;
  /** When the first record was folded (ms, wall clock), and CPU seconds used until then. */
  firstRecordAt = 0;
  cpuAtFirstRecord = 0;

  constructor(settings: WorkerSettings, parts: WorkerParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#admin = parts.kafka.admin();
    this.#consumer = parts.kafka.consumer({
      groupId: settings.group,
      sessionTimeout: 6000,
      heartbeatInterval: 2000,
      maxWaitTimeInMs: 100,
      allowAutoTopicCreation: false,
    });
    this.#effects = new Effects(settings, parts, {
      owned: () => this.owned,
      holds: (owned) => this.#owned.get(owned.partition) === owned,
      partitions: () => this.#partitions,
      commit: (positions) => this.#commit(positions),
    });
  }

  get owned(): readonly OwnedPartition[] {
    return [...this.#owned.values()];
  }

  /** When everything was stored the last time (ms, wall clock); 0: it never was. */
  get lastStoredAt(): number {
    return this.#effects.lastStoredAt;
  }

  /** Every partition of the topic is this worker's, and loaded. */
  get complete(): boolean {
    return this.#partitions > 0 && this.#owned.size === this.#partitions;
  }

  /** Resolves when Kafka has answered. May be called again where it has thrown. */
  async connect(): Promise<void> {
    await this.#admin.connect();
    this.#partitions = (await this.#ranges()).size;
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topic: this.#settings.topic, fromBeginning: true });
  }

  /** Resolves when the connected worker consumes. Partitions arrive a little later. */
  async start(): Promise<void> {
    const { topic } = this.#settings;
    this.#consumer.on(this.#consumer.events.GROUP_JOIN, ({ payload }) =>
      this.#assigned(payload.memberAssignment[topic] ?? []),
    );
    this.#consumer.on(this.#consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) this.#parts.fail(payload.error);
    });
    fetchWholeBatches();
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.#partitions,
      eachBatch: (payload) => this.#onBatch(payload),
    });
    this.#every(this.#settings.publishMs, () => this.#publishWhenDue());
    this.#every(this.#settings.flushMs, () => this.#flushWhenDue());
    this.#every(READ_LOG_ENDS_MS, () => this.#readLogEnds());
  }

  /** Takes in no more, stores what it has, and leaves the group at once. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.flush(); // while the partitions are ours, so that who gets them next has little to fold again
    await this.#consumer.stop();
    await this.flush();
    await this.#effects.publish(this.owned, true).catch(() => undefined); // gateways learn that all is stored
    await this.#consumer.disconnect();
    await this.#admin.disconnect();
  }

  /** Stores everything that changed since the last time. Failures are logged and tried again with the next. */
  async flush(): Promise<void> {
    this.#flushedAt = Date.now();
    await this.#effects.flush();
    this.#pauseWhenFull();
  }

  /** Far behind, a row changes many times within a second: storing and publishing it less often does so fewer times. */
  get #isBehind(): boolean {
    return this.owned.reduce((sum, { lag }) => sum + lag, 0) > BEHIND_RECORDS;
  }

  async #publishWhenDue(): Promise<void> {
    const every = this.#isBehind ? PUBLISH_BEHIND_MS : this.#settings.publishMs;
    if (Date.now() < this.#publishedAt + every - this.#settings.publishMs / 2) return;
    this.#publishedAt = Date.now();
    await this.#effects.publish(this.owned);
  }

  async #flushWhenDue(): Promise<void> {
    const pending = this.owned.reduce((sum, { fold }) => sum + fold.pendingBytes, 0);
    const every = this.#settings.flushMs * (this.#isBehind ? FLUSH_BEHIND_FACTOR : 1);
    if (Date.now() >= this.#flushedAt + every - this.#settings.flushMs / 2 || pending > PENDING_BYTES / 4)
      await this.flush();
  }

  #every(ms: number, job: () => Promise<void>): void {
    let running = false;
    const timer = setInterval(() => {
      if (running) return;
      running = true;
      job()
        .catch((error: unknown) => this.#parts.log.warn({ err: error }, "a periodic job failed"))
        .finally(() => (running = false));
    }, ms);
    this.#timers.push(timer);
  }

  /**
   * A new generation of the group. A partition that stays ours stays in memory: another may have folded more of it meanwhile, but
   * then we are two owners of one partition for a while, and that is exact. Loading it anew would make every rebalance a pause.
   */
  #assigned(partitions: readonly number[]): void {
    this.#parts.log.info({ partitions }, `owns ${partitions.length} partitions`);
    // a consumer that started anew does not know of it
    if (this.#paused) this.#consumer.pause([{ topic: this.#settings.topic }]);
    for (const partition of [...this.#loading.keys()].filter((known) => !partitions.includes(known))) {
      this.#owned.delete(partition);
      this.#loading.delete(partition);
    }
    for (const partition of partitions) {
      const kept = this.#owned.get(partition);
      if (kept) this.#seek(kept);
      if (this.#loading.has(partition)) continue;
      const loading = this.#load(partition);
      this.#loading.set(partition, loading);
      loading.then(
        (owned) => this.#loaded(owned, loading),
        (error: unknown) => this.#loading.get(partition) === loading && this.#parts.fail(error),
      );
    }
  }

  #loaded(owned: OwnedPartition, loading: Promise<OwnedPartition>): void {
    if (this.#loading.get(owned.partition) !== loading) return;
    this.#owned.set(owned.partition, owned);
    this.#seek(owned);
  }

  async #load(partition: number): Promise<OwnedPartition> {
    const startedAt = Date.now();
    for (let wait = 200; ; wait = Math.min(wait * 2, 3000)) {
      try {
        const settings = { ...this.#settings, partitions: this.#partitions };
        const owned = await OwnedPartition.load(partition, () => this.#ranges(), settings, this.#parts.storage);
        const { sessions, panes } = owned.fold.memory;
        this.#parts.log.info(
          { partition, sessions: sessions.size, panes: panes.size, ms: Date.now() - startedAt },
          `loaded partition ${partition}`,
        );
        return owned;
      } catch (error) {
        if (error instanceof Refusal) throw error;
        this.#parts.log.warn({ err: error }, `loading partition ${partition} failed; trying again`);
        await sleep(wait);
      }
    }
  }

  async #ranges(): Promise<Map<number, LogRange>> {
    const offsets = await this.#admin.fetchTopicOffsets(this.#settings.topic);
    return new Map(offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]));
  }

  #seek(owned: OwnedPartition): void {
    const { topic } = this.#settings;
    this.#consumer.seek({ topic, partition: owned.partition, offset: String(owned.fetchFrom) });
  }

  /** Loading the partition, its turn, and storage in the middle of it may take a while: the group hears of us all the time. */
  async #onBatch(payload: EachBatchPayload): Promise<void> {
    const beats = setInterval(() => void payload.heartbeat().catch(() => undefined), BEAT_GROUP_MS);
    try {
      await this.#fold(payload);
    } finally {
      clearInterval(beats);
    }
  }

  async #fold(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const loading = this.#loading.get(batch.partition);
    if (!loading) return;
    const owned = await loading;
    const breathe: Breath = async () => {
      await payload.heartbeat();
      await new Promise(setImmediate);
      return payload.isRunning() && !this.#stopping;
    };
    const records = logRecords(batch.messages);
    // before its turn, which others wait for, too
    if (this.#parts.schemas && !(await this.#parts.schemas.learn(records, breathe))) return;
    await owned.turns.run(async () => {
      if (!payload.isRunning() || payload.isStale() || this.#owned.get(batch.partition) !== owned) return;
      owned.logEnd = Math.max(owned.logEnd, Number(batch.highWatermark));
      const fetched = Number((batch as unknown as { fetchedOffset: string }).fetchedOffset);
      if (fetched !== owned.fetchFrom) return this.#seek(owned);
      if (this.firstRecordAt === 0) this.#begin();
      this.folded += records.length;
      try {
        if (!(await owned.foldBatch(records, Number(batch.lastOffset()) + 1, breathe))) return;
      } catch (error) {
        if (error instanceof Refusal) return this.#parts.fail(error);
        throw error;
      }
      payload.resolveOffset(batch.lastOffset());
      this.#pauseWhenFull();
    });
  }

  #begin(): void {
    const { user, system } = process.cpuUsage();
    this.cpuAtFirstRecord = (user + system) / 1e6;
    this.firstRecordAt = Date.now();
  }

  /** Storage may be away for long: consuming pauses at the cap, heartbeats and publishing go on. */
  #pauseWhenFull(): void {
    const pending = this.owned.reduce((sum, { fold }) => sum + fold.pendingBytes, 0);
    const topic = [{ topic: this.#settings.topic }];
    if (!this.#paused && pending > PENDING_BYTES) {
      this.#consumer.pause(topic);
      this.#paused = true;
      this.#parts.log.warn({ pending }, "storage is behind: consuming is paused");
    } else if (this.#paused && pending < PENDING_BYTES / 2) {
      this.#consumer.resume(topic);
      this.#paused = false;
      this.#parts.log.info("consuming again");
    }
  }

  async #readLogEnds(): Promise<void> {
    const ranges = await this.#ranges();
    const now = Date.now();
    const waits = this.#paused || (this.#parts.schemas?.waiting ?? false);
    for (const owned of this.owned) {
      const high = ranges.get(owned.partition)?.high;
      if (high !== undefined) owned.logEnd = Math.max(owned.logEnd, high);
      if (waits || owned.lag === 0 || owned.fold.position !== owned.movedTo) {
        owned.movedTo = owned.fold.position;
        owned.movedAt = now;
      } else if (now - owned.movedAt > STALLED_MS)
        this.#parts.fail(
          new Error(
            `Partition ${owned.partition} has not moved for ${STALLED_MS / 1000} s with ${owned.lag} records to fold`,
          ),
        );
    }
  }

  async #commit(positions: readonly Committed[]): Promise<void> {
    const { topic } = this.#settings;
    try {
      await this.#consumer.commitOffsets(
        positions.map(({ partition, position }) => ({ topic, partition, offset: String(position) })),
      );
    } catch (error) {
      this.#parts.log.debug({ err: error }, "committing to Kafka failed; our own position holds");
    }
  }
}
