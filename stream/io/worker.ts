// The worker: a member of the consumer group that folds the partitions it is given, publishes their panes several times a
// second and stores their rows about once a second. The order of effects (nothing moves before what is below it is safe):
//
//   1. raw rows, dead letters   2. sessions, orders, panes   3. panes acknowledged by kpi.panes   4. position   5. Kafka commit
import type { Admin, Consumer, EachBatchPayload, Kafka } from "kafkajs";
import type { Logger } from "../../runtime/log.ts";
import { LATENESS_MS } from "../contract/lateness.ts";
import type { Flush } from "../contract/flush.ts";
import {
  beginFlush,
  beginPublish,
  flushFailed,
  flushStored,
  publishFailed,
  type FlushWork,
} from "../core/flush-work.ts";
import type { FoldSettings } from "../core/partition-fold.ts";
import { OwnedPartition, Refusal, type Breath, type LogRange } from "./owned-partition.ts";
import type { Publisher } from "./panes-topic.ts";
import { fetchWholeBatches, logRecords } from "./record-batches.ts";
import type { RawEvents } from "./raw-rows.ts";
import type { SchemaRegistry } from "./schema-registry.ts";
import { Serial } from "./serial.ts";
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
const HEARTBEAT_MS = 1000;
/** With more records than this to fold, a worker is catching up: it flushes this many times more seldom. */
const BEHIND_RECORDS = 50_000;
const FLUSHES_SKIPPED = 5;
/** With records to fold and none folded for this long, the process ends, so that whatever runs it starts a new one. */
const STALLED_MS = 60_000;
/** Memory is swept each time a partition's watermark has moved this far. */
const SWEEP_MS = 10 * 60_000;

export class Worker {
  readonly #settings: WorkerSettings;
  readonly #parts: WorkerParts;
  readonly #consumer: Consumer;
  readonly #admin: Admin;
  #partitions = 0;
  /** Partitions of the present assignment; loading or loaded. */
  readonly #loading = new Map<number, Promise<OwnedPartition>>();
  readonly #owned = new Map<number, OwnedPartition>();
  readonly #publishing = new Serial();
  readonly #flushing = new Serial();
  readonly #timers: NodeJS.Timeout[] = [];
  #paused = false;
  #stopping = false;
  #flushedAt = 0;
  #publishedAt = 0;
  /** Records folded since the start. */
  folded = 0;
  /** When the first record was folded, and everything stored the last time (ms, wall clock); CPU seconds used until the first. */
  firstRecordAt = 0;
  lastStoredAt = 0;
  cpuAtFirstRecord = 0;
  #complained = false;

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
  }

  get owned(): readonly OwnedPartition[] {
    return [...this.#owned.values()];
  }

  /** Every partition of the topic is this worker's, and loaded. */
  get complete(): boolean {
    return this.#partitions > 0 && this.#owned.size === this.#partitions;
  }

  /** Resolves when the worker consumes. Partitions arrive a little later. */
  async start(): Promise<void> {
    const { topic } = this.#settings;
    await this.#admin.connect();
    this.#partitions = (await this.#ranges()).size;
    this.#consumer.on(this.#consumer.events.GROUP_JOIN, ({ payload }) =>
      this.#assigned(payload.memberAssignment[topic] ?? []),
    );
    this.#consumer.on(this.#consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) this.#parts.fail(payload.error);
    });
    fetchWholeBatches();
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topic, fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.#partitions,
      eachBatch: (payload) => this.#onBatch(payload),
    });
    this.#every(this.#settings.publishMs, () => this.#publishWhenDue());
    this.#every(this.#settings.flushMs, () => this.#flushWhenDue());
    this.#every(HEARTBEAT_MS, () => this.#readLogEnds());
  }

  /** Takes in no more, stores what it has, and leaves the group at once. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.flush(); // while the partitions are ours, so that who gets them next has little to fold again
    await this.#consumer.stop();
    await this.flush();
    await this.#publish(this.owned, true).catch(() => undefined); // gateways learn that all is stored
    await this.#consumer.disconnect();
    await this.#admin.disconnect();
  }

  /** Stores everything that changed since the last time. Failures are logged and tried again with the next. */
  flush(): Promise<void> {
    return this.#flushing.run(() => this.#flush());
  }

  /** Far behind, a row changes many times within a second: storing and publishing it less often does so fewer times. */
  get #isBehind(): boolean {
    return this.owned.reduce((sum, { lag }) => sum + lag, 0) > BEHIND_RECORDS;
  }

  async #publishWhenDue(): Promise<void> {
    const every = this.#isBehind ? HEARTBEAT_MS : this.#settings.publishMs;
    if (Date.now() >= this.#publishedAt + every - this.#settings.publishMs / 2) await this.#publish(this.owned);
  }

  async #flushWhenDue(): Promise<void> {
    const pending = this.owned.reduce((sum, { fold }) => sum + fold.pendingBytes, 0);
    const every = this.#settings.flushMs * (this.#isBehind ? FLUSHES_SKIPPED : 1);
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
    const { topic } = this.#settings;
    const startedAt = Date.now();
    for (let wait = 200; ; wait = Math.min(wait * 2, 3000)) {
      try {
        const ranges = await this.#ranges();
        const range = ranges.get(partition);
        if (!range) throw new Refusal(`${topic} has no partition ${partition}`);
        const { storage } = this.#parts;
        const owned = await OwnedPartition.load(partition, ranges.size, range, this.#settings, storage, topic);
        const { sessions, panes } = owned.fold.memory;
        this.#parts.log.info(
          { partition, sessions: sessions.size, panes: panes.size, ms: Date.now() - startedAt },
          `loaded partition ${partition}`,
        );
        return owned;
      } catch (error) {
        if (error instanceof Refusal) throw error;
        this.#parts.log.warn({ err: error }, `loading partition ${partition} failed; trying again`);
        await new Promise((resolve) => setTimeout(resolve, wait));
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

  async #onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const loading = this.#loading.get(batch.partition);
    if (!loading) return;
    const beats = setInterval(() => void payload.heartbeat().catch(() => undefined), 1000); // loading may take a while
    let owned: OwnedPartition;
    try {
      owned = await loading;
    } finally {
      clearInterval(beats);
    }
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
        if (!(await owned.foldBatch(records, this.#settings.topic, breathe))) return;
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
    const waits = this.#paused || (this.#parts.schemas?.away ?? false);
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

  /** Publishes the changed panes of these partitions; each at least once a second even where nothing changed. */
  #publish(partitions: readonly OwnedPartition[], lastWord = false): Promise<void> {
    this.#publishedAt = Date.now();
    return this.#publishing.run(async () => {
      const now = Date.now();
      const sending = partitions
        .filter((owned) => this.#owned.get(owned.partition) === owned)
        .filter((owned) => owned.fold.memory.hasUnpublished || now - owned.lastPublished >= HEARTBEAT_MS || lastWord)
        .map((owned) => ({ owned, publishing: beginPublish(owned.fold) }));
      if (sending.length === 0) return;
      try {
        const flushes = sending.map(({ owned, publishing }) => this.#flushRecord(owned, publishing.rows, now));
        const offset = await this.#parts.publisher.publish(flushes);
        for (const { owned } of sending) {
          owned.lastPublished = now;
          owned.panesOffset = Math.max(owned.panesOffset, offset);
        }
      } catch (error) {
        for (const { owned, publishing } of sending) publishFailed(owned.fold, publishing);
        throw error;
      }
    });
  }

  #flushRecord(owned: OwnedPartition, panes: Flush["panes"], now: number): Flush {
    const { fold, partition, logEnd, storedPosition } = owned;
    const { position, appendedAt, watermark, counters, late } = fold.standing;
    const caughtUp = position >= logEnd;
    const eventNow = caughtUp ? now : watermark + LATENESS_MS;
    return {
      source: this.#settings.source,
      partition,
      generation: 0,
      worker: this.#settings.name,
      publishedAt: now,
      position,
      logEnd: Math.max(logEnd, position),
      lastAppendTime: appendedAt,
      watermark: watermark === -Infinity ? null : watermark,
      storageUp: this.#parts.storage.up,
      storedPosition,
      counters,
      late,
      visitors: fold.memory.visitorsAt(eventNow),
      lastOrders: fold.lastOrders,
      panes,
    };
  }

  async #flush(): Promise<void> {
    this.#flushedAt = Date.now();
    try {
      await this.#storeRows();
      await this.#storePositions();
      this.lastStoredAt = Date.now();
      if (this.#complained) this.#parts.log.info("storing works again");
      this.#complained = false;
    } catch (error) {
      if (!this.#complained) this.#parts.log.warn({ err: error }, "storing failed; trying again with every flush");
      this.#complained = true;
    }
    this.#pauseWhenFull();
  }

  /** 1. raw rows, dead letters  2. sessions, orders, panes */
  async #storeRows(): Promise<void> {
    const works: { owned: OwnedPartition; partition: number; work: FlushWork }[] = [];
    const { storage, publisher } = this.#parts;
    try {
      for (const owned of this.owned) {
        if (owned.fold.firstParked !== null) await owned.turns.run(() => owned.unpark());
        const work = beginFlush(owned.fold);
        if (work) works.push({ owned, partition: owned.partition, work });
      }
      const encoded = storage.encode(works);
      const letters = works.flatMap(({ partition, work }) =>
        work.outcomes.letters.map((letter) => ({ ...letter, partition })),
      );
      if (letters.length > 0) await publisher.bury(letters);
      await storage.store(encoded);
    } catch (error) {
      for (const { work } of works) flushFailed(work);
      throw error;
    }
    for (const { owned, work } of works) {
      flushStored(work);
      owned.rowsStored = work.standing;
    }
  }

  /** 3. every pane of those records is acknowledged by kpi.panes  4. position  5. Kafka commit, for lag tools only */
  async #storePositions(): Promise<void> {
    const waiting = this.owned.flatMap((owned) =>
      owned.rowsStored ? [{ owned, partition: owned.partition, standing: owned.rowsStored }] : [],
    );
    if (waiting.length === 0) return;
    await this.#publish(waiting.map(({ owned }) => owned));
    const current = waiting.filter(({ owned }) => this.#owned.get(owned.partition) === owned);
    await this.#parts.storage.storePositions(
      current.map(({ owned, partition, standing }) => ({ partition, standing, panesOffset: owned.panesOffset })),
      this.#partitions,
      this.#settings.currencies,
      Date.now(),
    );
    for (const { owned, standing } of current) {
      owned.rowsStored = null;
      owned.storedPosition = standing.position;
      await this.#sweep(owned, standing.watermark);
    }
    await this.#commit(current.map(({ partition, standing }) => ({ partition, position: standing.position })));
  }

  async #sweep(owned: OwnedPartition, watermark: number): Promise<void> {
    if (watermark - owned.sweptAt < SWEEP_MS) return;
    owned.sweptAt = watermark;
    await owned.turns.run(async () => {
      for (const _ of owned.fold.memory.evict(watermark)) await new Promise(setImmediate);
    });
  }

  async #commit(positions: readonly { partition: number; position: number }[]): Promise<void> {
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
