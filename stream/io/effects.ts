// What leaves a worker, and in which order. Nothing moves before what is below it is safe, so that it may die between any two:
//
//   1. raw rows, dead letters   2. sessions, orders, panes   3. panes acknowledged by kpi.panes   4. position   5. Kafka commit
import type { Logger } from "../../runtime/log.ts";
import { consumed } from "../contract/accounting.ts";
import { gaugedAt, type Flush } from "../contract/flush.ts";
import {
  beginFlush,
  beginPublish,
  flushFailed,
  flushStored,
  publishFailed,
  type FlushWork,
} from "../core/flush-work.ts";
import type { OwnedPartition } from "./owned-partition.ts";
import type { Publisher } from "./panes-topic.ts";
import { Serial } from "./serial.ts";
import type { Storage } from "./storage.ts";

export interface Committed {
  readonly partition: number;
  readonly position: number;
}

/** What the effects need to know of the worker's membership in its group. */
interface Membership {
  readonly owned: () => readonly OwnedPartition[];
  /** It is owned still, and by the same loading. */
  readonly holds: (owned: OwnedPartition) => boolean;
  /** How many the topic has. */
  readonly partitions: () => number;
  readonly commit: (positions: readonly Committed[]) => Promise<void>;
}

interface EffectsSettings {
  /** Of the worker. */
  readonly name: string;
  readonly source: string;
  readonly currencies: ReadonlyMap<string, string>;
}

interface EffectsParts {
  readonly storage: Storage;
  readonly publisher: Publisher;
  readonly log: Logger;
}

/** Each partition says at least this often that it is alive. */
const HEARTBEAT_MS = 1000;
/** Memory is swept each time a partition's watermark has moved this far. */
const SWEEP_MS = 60_000;

export class Effects {
  readonly #settings: EffectsSettings;
  readonly #parts: EffectsParts;
  readonly #membership: Membership;
  readonly #publishing = new Serial();
  readonly #flushing = new Serial();
  #complained = false;
  /** The greatest offset that kpi.panes has given a record of ours; −1: none yet. */
  #panesOffset = -1;
  /** When everything was stored the last time (ms, wall clock); 0: it never was. */
  lastStoredAt = 0;

  constructor(settings: EffectsSettings, parts: EffectsParts, membership: Membership) {
    this.#settings = settings;
    this.#parts = parts;
    this.#membership = membership;
  }

  /** Publishes the changed panes of these partitions; each at least once a second even where nothing changed. */
  publish(partitions: readonly OwnedPartition[], lastWord = false): Promise<void> {
    return this.#publishing.run(async () => {
      const now = Date.now();
      const isDue = ({ fold, lastPublished }: OwnedPartition): boolean =>
        fold.memory.hasUnpublished || now - lastPublished >= HEARTBEAT_MS || lastWord;
      const sending = partitions
        .filter((owned) => this.#membership.holds(owned) && isDue(owned))
        .map((owned) => ({ owned, publishing: beginPublish(owned.fold) }));
      if (sending.length === 0) return;
      try {
        const flushes = sending.map(({ owned, publishing }) => this.#flushRecord(owned, publishing.rows, now));
        const offset = await this.#parts.publisher.publish(flushes);
        for (const { owned } of sending) owned.lastPublished = now;
        this.#panesOffset = Math.max(this.#panesOffset, offset);
      } catch (error) {
        for (const { owned, publishing } of sending) publishFailed(owned.fold, publishing);
        throw error;
      }
    });
  }

  #flushRecord(owned: OwnedPartition, panes: Flush["panes"], now: number): Flush {
    const { fold, partition, logEnd, storedPosition } = owned;
    const { standing } = fold;
    const { position, appendedAt: lastAppendTime, watermark: reached, counters, late } = standing;
    const watermark = reached === -Infinity ? null : reached;
    const visitors = fold.memory.visitorsAt(gaugedAt({ position, logEnd, lastAppendTime, watermark }, now));
    return {
      source: this.#settings.source,
      partition,
      generation: 0,
      worker: this.#settings.name,
      publishedAt: now,
      position,
      logEnd: Math.max(logEnd, position),
      lastAppendTime,
      watermark,
      consumed: consumed(standing),
      parked: fold.parkedCount,
      storageUp: this.#parts.storage.up,
      storedPosition,
      counters,
      late,
      visitors,
      lastOrders: fold.lastOrders,
      panes,
    };
  }

  /** Stores everything that changed since the last time. Failures are logged and tried again with the next. */
  flush(): Promise<void> {
    return this.#flushing.run(async () => {
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
    });
  }

  /** 1. raw rows, dead letters  2. sessions, orders, panes */
  async #storeRows(): Promise<void> {
    const works: { owned: OwnedPartition; partition: number; work: FlushWork }[] = [];
    let panesOffset = -1;
    const { storage, publisher } = this.#parts;
    try {
      const parked = this.#membership.owned().filter(({ fold }) => fold.firstParked !== null);
      if (parked.length > 0) await storage.probe(); // outside their turns: a storage that hangs holds up nobody
      for (const owned of parked) await owned.turns.run(() => owned.unpark());
      // Nothing is awaited from here until all is encoded: the rows are those of one moment, at which no record is parked.
      panesOffset = this.#panesOffset;
      for (const owned of this.#membership.owned()) {
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
      owned.rowsStored = { standing: work.standing, panesOffset };
    }
  }

  /** 3. every pane of those records is acknowledged by kpi.panes  4. position  5. Kafka commit, for lag tools only */
  async #storePositions(): Promise<void> {
    const { owned: all, holds, partitions, commit } = this.#membership;
    const waiting = all().flatMap((owned) =>
      owned.rowsStored ? [{ owned, partition: owned.partition, ...owned.rowsStored }] : [],
    );
    if (waiting.length === 0) return;
    await this.publish(waiting.map(({ owned }) => owned));
    const current = waiting.filter(({ owned }) => holds(owned));
    await this.#parts.storage.storePositions(
      current.map(({ partition, standing, panesOffset }) => ({ partition, standing, panesOffset })),
      partitions(),
      this.#settings.currencies,
      Date.now(),
    );
    for (const { owned, standing } of current) {
      owned.rowsStored = null;
      owned.storedPosition = standing.position;
      await this.#sweep(owned, standing.watermark);
    }
    await commit(current.map(({ partition, standing }) => ({ partition, position: standing.position })));
  }

  async #sweep(owned: OwnedPartition, watermark: number): Promise<void> {
    if (watermark - owned.sweptAt < SWEEP_MS) return;
    owned.sweptAt = watermark;
    await owned.turns.run(async () => {
      for (const _ of owned.fold.memory.evict(watermark)) await new Promise(setImmediate);
    });
  }
}
