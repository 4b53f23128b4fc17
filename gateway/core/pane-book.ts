// The panes of the last hours, from the topic and from storage in any order, as merged sums per minute.
//
// A row's key is (store, dimension, value, start, source, partition, generation). Of the rows with one key the highest `upto`
// counts, on a tie the one that came last; since values are absolute, order, repetition and overlap change nothing.
// A minute's sum is kept by taking the old row off and adding the new one: integers, so nothing drifts.
import type { PaneRow } from "../../stream/contract/flush.ts";
import { MinuteLine } from "./minute-line.ts";
import { sumOf } from "./sum.ts";

/** Where rows come from: one fold of one source partition. */
export interface Origin {
  readonly source: string;
  readonly partition: number;
  readonly generation: number;
}

/** Which generation of a source a UTC day (days since 1970) shows. */
export type ActiveGeneration = (source: string, day: number) => number;

/** Live is generation 0. */
const liveOnly: ActiveGeneration = () => 0;

interface Row {
  origin: number;
  upto: number;
  /** Measures without the zeros, which most of a pane is: index, amount, index, amount … */
  amounts: readonly number[];
  sketchIndex: readonly number[];
  sketchCount: readonly number[];
}

interface Line {
  readonly line: MinuteLine;
  readonly rows: Map<number, Row[]>;
}

const MINUTES_PER_DAY = 1440;
const EMPTY: ReadonlySet<string> = new Set();

export class PaneBook {
  readonly #active: ActiveGeneration;
  readonly #lines = new Map<string, Line>();
  readonly #origins = new Map<string, number>();
  readonly #stores = new Map<string, Set<string>>();
  /** Minutes before this one are ignored. */
  #horizon = -Infinity;

  constructor(active: ActiveGeneration = liveOnly) {
    this.#active = active;
  }

  /**
   * Takes rows of one origin. 1 s panes and rows that are not of the active generation are ignored.
   * `tie`: whether a row with an equal `upto` replaces the one that is there; one from storage is never newer, so it does not.
   */
  apply({ source, partition, generation }: Origin, rows: Iterable<PaneRow>, tie: "replaces" | "yields"): void {
    const origin = this.#originOf(`${source}\n${partition}\n${generation}`);
    for (const row of rows) {
      const minute = Math.floor(row.start / 60);
      if (row.width !== 60 || minute < this.#horizon) continue;
      if (generation !== this.#active(source, Math.floor(minute / MINUTES_PER_DAY))) continue;
      this.#storesOf(source).add(row.store);
      this.#put(this.#lineOf(row.store, row.dimension, row.value), minute, origin, row, tie);
    }
  }

  /** The line of a series; empty where nothing was seen of it. */
  line(store: string, dimension: string, value: string): MinuteLine {
    return this.#lines.get(key(store, dimension, value))?.line ?? new MinuteLine();
  }

  /** Stores that rows of a source were about. */
  storesOf(source: string): ReadonlySet<string> {
    return this.#stores.get(source) ?? EMPTY;
  }

  /** Rows held; flat over weeks as long as forget() is called. */
  get rows(): number {
    let rows = 0;
    for (const line of this.#lines.values()) for (const minute of line.rows.values()) rows += minute.length;
    return rows;
  }

  /** Drops minutes before this one (minutes since 1970) and ignores such rows from now on. Never moves back. */
  forget(before: number): void {
    if (before <= this.#horizon) return;
    this.#horizon = before;
    for (const [name, { line, rows }] of this.#lines) {
      for (const minute of rows.keys()) if (minute < before) rows.delete(minute);
      if (rows.size === 0) this.#lines.delete(name);
      else line.forget(before);
    }
  }

  #put({ line, rows }: Line, minute: number, origin: number, from: PaneRow, tie: "replaces" | "yields"): void {
    let here = rows.get(minute);
    if (!here) rows.set(minute, (here = []));
    const old = here.find((row) => row.origin === origin);
    if (old && (old.upto > from.upto || (old.upto === from.upto && tie === "yields"))) return;
    const { upto, measures, sketchIndex, sketchCount } = from;
    const difference = sumOf(measures, sketchIndex, sketchCount);
    const amounts = difference.measures.flatMap((amount, index) => (amount === 0 ? [] : [index, amount]));
    if (!old) here.push({ origin, upto, amounts, sketchIndex, sketchCount });
    else {
      for (let i = 0; i < old.amounts.length; i += 2) difference.measures[old.amounts[i]!]! -= old.amounts[i + 1]!;
      old.sketchIndex.forEach((bucket, i) => difference.count(bucket, -old.sketchCount[i]!));
      Object.assign(old, { upto, amounts, sketchIndex, sketchCount });
    }
    line.add(minute, difference);
  }

  #lineOf(store: string, dimension: string, value: string): Line {
    const name = key(store, dimension, value);
    let line = this.#lines.get(name);
    if (!line) this.#lines.set(name, (line = { line: new MinuteLine(), rows: new Map() }));
    return line;
  }

  #originOf(name: string): number {
    const known = this.#origins.get(name);
    if (known !== undefined) return known;
    this.#origins.set(name, this.#origins.size);
    return this.#origins.size - 1;
  }

  #storesOf(source: string): Set<string> {
    let stores = this.#stores.get(source);
    if (!stores) this.#stores.set(source, (stores = new Set()));
    return stores;
  }
}

const key = (store: string, dimension: string, value: string): string => `${store}\n${dimension}\n${value}`;
