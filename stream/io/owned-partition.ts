// One partition that this worker owns, in one generation of the consumer group: its fold, and what the worker knows of its log.
import type { FoldSettings, Standing } from "../core/partition-fold.ts";
import type { Read } from "../core/read.ts";
import { atStart, offsetIn, PartitionFold, recordIdentity } from "../core/partition-fold.ts";
import type { LogRecord } from "../core/log-record.ts";
import { LOGIC_VERSION } from "../core/logic-version.ts";
import { isEmpty, noNeeds, type Needs } from "../core/memory.ts";
import type { RawEvents } from "./raw-rows.ts";
import { Serial } from "./serial.ts";
import type { Storage, StoredPosition } from "./storage.ts";

/** Start-up found that the stored state and the topic do not belong together. Its message says the cure. */
export class Refusal extends Error {}

export interface LogRange {
  /** Offset of the oldest record. */
  readonly low: number;
  /** Offset that the next record will get. */
  readonly high: number;
}

export interface PartitionSettings extends FoldSettings {
  readonly rawEvents: RawEvents;
  readonly topic: string;
  readonly source: string;
  /** Of the topic, as the worker knows it. */
  readonly partitions: number;
}

/** The cure where a topic has to be folded anew, from its start. */
const anew = (source: string): string =>
  `To fold what the topic holds anew: stop the workers, delete what is stored of it (npm run forget -- ${source}), start them again.`;

/** The cure where another log took a topic's name: its figures add to those of the old one. */
const another = (source: string): string =>
  `To keep the figures of the old log and go on with this one, set SOURCE to another name than ${source}.`;

/** A flush whose rows are stored. */
export interface StoredFlush {
  readonly standing: Standing;
  /** Greatest offset of kpi.panes when the flush began: what was told after it may contain more than the flush. */
  readonly panesOffset: number;
}

/** How far ahead of a record that needs storage the batch is searched for others that do. */
const LOOK_AHEAD = 2000;
const BREATH_RECORDS = 1000;
/** A record waits this long for storage, then it is parked, and others go on. */
const ANSWERED_WITHIN_MS = 5000;

/** Lets others run and beats the heart; false: it is time to stop. */
export type Breath = () => Promise<boolean>;

export class OwnedPartition {
  readonly partition: number;
  readonly fold: PartitionFold;
  /** Folding and unparking take turns: both may wait for storage in the middle. */
  readonly turns = new Serial();
  readonly #settings: PartitionSettings;
  readonly #storage: Storage;
  readonly #low: number;
  logEnd: number;
  storedPosition: number;
  lastPublished = 0;
  sweptAt = -Infinity;
  /** What is stored as rows, but not yet as position. */
  rowsStored: StoredFlush | null = null;
  /** Where the fold was when it last moved, and when that was (ms, wall clock). */
  movedTo = -1;
  movedAt = 0;
  /** Identity of the last record that was folded before: the log must hold it there. null: seen, or there is none to see. */
  #verify: string | null;

  private constructor(
    partition: number,
    settings: PartitionSettings,
    fold: PartitionFold,
    storage: Storage,
    range: LogRange,
    verify: string | null,
  ) {
    this.partition = partition;
    this.#settings = settings;
    this.fold = fold;
    this.#storage = storage;
    this.#low = range.low;
    this.logEnd = range.high;
    this.storedPosition = fold.position;
    this.#verify = verify;
  }

  /**
   * Loads what storage has for the partition and checks that it belongs to this topic. Throws a Refusal where it does not.
   * `ranges` reads the topic's as they are now.
   */
  static async load(
    partition: number,
    ranges: () => Promise<ReadonlyMap<number, LogRange>>,
    settings: PartitionSettings,
    storage: Storage,
  ): Promise<OwnedPartition> {
    const { topic, source } = settings;
    const stored = await storage.loadPosition(partition);
    const now = await ranges(); // after the position: another owner may move that while we look
    const range = now.get(partition);
    if (!range) throw new Refusal(`${topic} has no partition ${partition}`);
    if (now.size !== settings.partitions)
      throw new Refusal(
        `${topic} had ${settings.partitions} partitions when this worker started and has ${now.size} now, so that sessions ` +
          `have moved between them. ${anew(source)}`,
      );
    if (stored) check(stored, partition, range, settings);
    const standing = stored?.standing ?? atStart(range.low);
    const fold = new PartitionFold(settings, standing, storage.rawSink(partition, settings.rawEvents));
    if (stored) for await (const rows of storage.loadLive(partition, standing.watermark)) fold.supply(noNeeds(), rows);
    const { lastRecord } = standing;
    const isKept = lastRecord !== "" && range.low <= offsetIn(lastRecord); // retention may have taken all that was folded
    const verify = isKept ? lastRecord : null;
    return new OwnedPartition(partition, settings, fold, storage, range, verify);
  }

  /** The offset to fetch from: below the position while a record there has to be recognised. */
  get fetchFrom(): number {
    return this.#verify === null ? this.fold.position : offsetIn(this.#verify);
  }

  get lag(): number {
    return Math.max(0, this.logEnd - this.fold.position);
  }

  /** Share of the log that is folded, as records. */
  get progress(): { done: number; total: number } {
    return { done: this.fold.position - this.#low, total: Math.max(this.logEnd, this.fold.position) - this.#low };
  }

  /**
   * Folds what was fetched, in order: all records up to the offset `end`, between which there are only markers of transactions and
   * records of aborted ones. `breathe` is awaited now and then, so that heartbeats go on. False: told to stop in between; the rest
   * is folded by whoever owns the partition next.
   */
  async foldBatch(records: readonly LogRecord[], end: number, breathe: Breath): Promise<boolean> {
    try {
      if (!(await this.#foldAll(records, breathe))) return false;
      if (this.#verify !== null) throw this.#lost();
      this.fold.moveOver(end);
      return true;
    } finally {
      this.fold.memory.endBatch();
    }
  }

  async #foldAll(records: readonly LogRecord[], breathe: Breath): Promise<boolean> {
    let foreseen = 0;
    const reads: Read[] = [];
    const readOf = (index: number): Read => (reads[index] ??= this.fold.read(records[index]!));
    for (let i = 0; i < records.length; i++) {
      const record = records[i]!;
      if (i % BREATH_RECORDS === BREATH_RECORDS - 1 && !(await breathe())) break;
      if (record.offset < this.fold.position) {
        this.#recognise(record);
        continue;
      }
      if (this.#verify !== null) throw this.#lost();
      for (let needs = this.fold.foldRecord(record); needs !== null; needs = this.fold.foldRecord(record)) {
        if (!(await breathe())) return false;
        if (i >= foreseen) {
          foreseen = Math.min(i + LOOK_AHEAD, records.length);
          const ahead = Array.from({ length: foreseen - i }, (_, index) => readOf(i + index));
          await this.#askAhead(needs, ahead);
        } else if (!(await this.#answer(needs))) {
          this.fold.park(readOf(i));
          break;
        }
      }
    }
    return this.fold.position > (records.at(-1)?.offset ?? -1);
  }

  /**
   * Folds what was parked. Throws where storage does not answer; what could be folded until then is. Nothing else of the partition
   * is folded meanwhile: ask first whether storage answers at all.
   */
  async unpark(): Promise<void> {
    try {
      let ahead: Read[] = [];
      let rounds = 0;
      for (let needs = this.fold.unpark(); needs !== null; needs = this.fold.unpark()) {
        if (this.fold.firstParked! > (ahead.at(-1)?.offset ?? -1)) {
          ahead = this.fold.parked(LOOK_AHEAD);
          rounds = 0;
        }
        if (rounds++ < 2) this.fold.foresee(ahead, needs); // sessions first, then the panes that these count into
        this.fold.supply(needs, await this.#storage.lookUp(this.partition, needs));
      }
    } finally {
      this.fold.memory.endBatch();
    }
  }

  /**
   * Asks storage for all that the next records may need: sessions first, then the panes that these count into. Where it is
   * away, nothing: each record that needs it is parked when its turn comes.
   */
  async #askAhead(first: Needs, reads: readonly Read[]): Promise<void> {
    let needs = first;
    for (let round = 0; round < 2; round++) {
      this.fold.foresee(reads, needs);
      if (isEmpty(needs) || !(await this.#answer(needs))) return;
      needs = noNeeds();
    }
  }

  /** false: storage is away. While it is, nobody waits for it: the flush finds out when it is back. */
  async #answer(needs: Needs): Promise<boolean> {
    if (!this.#storage.up) return false;
    try {
      const signal = AbortSignal.timeout(ANSWERED_WITHIN_MS);
      this.fold.supply(needs, await this.#storage.lookUp(this.partition, needs, signal));
      return true;
    } catch {
      return false;
    }
  }

  #lost(): Refusal {
    const { topic, source } = this.#settings;
    return new Refusal(
      `Partition ${this.partition} of ${topic} no longer holds the record at offset ${this.fetchFrom}, up to which its figures ` +
        `are stored: records after it may be lost. Restore the log. ${anew(source)}`,
    );
  }

  #recognise(record: LogRecord): void {
    const { topic, source } = this.#settings;
    if (this.#verify === null || record.offset !== offsetIn(this.#verify)) return;
    if (recordIdentity(record) !== this.#verify)
      throw new Refusal(
        `Partition ${this.partition} of ${topic} holds another record at offset ${record.offset} than the one whose figures are stored: ` +
          `the topic was created anew. ${another(source)}`,
      );
    this.#verify = null;
  }
}

function check(
  { standing, partitions: before, logicVersion, currencies }: StoredPosition,
  partition: number,
  range: LogRange,
  { topic, source, partitions, currencies: reporting }: PartitionSettings,
): void {
  const where = `Partition ${partition} of ${topic}`;
  if (logicVersion !== LOGIC_VERSION)
    throw new Refusal(
      `${where} was folded by logic version ${logicVersion}, this is version ${LOGIC_VERSION}. ` +
        `Run the version that wrote the state, or go on with this one. ${anew(source)}`,
    );
  if (before !== partitions)
    throw new Refusal(
      `${topic} had ${before} partitions and has ${partitions} now, so that sessions have moved between them. ${anew(source)}`,
    );
  if (range.low > standing.position)
    throw new Refusal(
      `${where} starts at offset ${range.low}, but its figures are stored up to ${standing.position} only: ` +
        `${range.low - standing.position} records are lost. Restore the log. ${another(source)}`,
    );
  if (range.high < standing.position)
    throw new Refusal(
      `${where} ends at offset ${range.high}, but its figures are stored up to ${standing.position}: ` +
        `the topic was created anew. ${another(source)}`,
    );
  for (const [store, currency] of Object.entries(currencies)) {
    const now = reporting.get(store);
    if (now !== undefined && now !== currency)
      throw new Refusal(
        `Store ${store} reported in ${currency} and reports in ${now} now. Set the currency back. ${anew(source)}`,
      );
  }
}
