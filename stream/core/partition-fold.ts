// The fold of one source partition: records in, rows out. State after offset o is a pure function of the log up to o.
//
//   record ─▶ decode ─▶ screen ─▶ session ─▶ decide ─▶ panes ─▶ apply ─▶ outcome
//                │         │         │                   │
//                ▼         ▼         └── not in memory ──┘─▶ needs: ask storage, or park where it is away
//           dead letter  filtered
//
// How records are batched, when rows are stored and what a crash interrupts changes nothing (docs/architecture.md).
import type { EventDecoder } from "../../producers/contract/codec.ts";
import type { EventOf, ShopEvent } from "../../producers/contract/events.ts";
import { noCounters, type Counters, type Verdict } from "../contract/accounting.ts";
import type { LastOrder } from "../contract/flush.ts";
import { LATENESS_MS, PANE_MEMORY_MS, SESSION_MEMORY_MS } from "../contract/lateness.ts";
import { apply, panesFor } from "./apply.ts";
import { decide, orderIdOf } from "./decide.ts";
import { Fixings } from "./fixings.ts";
import { hashBytes } from "./hash53.ts";
import type { LogRecord } from "./log-record.ts";
import { Memory, noNeeds, type Needs, type StoredRows } from "./memory.ts";
import { netEffect, screenEvent, screenSize, type Fault, type SessionEvent } from "./screen.ts";
import { keyText, newOrder, newSession, profileOf, sessionKeyOf, type SessionRow } from "./session.ts";

/** How one record ended; becomes its raw row. */
export interface Outcome {
  readonly record: LogRecord;
  /** null: it could not be decoded. */
  readonly event: ShopEvent | null;
  readonly verdict: Verdict;
  readonly fault: Fault | null;
  readonly net: { readonly currency: string; readonly amount: number };
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
  /** Identity of the record at position − 1. */
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

/** Identity of a record, to notice that a topic is not the one the position belongs to. */
export const recordIdentity = (record: LogRecord): string =>
  `${record.timestamp}-${record.value?.length ?? -1}-${record.value ? hashBytes(record.value) : 0}`;

/** A record with all that can be said of it alone. */
export interface Read {
  readonly record: LogRecord;
  /** null: it could not be decoded. */
  readonly event: ShopEvent | null;
  readonly fault: Fault | null;
}

/** Nothing younger than this, by the watermark, has to be asked for. */
const LEAST_MEMORY_MS = Math.min(SESSION_MEMORY_MS, PANE_MEMORY_MS[1], PANE_MEMORY_MS[60]);

interface Parked {
  readonly record: LogRecord;
  readonly event: SessionEvent;
  readonly session: string;
  readonly fixings: Fixings;
}

export interface FoldSettings {
  readonly decoder: EventDecoder;
  /** Reporting currency of each store that is known. */
  readonly currencies: ReadonlyMap<string, string>;
}

export class PartitionFold {
  readonly memory = new Memory();
  readonly #settings: FoldSettings;
  readonly #stores: ReadonlySet<string>;
  #position: number;
  readonly #firstOffset: number;
  #gaps: number;
  #watermark: number;
  #appendedAt: number | null;
  #last: LogRecord | null = null;
  #lastRecord: string;
  readonly #counters: Counters;
  #late: number;
  #fixings: Fixings;
  readonly #lastOrders = new Map<string, LastOrder>();
  #parked: Parked[] = [];
  readonly #parkedSessions = new Set<string>();
  #outcomes: Outcome[] = [];
  #outcomeBytes = 0;

  constructor(settings: FoldSettings, standing: Standing) {
    this.#settings = settings;
    this.#stores = new Set(settings.currencies.keys());
    this.#position = standing.position;
    this.#firstOffset = standing.firstOffset;
    this.#gaps = standing.gaps;
    this.#watermark = standing.watermark;
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
      watermark: this.#watermark,
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
    return this.#parked[0]?.record.offset ?? null;
  }

  /** Bytes of the records whose outcome is not stored yet. */
  get pendingBytes(): number {
    return this.#outcomeBytes;
  }

  /** Outcomes of the records since the last call, in offset order; the caller owns them now. */
  takeOutcomes(): Outcome[] {
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    this.#outcomeBytes = 0;
    return outcomes;
  }

  /** Gives outcomes back whose storing failed. */
  returnOutcomes(outcomes: Outcome[]): void {
    this.#outcomes = [...outcomes, ...this.#outcomes];
    for (const { record } of outcomes) this.#outcomeBytes += record.value?.length ?? 0;
  }

  /** Decodes and screens a record: all that can be said of it alone. A pure function of the record. */
  read(record: LogRecord): Read {
    const oversized = screenSize(record.value);
    if (oversized) return { record, event: null, fault: oversized };
    const decoded = this.#settings.decoder.decode(record.value);
    if (!decoded.ok) return { record, event: null, fault: { reason: decoded.reason, detail: decoded.detail } };
    return { record, event: decoded.event, fault: screenEvent(decoded.event, record.timestamp, this.#stores) };
  }

  /**
   * Folds one record. `needs` not empty: nothing was done; ask storage, `supply` the answer and fold it again, or `park` it.
   * A record below the position was folded already and is passed over.
   */
  fold({ record, event, fault }: Read, needs: Needs = noNeeds()): Needs {
    if (record.offset < this.#position) return needs;
    if (event === null || fault !== null) {
      this.#ended(record, event, "dead-letter", fault);
      this.#moved(record, null);
    } else if (event.test) this.#passed(record, event, "filtered-test");
    else if (isNote(event)) this.#passed(record, event, "counted");
    else if (event.type === "fx_fixed") {
      this.#fixings = this.#fixings.with(event.day, event.rates);
      this.#passed(record, event, "counted");
    } else {
      const waits = this.#parked.length > 0 && this.#parkedSessions.has(keyText(sessionKeyOf(event)));
      if (waits) this.#park(record, event);
      else if (!this.#foldShopEvent(record, event, this.#fixings, needs)) return needs;
      this.#moved(record, event);
    }
    return needs;
  }

  /**
   * Adds to `needs` what folding these records would ask storage for, so that a batch asks once. Asks rather too much: by the
   * watermark after the last of them, and for every pane that they could touch.
   */
  foresee(reads: readonly Read[], needs: Needs): void {
    const ahead = reads.filter(isShopEvent);
    const last = ahead.reduce((latest, { event }) => Math.max(latest, event.occurred_at), 0);
    const watermark = Math.max(this.#watermark, last - LATENESS_MS);
    const made = new Map<string, SessionRow>(); // by the first of its records, as the fold will make it
    for (const { record, event } of ahead) {
      const key = sessionKeyOf(event);
      if (Math.min(key.startedAt, event.occurred_at) >= watermark - LEAST_MEMORY_MS) continue;
      const known = this.memory.session(key, watermark, needs);
      if (known === undefined) continue;
      const session = known ?? made.get(keyText(key)) ?? newSession(key, profileOf(event));
      made.set(keyText(key), session);
      panesFor(this.memory, session, event, record.timestamp, watermark, needs);
    }
  }

  /** Takes in storage's answer to `needs`. */
  supply(needs: Needs, rows: StoredRows): void {
    this.memory.adopt(rows);
    this.memory.answered(needs);
  }

  /** Puts a record aside that needs storage while storage is away; others, of other sessions, go on. */
  park(read: Read): void {
    if (!isShopEvent(read)) throw new Error(`offset ${read.record.offset} needs no storage`);
    this.#park(read.record, read.event);
    this.#moved(read.record, read.event);
  }

  /** Records that wait for storage, in offset order. */
  get parked(): readonly Read[] {
    return this.#parked.map(({ record, event }) => ({ record, event, fault: null }));
  }

  /** Folds what was parked, in offset order. `needs` not empty: ask for them, supply, and call again. */
  unpark(needs: Needs = noNeeds()): Needs {
    while (this.#parked.length > 0) {
      const { record, event, fixings } = this.#parked[0]!;
      if (!this.#foldShopEvent(record, event, fixings, needs)) return needs;
      this.#parked.shift();
    }
    this.#parkedSessions.clear();
    return needs;
  }

  /** True when done; false when `needs` says what is missing. */
  #foldShopEvent(record: LogRecord, event: SessionEvent, fixings: Fixings, needs: Needs): boolean {
    const memory = this.memory;
    const key = sessionKeyOf(event);
    const known = memory.session(key, this.#watermark, needs);
    if (known === undefined) return false;
    const session = known ?? newSession(key, profileOf(event));
    const currency = this.#settings.currencies.get(event.store)!;
    const decision = decide(event, record.offset, session, fixings, currency);
    if (decision.kind === "duplicate") {
      this.#ended(record, event, "duplicate", null);
      return true;
    }
    if (decision.kind === "dead") {
      this.#ended(record, event, "dead-letter", decision.fault);
      return true;
    }
    const { effects } = decision;
    const targets = panesFor(memory, session, event, record.timestamp, this.#watermark, needs, effects);
    if (targets === null) return false;
    const orderId = orderIdOf(event);
    const placedAt = "placed_at" in event ? event.placed_at : event.occurred_at;
    const order = orderId === null ? null : (session.orders?.get(orderId) ?? newOrder(session, orderId, placedAt));
    apply(memory, record, event, effects, session, order, targets);
    if (event.type === "order_placed" && effects.verdict === "counted" && effects.orderValue !== null)
      this.#noteOrder(event, effects.orderValue);
    this.#ended(record, event, effects.verdict, null);
    return true;
  }

  #park(record: LogRecord, event: SessionEvent): void {
    const session = keyText(sessionKeyOf(event));
    this.#parked.push({ record, event, session, fixings: this.#fixings });
    this.#parkedSessions.add(session);
    this.#outcomeBytes += record.value?.length ?? 0;
  }

  #passed(record: LogRecord, event: ShopEvent, verdict: Verdict): void {
    this.#ended(record, event, verdict, null);
    this.#moved(record, event);
  }

  #ended(record: LogRecord, event: ShopEvent | null, verdict: Verdict, fault: Fault | null): void {
    this.#counters[verdict]++;
    const net = event ? netEffect(event) : { currency: "", amount: 0 };
    this.#outcomes.push({ record, event, verdict, fault, net });
    this.#outcomeBytes += record.value?.length ?? 0;
  }

  /** The position moves over the record; a usable event moves the watermark by its own time alone. */
  #moved(record: LogRecord, event: ShopEvent | null): void {
    this.#gaps += record.offset - this.#position;
    this.#position = record.offset + 1;
    this.#appendedAt = record.timestamp;
    this.#last = record;
    if (event === null) return;
    if (event.occurred_at < this.#watermark) this.#late++;
    this.#watermark = Math.max(this.#watermark, event.occurred_at - LATENESS_MS);
  }

  #noteOrder(event: EventOf<"order_placed">, value: number): void {
    const last = this.#lastOrders.get(event.store);
    if (last && last.occurredAt > event.occurred_at) return;
    this.#lastOrders.set(event.store, { store: event.store, occurredAt: event.occurred_at, value });
  }
}

/** A usable event of a session: one that memory or storage decides about. */
function isShopEvent(read: Read): read is Read & { readonly event: SessionEvent } {
  const { event, fault } = read;
  return event !== null && fault === null && !event.test && !isNote(event) && event.type !== "fx_fixed";
}

const isNote = (
  event: ShopEvent,
): event is EventOf<"stock_changed"> | EventOf<"customer_updated"> | EventOf<"product_updated"> =>
  event.type === "stock_changed" || event.type === "customer_updated" || event.type === "product_updated";
