// All that a gateway knows: panes of the last hours, the same hours a week ago, the last word of every partition.
// Fed from the topic and from storage in any order; asked by rooms and by the status page.
import type { StoreInfo } from "../contract/wall.ts";
import type { Flush, LastOrder, PaneRow } from "../../stream/contract/flush.ts";
import { ALL } from "../../stream/contract/dimensions.ts";
import type { History } from "./figures.ts";
import { asOf, freshness } from "./freshness.ts";
import { Gauge } from "./gauge.ts";
import { Heartbeats, type Partition } from "./heartbeats.ts";
import { MINUTE_MS, MinuteLine, minuteOf } from "./minute-line.ts";
import { PaneBook, type Origin } from "./pane-book.ts";
import { LONGEST_WINDOW_MS, StoreClock } from "./store-clock.ts";
import type { Freshness } from "../contract/wall.ts";

/** A series of panes. */
export interface SeriesKey {
  readonly store: string;
  readonly dimension: string;
  readonly value: string;
}

/** A past stretch of a series, as storage has it. */
export interface Baseline {
  readonly line: MinuteLine;
  readonly from: number;
  readonly to: number;
}

/** Visitors are shown over an hour; a little more is kept. */
const GAUGE_MINUTES = 120;

interface StoreState {
  readonly info: StoreInfo;
  readonly clock: StoreClock;
  readonly visitors: Gauge;
  visitorsLastWeek: ReadonlyMap<number, number>;
  lastOrder: LastOrder | null;
  /** Newest pane start of any series, ms. */
  lastEventAt: number | null;
  /** Start of the store's first pane in storage, ms. */
  firstStored: number | null;
  changes: number;
}

export class Model {
  readonly #stores: ReadonlyMap<string, StoreState>;
  readonly #book = new PaneBook();
  readonly #beats: Heartbeats;
  readonly #baselines = new Map<string, Baseline>();
  readonly #listeningSince: number;
  #completeFrom = Infinity;

  /** `home`: name of the live source. `listeningSince`: now, ms. */
  constructor(stores: readonly StoreInfo[], home: string, listeningSince: number) {
    this.#stores = new Map(stores.map((info) => [info.id, newStore(info)]));
    this.#beats = new Heartbeats(home);
    this.#listeningSince = listeningSince;
    this.#book.forget(minuteOf(listeningSince - 2 * LONGEST_WINDOW_MS)); // windows never end further back than one
  }

  /** One record of kpi.panes, whether it came before or not. */
  applyFlush(flush: Flush): void {
    this.#beats.hear(flush);
    this.#book.apply(flush, flush.panes, "replaces");
    for (const { store, start } of flush.panes) this.#sawEvent(store, start * 1000);
    for (const order of flush.lastOrders) {
      const state = this.#stores.get(order.store);
      if (state && (state.lastOrder === null || order.occurredAt >= state.lastOrder.occurredAt))
        state.lastOrder = order;
    }
  }

  /** Rows from storage. */
  applyStored(origin: Origin, rows: readonly PaneRow[]): void {
    this.#book.apply(origin, rows, "yields");
    for (const { store, start } of rows) this.#sawEvent(store, start * 1000);
  }

  /** A source has so many partitions, heard or not. */
  expectPartitions(source: string, partitions: number): void {
    for (let partition = 0; partition < partitions; partition++) this.#beats.expect(source, partition);
  }

  /** Every pane from here on is here, ms. */
  completeSince(from: number): void {
    this.#completeFrom = Math.min(this.#completeFrom, from);
  }

  firstStored(store: string, at: number): void {
    const state = this.#stores.get(store);
    if (state) state.firstStored = at;
  }

  setBaseline(key: SeriesKey, baseline: Baseline): void {
    this.#baselines.set(nameOf(key), baseline);
    this.#changed(key.store);
  }

  /** Keeps the baselines of these series only. */
  keepBaselines(keys: readonly SeriesKey[]): void {
    const kept = new Set(keys.map(nameOf));
    for (const name of this.#baselines.keys()) if (!kept.has(name)) this.#baselines.delete(name);
  }

  /** Sessions active in 5 min, per minute since 1970. */
  setVisitors(store: string, past: ReadonlyMap<number, number>, lastWeek: ReadonlyMap<number, number>): void {
    const state = this.#stores.get(store);
    if (!state) return;
    state.visitors.complete(past);
    state.visitorsLastWeek = lastWeek;
    state.changes++;
  }

  /** Once a second: samples the gauges and forgets what no window needs. */
  tick(now: number): void {
    let oldest = now;
    for (const { info, visitors } of this.#stores.values()) {
      const end = this.asOf(info.id, now);
      oldest = Math.min(oldest, end);
      const sessions = this.visitorsNow(info.id, now);
      if (sessions !== null) visitors.record(end, sessions);
    }
    this.#book.forget(minuteOf(oldest - LONGEST_WINDOW_MS));
  }

  store(id: string): { readonly info: StoreInfo; readonly clock: StoreClock } | null {
    return this.#stores.get(id) ?? null;
  }

  get stores(): readonly StoreInfo[] {
    return [...this.#stores.values()].map(({ info }) => info);
  }

  get partitions(): readonly Partition[] {
    return this.#beats.all;
  }

  asOf(store: string, now: number): number {
    return asOf(this.#counting(store, now), now);
  }

  freshness(store: string, now: number): Freshness {
    const last = this.#stores.get(store)?.lastEventAt ?? null;
    const silentFor = last === null ? null : Math.max(0, now - last);
    return freshness(this.#counting(store, now), this.#listeningSince, silentFor, now);
  }

  history(key: SeriesKey): History {
    const known = { completeFrom: this.#completeFrom, completeTo: Infinity, firstData: this.#firstData(key.store) };
    return { line: this.#book.line(key.store, key.dimension, key.value), known };
  }

  lastWeek(key: SeriesKey): History {
    const baseline = this.#baselines.get(nameOf(key));
    const {
      from: completeFrom,
      to: completeTo,
      line,
    } = baseline ?? { from: Infinity, to: -Infinity, line: new MinuteLine() };
    return { line, known: { completeFrom, completeTo, firstData: this.#firstData(key.store) } };
  }

  /** Counts up whenever the figures of a series may have changed. */
  changes(key: SeriesKey): number {
    return this.#book.line(key.store, key.dimension, key.value).version + (this.#stores.get(key.store)?.changes ?? 0);
  }

  lastOrder(store: string): LastOrder | null {
    return this.#stores.get(store)?.lastOrder ?? null;
  }

  /** null: no partition has said. */
  visitorsNow(store: string, now: number): number | null {
    const beats = this.#counting(store, now).flatMap(({ beat }) => (beat === null ? [] : [beat]));
    if (beats.length === 0) return null;
    const here = beats.flatMap(({ visitors }) => visitors.filter((entry) => entry.store === store));
    return here.reduce((sum, { sessions }) => sum + sessions, 0);
  }

  visitorsAt(store: string, at: number): number | null {
    return this.#stores.get(store)?.visitors.at(at) ?? null;
  }

  visitorsLastWeek(store: string, at: number): number | null {
    return this.#stores.get(store)?.visitorsLastWeek.get(minuteOf(at)) ?? null;
  }

  get rows(): number {
    return this.#book.rows;
  }

  #counting(store: string, now: number): readonly Partition[] {
    return this.#beats.counting((source) => this.#book.storesOf(source).has(store), now);
  }

  #firstData(store: string): number | null {
    const first = this.#book.line(store, "total", ALL).first;
    const stored = this.#stores.get(store)?.firstStored ?? null;
    const inBook = first === null ? Infinity : first * MINUTE_MS;
    return first === null && stored === null ? null : Math.min(inBook, stored ?? Infinity);
  }

  #sawEvent(store: string, at: number): void {
    const state = this.#stores.get(store);
    if (!state) return;
    state.lastEventAt = Math.max(state.lastEventAt ?? at, at);
    state.changes++;
  }

  #changed(store: string): void {
    const state = this.#stores.get(store);
    if (state) state.changes++;
  }
}

const nameOf = ({ store, dimension, value }: SeriesKey): string => `${store}\n${dimension}\n${value}`;

const newStore = (info: StoreInfo): StoreState => ({
  info,
  clock: new StoreClock(info.timeZone),
  visitors: new Gauge(GAUGE_MINUTES),
  visitorsLastWeek: new Map(),
  lastOrder: null,
  lastEventAt: null,
  firstStored: null,
  changes: 0,
});
