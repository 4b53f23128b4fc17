// Where an event's effects go, and putting them there. All that one event does to one row is one application:
// the pane of the session's start and the pane of the event may be the same row.
import { PUBLISHED_MS, SECONDS_KEPT_MS, SETTLES_AFTER_MS } from "../contract/lateness.ts";
import type { PaneWidth } from "../contract/dimensions.ts";
import { M, NET_SALES } from "../contract/measures.ts";
import { clean } from "./clean.ts";
import type { Delta, Effects } from "./decide.ts";
import { isEmpty, type Lookup, type Memory } from "./memory.ts";
import { addOrderValue, paneStart, type Pane, type Series } from "./panes.ts";
import type { Read } from "./read.ts";
import { enqueue, touch } from "./row.ts";
import { NEVER, type OrderRow } from "./session.ts";
import type { Session } from "./sessions.ts";
import type { Cut } from "./cut.ts";

// Which of an event's amounts go into a pane.
const OF_EVENT = 1;
const OF_START = 2;

/** One event's way into its rows: first `findPanes`, and when that has found them all, `put`. Used again for every event. */
export class Application {
  readonly #memory: Memory;
  readonly #lookup: Lookup;
  // The panes that the event goes to, what of it goes to each, and the amounts of a category's pane (null: the event's own).
  #count = 0;
  readonly #panes: Pane[] = [];
  readonly #parts: number[] = [];
  readonly #deltas: (Delta | null)[] = [];
  /** The minute panes of the session's cut are not among #panes: they get it by tally. */
  #tallied = false;

  constructor(memory: Memory, lookup: Lookup) {
    this.#memory = memory;
    this.#lookup = lookup;
  }

  /** Finds the panes for an event's effects; false where storage has to be asked first: the lookup's needs say for what. */
  findPanes(read: Read, session: Session, effects: Effects): boolean {
    const memory = this.#memory;
    const lookup = this.#lookup;
    this.#count = 0;
    this.#tallied = false;
    const { atStart, atEvent, byCategory } = effects;
    const eventMinute = paneStart(read.occurredAt, 60);
    if (atStart.length + atEvent.length > 0) {
      const startMinute = paneStart(session.startedAt, 60);
      this.#tallied =
        effects.placed === null &&
        effects.take === null &&
        (atStart.length === 0 || startMinute === eventMinute) &&
        memory.mayTally(eventMinute, read.offset, lookup.watermark);
      if (!this.#tallied)
        for (const series of memory.panes.seriesOf(session.cut))
          this.#find(series, 60, startMinute, eventMinute, effects);
      const oldest = Math.min(session.startedAt, read.occurredAt);
      if (!session.bot && oldest >= read.record.timestamp - SECONDS_KEPT_MS) {
        const total = memory.panes.total(session.storeNumber);
        this.#find(total, 1, paneStart(session.startedAt, 1), paneStart(read.occurredAt, 1), effects);
      }
    }
    if (!session.bot)
      for (const { category, delta } of byCategory) {
        const series = memory.panes.category(session.storeNumber, category);
        const pane = memory.pane(series, 60, eventMinute, lookup);
        if (pane) this.#add(pane, 0, delta);
      }
    return isEmpty(lookup.needs);
  }

  /** In one series, the panes of the event's and of its session's start; `startAt` and `eventAt`: theirs, s. */
  #find(series: Series, width: PaneWidth, startAt: number, eventAt: number, { atStart, atEvent }: Effects): void {
    const inOne = startAt === eventAt;
    if (atEvent.length > 0 || (inOne && atStart.length > 0)) {
      const pane = this.#memory.pane(series, width, eventAt, this.#lookup);
      if (pane) this.#add(pane, inOne ? OF_EVENT | OF_START : OF_EVENT, null);
    }
    if (!inOne && atStart.length > 0) {
      const pane = this.#memory.pane(series, width, startAt, this.#lookup);
      if (pane) this.#add(pane, OF_START, null);
    }
  }

  #add(pane: Pane, parts: number, delta: Delta | null): void {
    const i = this.#count++;
    this.#panes[i] = pane;
    this.#parts[i] = parts;
    this.#deltas[i] = delta;
  }

  /**
   * Puts the event's facts into its session and order (null: it has none), and its effects into the panes that were found.
   * `watermark` is that of the record's offset.
   */
  put(read: Read, session: Session, order: OrderRow | null, effects: Effects, watermark: number): void {
    const memory = this.#memory;
    const { offset, timestamp } = read.record;
    applyToSession(memory, session, read);
    if (order) applyToOrder(memory, session, order, effects, offset);
    if (this.#tallied) {
      const minute = paneStart(read.occurredAt, 60);
      const publish = minute * 1000 >= timestamp - PUBLISHED_MS;
      memory.tallies.add(session.cutNumber, minute, offset, publish, effects.atEvent, effects.atStart);
    }
    for (let i = 0; i < this.#count; i++) {
      const found = this.#panes[i]!;
      const pane = found.upto === -1 ? memory.keep(found) : found;
      if (touch(pane, offset)) {
        const delta = this.#deltas[i]!;
        const parts = this.#parts[i]!;
        const settled = hasSettled(pane, watermark);
        if (settled) pane.measures[M.revisions]!++;
        if (delta) add(pane, delta, settled);
        if ((parts & OF_EVENT) !== 0) {
          add(pane, effects.atEvent, settled);
          if (effects.orderValue !== null) addOrderValue(pane, effects.orderValue);
        }
        if ((parts & OF_START) !== 0) add(pane, effects.atStart, settled);
        enqueue(memory.dirtyPanes, pane);
      }
      if (!pane.unpublished && pane.start * 1000 >= timestamp - PUBLISHED_MS) memory.toPublish(pane);
    }
  }
}

/** Adds to the lookup's needs every pane that an event could touch, whatever its session's facts say: for asking ahead. */
export function foreseePanes(memory: Memory, lookup: Lookup, cut: Cut, read: Read): void {
  const { occurredAt, startedAt, event } = read;
  for (const series of memory.panes.seriesOf(cut))
    for (const time of [occurredAt, startedAt]) memory.pane(series, 60, paneStart(time, 60), lookup);
  if (cut.bot) return;
  const total = memory.panes.total(cut.storeNumber);
  if (Math.min(startedAt, occurredAt) >= read.record.timestamp - SECONDS_KEPT_MS)
    for (const time of [occurredAt, startedAt]) memory.pane(total, 1, paneStart(time, 1), lookup);
  const categories =
    read.type === "product_viewed"
      ? [read.category]
      : event?.type === "order_placed"
        ? event.lines.map((line) => line.category)
        : [];
  for (const category of categories) {
    const series = memory.panes.category(cut.storeNumber, clean.category(category));
    memory.pane(series, 60, paneStart(occurredAt, 60), lookup);
  }
}

const hasSettled = ({ start, width }: Pane, watermark: number): boolean =>
  (start + width) * 1000 + SETTLES_AFTER_MS <= watermark;

function add({ measures }: Pane, delta: Delta, settled: boolean): void {
  for (let i = 0; i < delta.length; i += 2) {
    measures[delta[i]!]! += delta[i + 1]!;
    if (settled) measures[M.revised_sales]! += NET_SALES[delta[i]!]! * delta[i + 1]!;
  }
}

function applyToSession(memory: Memory, session: Session, read: Read): void {
  const { offset } = read.record;
  const { occurredAt } = read;
  if (session.isNew) memory.sessions.add(session);
  if (!touch(session, offset)) return;
  if (session.firstOffset === NEVER) session.firstOffset = offset;
  if (read.type === "order_placed" && session.firstOrder === NEVER) session.firstOrder = offset;
  if (read.type === "cart_changed" && session.firstCart === NEVER) session.firstCart = offset;
  if (read.type === "checkout_started" && session.firstCheckout === NEVER) session.firstCheckout = offset;
  session.see(read.eventHash, offset);
  if (occurredAt > session.activeAt) session.activeAt = occurredAt;
  if (occurredAt > session.lastEventAt) {
    if (!session.bot && session.kind === "session")
      memory.visitors.move(session.storeNumber, session.lastEventAt, occurredAt);
    session.lastEventAt = occurredAt;
  }
  memory.changed(session);
}

function applyToOrder(memory: Memory, session: Session, order: OrderRow, effects: Effects, offset: number): void {
  if (order.upto === -1) session.addOrder(order);
  if (!touch(order, offset)) return;
  if (effects.placed) order.placed = effects.placed;
  if (effects.take) order.take(effects.take);
  enqueue(memory.dirtyOrders, order);
}
