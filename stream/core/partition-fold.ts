// The fold of one source partition: records in, rows out. State after offset o is a pure function of the log up to o.
//
//   record ─▶ decode ─▶ screen ─▶ session ─▶ decide ─▶ panes ─▶ apply ─▶ outcome
//                │         │         │                   │
//                ▼         ▼         └── not in memory ──┘─▶ needs: ask storage, or park where it is away
//           dead letter  filtered
//
// How records are batched, when rows are stored and what a crash interrupts changes nothing (docs/exactness.md).
import type { EventDecoder } from "../../producers/contract/codec.ts";
import type { EventOf } from "../../producers/contract/events.ts";
import { noCounters, type Counters, type Verdict } from "../contract/accounting.ts";
import type { LastOrder } from "../contract/flush.ts";
import { LATENESS_MS, PANE_MEMORY_MS, SESSION_MEMORY_MS } from "../contract/lateness.ts";
import { Application, foreseePanes } from "./apply.ts";
import type { Cut } from "./cut.ts";
import { decide, orderIdOf } from "./decide.ts";
import { Fixings } from "./fixings.ts";
import { hash53 } from "./hash.ts";
import type { LogRecord } from "./log-record.ts";
import { Memory, noNeeds, type Lookup, type Needs, type StoredRows } from "./memory.ts";
import { Read, Reader } from "./read.ts";
import type { Fault } from "./screen.ts";
import { keyText, OrderRow } from "./session.ts";
import type { Session } from "./sessions.ts";

/** Where each record ends up, with how it ended: becomes its raw row. Emptied by every flush. */
export interface RawSink {
  /** `read` is good during the call only: nobody may keep it. */
  put(read: Read, verdict: Verdict, fault: Fault | null): void;
  /** All since the last time; the caller owns them now. */
  take(): RawRows;
  /** Gives back what could not be stored. */
  giveBack(rows: RawRows): void;
}

/** Raw rows on their way to storage; what is in them is known to the sink and to storage. */
export interface RawRows {
  readonly rows: number;
}

/** A record that could not be used. */
export interface DeadLetter {
  readonly record: LogRecord;
  readonly fault: Fault;
}

/** What became of the records of one flush. */
export interface Outcomes {
  readonly raw: RawRows;
  readonly letters: readonly DeadLetter[];
  /** Of the records. */
  readonly bytes: number;
}

/** Where a fold stands: what the position row holds. */
export interface Standing {
  /** Offset of the next record. */
  readonly position: number;
  /** Offset of the first record ever folded. */
  readonly firstOffset: number;
  /** Offsets that held no record of ours (transaction markers). */
  readonly gaps: number;
  /** ms; −Infinity before the first usable record. */
  readonly watermark: number;
  readonly appendedAt: number | null;
  /** Identity of the last record below the position; empty: there was none. */
  readonly lastRecord: string;
  readonly counters: Counters;
  readonly late: number;
  readonly fixings: Fixings;
}

export const atStart = (position: number): Standing => ({
  position,
  firstOffset: position,
  gaps: 0,
  watermark: -Infinity,
  appendedAt: null,
  lastRecord: "",
  counters: noCounters(),
  late: 0,
  fixings: Fixings.none,
});

/** Identity of a record, to notice that a topic is not the one the position belongs to: offset, time, size and hash of its value. */
export function recordIdentity(record: LogRecord): string {
  const { offset, timestamp, bytes, valueAt, valueEnd } = record;
  const value = valueAt === -1 ? "none" : `${record.size}-${hash53(bytes, valueAt, valueEnd)}`;
  return `${offset}-${timestamp}-${value}`;
}
export const offsetIn = (identity: string): number => Number(identity.slice(0, identity.indexOf("-")));

/** Nothing younger than this, by the watermark, has to be asked for. */
const LEAST_MEMORY_MS = Math.min(SESSION_MEMORY_MS, PANE_MEMORY_MS[1], PANE_MEMORY_MS[60]);

interface Parked {
  readonly read: Read;
  readonly session: string;
  /** As of its offset. */
  readonly fixings: Fixings;
  readonly watermark: number;
}

export interface FoldSettings {
  readonly decoder: EventDecoder;
  /** Reporting currency of each store that is known. */
  readonly currencies: ReadonlyMap<string, string>;
}

export class PartitionFold {
  readonly memory = new Memory();
  readonly #reader: Reader;
  readonly #raw: RawSink;
  /** By the watermark before the next record. Its needs are handed out when a record needs storage, and then replaced. */
  readonly #lookup: Lookup;
  readonly #application: Application;
  #position: number;
  readonly #firstOffset: number;
  #gaps: number;
  #appendedAt: number | null;
  #last: LogRecord | null = null;
  #lastRecord: string;
  readonly #counters: Counters;
  #late: number;
  #fixings: Fixings;
  readonly #lastOrders = new Map<string, LastOrder>();
  #parked: Parked[] = [];
  readonly #parkedSessions = new Set<string>();
  #letters: DeadLetter[] = [];
  /** Position at the last flush; −1 where that failed. */
  #flushed: number;
  #pendingBytes = 0;
  /** Read into again and again, until somebody keeps it. */
  #spare = new Read();
  #kept = false;

  constructor({ decoder, currencies }: FoldSettings, standing: Standing, raw: RawSink) {
    this.#reader = new Reader(decoder, currencies);
    this.#raw = raw;
    this.#position = standing.position;
    this.#flushed = standing.position;
    this.#firstOffset = standing.firstOffset;
    this.#gaps = standing.gaps;
    this.#lookup = { watermark: standing.watermark, needs: noNeeds() };
    this.#application = new Application(this.memory, this.#lookup);
    this.#appendedAt = standing.appendedAt;
    this.#lastRecord = standing.lastRecord;
    this.#counters = { ...standing.counters };
    this.#late = standing.late;
    this.#fixings = standing.fixings;
  }

  get standing(): Standing {
    if (this.#last) this.#lastRecord = recordIdentity(this.#last);
    this.#last = null;
    return {
      position: this.#position,
      firstOffset: this.#firstOffset,
      gaps: this.#gaps,
      watermark: this.#lookup.watermark,
      appendedAt: this.#appendedAt,
      lastRecord: this.#lastRecord,
      counters: { ...this.#counters },
      late: this.#late,
      fixings: this.#fixings,
    };
  }

  get position(): number {
    return this.#position;
  }

  get lastOrders(): LastOrder[] {
    return [...this.#lastOrders.values()];
  }

  /** Offset of the first record that waits for storage; null: none waits. */
  get firstParked(): number | null {
    return this.#parked[0]?.read.offset ?? null;
  }

  /** Bytes of the records that are folded and not stored yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Something is to be stored that was not at the last flush. */
  get hasNews(): boolean {
    const { dirtySessions, dirtyPanes } = this.memory;
    return this.#position !== this.#flushed || dirtySessions.length + dirtyPanes.length > 0;
  }

  /** What became of the records since the last call; the caller owns it now. */
  takeOutcomes(): Outcomes {
    const taken = { raw: this.#raw.take(), letters: this.#letters, bytes: this.#pendingBytes };
    this.#letters = [];
    this.#pendingBytes = 0;
    this.#flushed = this.#position;
    return taken;
  }

  /** Gives back what could not be stored. */
  returnOutcomes({ raw, letters, bytes }: Outcomes): void {
    this.#raw.giveBack(raw);
    this.#letters = [...letters, ...this.#letters];
    this.#pendingBytes += bytes;
    this.#flushed = -1;
  }

  /** Decodes and screens a record: all that can be said of it alone. A pure function of the record. */
  read(record: LogRecord): Read {
    return this.#reader.read(record);
  }

  /** As `fold(read(record))`, for records that nobody looks at again: makes nothing that outlives the record. */
  foldRecord(record: LogRecord): Needs | null {
    if (record.offset < this.#position) return null;
    if (this.#kept) this.#spare = new Read();
    this.#kept = false;
    return this.fold(this.#reader.readInto(this.#spare, record));
  }

  /**
   * Folds one record. An answer that is not null: nothing was done; ask storage for it, `supply` the rows and fold it again,
   * or `park` it. A record below the position was folded already and is passed over.
   */
  fold(read: Read): Needs | null {
    if (read.offset < this.#position) return null;
    if (read.fault !== null) {
      this.#ended(read, "dead-letter", read.fault);
      this.#moved(read);
    } else if (read.test) this.#passed(read, "filtered-test");
    else if (read.errand === "pass") this.#passed(read, "counted");
    else if (read.errand === "fix") {
      const { day, rates } = read.event as EventOf<"fx_fixed">;
      this.#fixings = this.#fixings.with(day, rates);
      this.#passed(read, "counted");
    } else {
      const waits = this.#parked.length > 0 && this.#parkedSessions.has(keyText(read.sessionKey));
      if (waits) this.#park(read);
      else if (!this.#foldShopEvent(read, this.#fixings, this.#lookup.watermark)) return this.#handOut();
      this.#moved(read);
    }
    return null;
  }

  /**
   * Adds to `needs` what folding these records would ask storage for, so that a batch asks once. Asks rather too much: by the
   * watermark after the last of them, and for every pane that they could touch.
   */
  foresee(reads: readonly Read[], needs: Needs): void {
    const ahead = reads.filter(foldable);
    const last = ahead.reduce((latest, { occurredAt }) => Math.max(latest, occurredAt), 0);
    const watermark = Math.max(this.#lookup.watermark, last - LATENESS_MS);
    const lookup = { watermark, needs };
    const made = new Map<string, Cut>(); // by the first of its records, as the fold will make it
    for (const read of ahead) {
      if (Math.min(read.startedAt, read.occurredAt) >= watermark - LEAST_MEMORY_MS) continue;
      const known = this.memory.session(read, lookup);
      if (known === undefined) continue;
      const text = keyText(read.sessionKey);
      const cut = known?.cut ?? made.get(text) ?? this.memory.cutOf(read);
      made.set(text, cut);
      foreseePanes(this.memory, lookup, cut, read);
    }
  }

  /** Takes in storage's answer to `needs`. */
  supply(needs: Needs, rows: StoredRows): void {
    this.memory.adopt(rows);
    this.memory.answered(needs);
  }

  /** Puts a record aside that needs storage while storage is away; others, of other sessions, go on. */
  park(read: Read): void {
    if (!foldable(read)) throw new Error(`offset ${read.offset} needs no storage`);
    this.#park(read);
    this.#moved(read);
  }

  get parkedCount(): number {
    return this.#parked.length;
  }

  /** The first `most` records that wait for storage, in offset order. */
  parked(most: number): Read[] {
    return this.#parked.slice(0, most).map(({ read }) => read);
  }

  /** Folds what was parked, in offset order. An answer that is not null: supply that and call again. */
  unpark(): Needs | null {
    let done = 0;
    for (const { read, fixings, watermark } of this.#parked) {
      if (!this.#foldShopEvent(read, fixings, watermark)) break;
      done++;
    }
    this.#parked = this.#parked.slice(done);
    if (this.#parked.length > 0) return this.#handOut();
    this.#parkedSessions.clear();
    return null;
  }

  #handOut(): Needs {
    const { needs } = this.#lookup;
    this.#lookup.needs = noNeeds();
    return needs;
  }

  /** True when done; false when the lookup's needs say what is missing. `fixings` and `watermark` are those of the record's offset. */
  #foldShopEvent(read: Read, fixings: Fixings, watermark: number): boolean {
    const { memory } = this;
    const known = memory.session(read, this.#lookup);
    if (known === undefined) return false;
    const session = known ?? memory.newSession(read);
    const effects = decide(read, session, fixings);
    if (effects.verdict === "duplicate" || effects.fault !== null) {
      this.#ended(read, effects.verdict, effects.fault);
      return true;
    }
    if (!this.#application.findPanes(read, session, effects)) return false;
    const orderId = orderIdOf(read);
    const order = orderId === null ? null : orderOf(session, orderId, read.placedAt);
    this.#application.put(read, session, order, effects, watermark);
    if (effects.orderValue !== null && effects.verdict === "counted") this.#noteOrder(read, effects.orderValue);
    this.#ended(read, effects.verdict, null);
    return true;
  }

  #park(read: Read): void {
    const session = keyText(read.sessionKey);
    this.#kept = true;
    this.#parked.push({ read, session, fixings: this.#fixings, watermark: this.#lookup.watermark });
    this.#parkedSessions.add(session);
    this.#pendingBytes += read.record.size;
  }

  /** The log holds nothing below `offset` that was not folded: the position moves there. */
  moveOver(offset: number): void {
    if (offset <= this.#position) return;
    this.#gaps += offset - this.#position;
    this.#position = offset;
  }

  #passed(read: Read, verdict: Verdict): void {
    this.#ended(read, verdict, null);
    this.#moved(read);
  }

  #ended(read: Read, verdict: Verdict, fault: Fault | null): void {
    this.#counters[verdict]++;
    this.#raw.put(read, verdict, fault);
    if (fault !== null) this.#letters.push({ record: read.record, fault });
    this.#pendingBytes += read.record.size;
  }

  /** The position moves over the record; a usable event moves the watermark by its own time alone. */
  #moved({ record, fault, occurredAt }: Read): void {
    this.#gaps += record.offset - this.#position;
    this.#position = record.offset + 1;
    this.#appendedAt = record.timestamp;
    this.#last = record;
    if (fault !== null) return;
    const lookup = this.#lookup;
    if (occurredAt < lookup.watermark) this.#late++;
    else lookup.watermark = Math.max(lookup.watermark, occurredAt - LATENESS_MS);
  }

  #noteOrder({ store, occurredAt }: Read, value: number): void {
    const id = store!.id;
    const last = this.#lastOrders.get(id);
    if (last && last.occurredAt > occurredAt) return;
    this.#lastOrders.set(id, { store: id, occurredAt, value });
  }
}

/** A usable event of a session: one that memory or storage decides about. */
const foldable = ({ fault, test, errand }: Read): boolean => fault === null && !test && errand === "fold";

const orderOf = (session: Session, orderId: string, placedAt: number): OrderRow =>
  session.orders?.get(orderId) ?? new OrderRow(orderId, placedAt);
