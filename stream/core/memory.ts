// What a partition's fold has in memory: live sessions with their orders, and panes. What is not here is new if it lies
// inside the horizon by the watermark before the record; otherwise storage has to be asked. Only clean rows may leave.
import { PANE_MEMORY_MS, SESSION_MEMORY_MS, SETTLES_AFTER_MS } from "../contract/lateness.ts";
import type { Dimension, PaneWidth } from "../contract/dimensions.ts";
import { cleanProfile, type Cut, type Profile } from "./cut.ts";
import { hash32 } from "./hash.ts";
import { Pane, PaneTable, slicesOf, type Series } from "./panes.ts";
import type { Read } from "./read.ts";
import { enqueue, isDirty } from "./row.ts";
import { keyText, OrderRow, rowHash, type SessionKey, type Take } from "./session.ts";
import { People } from "./people.ts";
import { Sessions, type Session } from "./sessions.ts";
import { Tallies } from "./tallies.ts";
import { Visitors } from "./visitors.ts";

export interface PaneKey {
  readonly store: string;
  readonly dimension: Dimension;
  readonly value: string;
  readonly width: PaneWidth;
  readonly start: number;
}

/** Rows that storage must be asked for before a record can be folded. */
export interface Needs {
  readonly sessions: Map<string, SessionKey>;
  readonly panes: Map<string, PaneKey>;
}

export const noNeeds = (): Needs => ({ sessions: new Map(), panes: new Map() });
export const isEmpty = (needs: Needs): boolean => needs.sessions.size === 0 && needs.panes.size === 0;

/** By which watermark (ms) memory is asked, and what it could not answer. */
export interface Lookup {
  watermark: number;
  needs: Needs;
}

/** A pane as storage has it. */
export interface StoredPane extends PaneKey {
  readonly upto: number;
  readonly measures: readonly number[];
  readonly sketchIndex: readonly number[];
  readonly sketchCount: readonly number[];
}

/** An order as storage has it. */
export interface StoredOrder extends Pick<OrderRow, "orderId" | "placedAt" | "placed" | "upto"> {
  readonly takes: readonly Take[];
}

/** A session as storage has it, with its orders. */
export interface StoredSession {
  readonly key: SessionKey;
  readonly profile: Profile;
  readonly visitor: string;
  readonly customer: string;
  readonly firstOffset: number;
  readonly firstOrder: number;
  readonly firstCart: number;
  readonly firstCheckout: number;
  readonly activeAt: number;
  readonly lastEventAt: number;
  readonly upto: number;
  readonly seenId: readonly number[];
  readonly seenAt: readonly number[];
  readonly orders: readonly StoredOrder[];
}

/** Rows as storage has them. */
export interface StoredRows {
  readonly sessions: readonly StoredSession[];
  readonly panes: readonly StoredPane[];
}

/** Sessions looked at before others run. */
const EVICT_AT_ONCE = 20_000;

export const paneText = (key: PaneKey): string =>
  `${key.width}|${key.start}|${key.store}|${key.dimension}|${key.value}`;

export class Memory {
  readonly sessions = new Sessions();
  readonly panes = new PaneTable(this.sessions.cuts);
  readonly visitors = new Visitors();
  /** Slots. */
  dirtySessions: number[] = [];
  dirtyOrders: OrderRow[] = [];
  dirtyPanes: Pane[] = [];
  /** Panes to publish. A pane that has left memory meanwhile is still published from here. */
  unpublished: Pane[] = [];
  readonly tallies = new Tallies((...tally) => this.#putTally(...tally));
  /** The greatest `upto` of the panes that were loaded: what lies above it is in none of them. */
  #loadedUpto = -1;
  /** What storage was asked for while this batch is folded and nothing left memory: what is not here now is not there either. */
  readonly #asked = new Set<string>();

  /** undefined: storage has to be asked, and the key is in `needs` now. null: there is none. */
  session(read: Read, { watermark, needs }: Lookup): Session | null | undefined {
    const known = this.sessions.find(read);
    if (known) return known;
    if (read.startedAt >= watermark - SESSION_MEMORY_MS) return null;
    const key = read.sessionKey;
    const text = keyText(key);
    if (this.#asked.has(text)) return null;
    needs.sessions.set(text, key);
    return undefined;
  }

  /** The session that a record starts, with the record's profile; not live yet. */
  newSession(read: Read): Session {
    return this.sessions.begin(read, this.cutOf(read), read.people);
  }

  /** What a session is cut by that starts with this record. */
  cutOf(read: Read): Cut {
    const { cuts } = this.sessions;
    const store = read.store!.id;
    if (read.event !== null) return cuts.of(cleanProfile(store, read.event));
    return cuts.ofWords(store, read.record.bytes, read.wordsAt, read.wordsEnd);
  }

  /** undefined: storage has to be asked. A pane that is new is made, but not kept yet. */
  pane(series: Series, width: PaneWidth, start: number, lookup: Lookup): Pane | undefined {
    const known = slicesOf(series, width).get(start);
    if (known) return known;
    if (start * 1000 < lookup.watermark - PANE_MEMORY_MS[width]) {
      if (!this.tallies.isEmpty) {
        this.tallies.settle(); // one of them may hold this very pane
        return this.pane(series, width, start, lookup);
      }
      const { store, dimension, value } = series;
      const key: PaneKey = { store, dimension, value, width, start };
      const text = paneText(key);
      if (!this.#asked.has(text)) {
        lookup.needs.panes.set(text, key);
        return undefined;
      }
    }
    return new Pane(series, width, start);
  }

  /** Visitors at an event time (ms), per store. */
  visitorsAt(now: number): { store: string; sessions: number }[] {
    return this.visitors.at(now, (store) => this.sessions.cuts.storeAt(store));
  }

  /** The next flush stores it. */
  changed(session: Session): void {
    if (session.queued) return;
    session.queued = true;
    this.dirtySessions.push(session.slot);
  }

  /**
   * What a record adds to panes of the minute at `start` (s) may wait in a tally where nothing about them is in doubt: no pane
   * that was loaded has the record already, and none has left memory or settled.
   */
  mayTally(start: number, offset: number, watermark: number): boolean {
    return offset > this.#loadedUpto && (start + 60) * 1000 + SETTLES_AFTER_MS > watermark;
  }

  #putTally(number: number, start: number, upto: number, publish: boolean, counts: Float64Array): void {
    for (const series of this.panes.seriesOf(this.sessions.cuts.at(number))) {
      const pane = series.minutes.get(start) ?? this.keep(new Pane(series, 60, start));
      if (upto > pane.upto) pane.upto = upto;
      pane.version++;
      for (let i = 0; i < counts.length; i++) pane.measures[i]! += counts[i]!;
      enqueue(this.dirtyPanes, pane);
      if (publish) this.toPublish(pane);
    }
  }

  /** A pane that is new and empty; where a tally has made it meanwhile, that one. */
  keep(pane: Pane): Pane {
    const slices = slicesOf(pane.series, pane.width);
    const known = slices.get(pane.start);
    if (!known) slices.put(pane);
    return known ?? pane;
  }

  get hasUnpublished(): boolean {
    return this.unpublished.length > 0 || !this.tallies.isEmpty;
  }

  toPublish(pane: Pane): void {
    if (pane.unpublished) return;
    pane.unpublished = true;
    this.unpublished.push(pane);
  }

  /** Takes in what storage answered. A row that is in memory already stays: it is newer. */
  adopt(rows: StoredRows): void {
    for (const stored of rows.sessions) this.#adoptSession(stored);
    for (const stored of rows.panes) {
      const series = this.panes.series(stored.store, stored.dimension, stored.value);
      if (slicesOf(series, stored.width).get(stored.start)) continue;
      const pane = new Pane(series, stored.width, stored.start);
      pane.base = pane.upto = stored.upto;
      this.#loadedUpto = Math.max(this.#loadedUpto, stored.upto);
      stored.measures.forEach((amount, index) => (pane.measures[index] = amount));
      if (stored.sketchIndex.length > 0)
        pane.sketch = { index: [...stored.sketchIndex], count: [...stored.sketchCount] };
      this.keep(pane);
    }
  }

  /** Remembers, until the batch ends, that storage has answered for these. */
  answered(needs: Needs): void {
    for (const text of needs.sessions.keys()) this.#asked.add(text);
    for (const text of needs.panes.keys()) this.#asked.add(text);
  }

  endBatch(): void {
    if (this.#asked.size > 0) this.#asked.clear();
  }

  /**
   * Drops what the watermark has left behind and what is stored. When exactly does not matter. Others may run, but not fold, at
   * each of its steps.
   */
  *evict(watermark: number): Generator<void> {
    this.endBatch(); // what leaves memory now is in storage
    this.tallies.settle();
    let visited = 0;
    for (const slot of this.sessions.slots()) {
      if (++visited % EVICT_AT_ONCE === 0) yield;
      const session = this.sessions.at(slot);
      if (session.activeAt >= watermark - SESSION_MEMORY_MS || isDirty(session)) continue;
      const { orders } = session;
      if (orders && [...orders.values()].some(isDirty)) continue;
      if (!session.bot && session.kind === "session") this.visitors.move(session.storeNumber, session.lastEventAt, 0);
      this.sessions.delete(slot);
    }
    for (const width of [1, 60] as const) {
      const start = Math.floor((watermark - PANE_MEMORY_MS[width]) / 1000);
      this.panes.evict(width, start, (pane) => !isDirty(pane));
    }
    this.panes.forgetEmpty();
  }

  #adoptSession(stored: StoredSession): void {
    const { kind, id, startedAt } = stored.key;
    const idBytes = Buffer.from(id);
    const hash = rowHash(hash32(idBytes, 0, idBytes.length), kind, startedAt);
    const wanted = { hash, kind, startedAt, idBytes, idAt: 0, idEnd: idBytes.length };
    if (this.sessions.find(wanted)) return;
    const cut = this.sessions.cuts.of(stored.profile);
    const session = this.sessions.begin(wanted, cut, People.of(stored.visitor, stored.customer));
    session.firstOffset = stored.firstOffset;
    session.firstOrder = stored.firstOrder;
    session.firstCart = stored.firstCart;
    session.firstCheckout = stored.firstCheckout;
    session.activeAt = stored.activeAt;
    session.lastEventAt = stored.lastEventAt;
    session.base = session.upto = stored.upto;
    stored.seenId.forEach((event, i) => session.see(event, stored.seenAt[i]!));
    this.sessions.add(session);
    for (const order of stored.orders) session.addOrder(restoreOrder(order));
    if (!cut.bot && kind === "session") this.visitors.move(cut.storeNumber, 0, session.lastEventAt);
  }
}

function restoreOrder({ orderId, placedAt, placed, takes, upto }: StoredOrder): OrderRow {
  const order = new OrderRow(orderId, placedAt);
  order.placed = placed;
  for (const take of takes) order.take(take);
  order.base = order.upto = upto;
  return order;
}
