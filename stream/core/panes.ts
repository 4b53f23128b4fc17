// Panes in memory: a series is (store, dimension, value); a pane is a slice of a series.
import { CROSS, ALL, type Dimension, type PaneWidth } from "../contract/dimensions.ts";
import { MEASURES } from "../contract/measures.ts";
import { bucketOf } from "../contract/quantile-sketch.ts";
import type { Cut, Cuts, Profile } from "./cut.ts";
import type { Row } from "./row.ts";

export interface Series {
  readonly store: string;
  readonly dimension: Dimension;
  readonly value: string;
  readonly seconds: Slices;
  readonly minutes: Slices;
}

export const slicesOf = (series: Series, width: PaneWidth): Slices => (width === 60 ? series.minutes : series.seconds);

/** Panes of one width of one series, by start. The one that was asked for last is usually asked for next. */
class Slices {
  readonly panes = new Map<number, Pane>();
  #recent: Pane | null = null;

  get(start: number): Pane | undefined {
    if (this.#recent?.start === start) return this.#recent;
    const pane = this.panes.get(start);
    if (pane) this.#recent = pane;
    return pane;
  }

  put(pane: Pane): void {
    this.panes.set(pane.start, pane);
    this.#recent = pane;
  }

  delete(pane: Pane): void {
    this.panes.delete(pane.start);
    if (this.#recent === pane) this.#recent = null;
  }
}

/** Made of doubles from the start, so that sums of money never make the engine rebuild it. */
const NOTHING_YET: readonly number[] = MEASURES.map(() => 0.5).fill(0);

/** One that is new is empty. */
export class Pane implements Row {
  readonly series: Series;
  readonly width: PaneWidth;
  /** Seconds since 1970 UTC. */
  readonly start: number;
  /** In the order of MEASURES. */
  readonly measures = NOTHING_YET.slice();
  /** Order values by sketch bucket; null until there is one. */
  sketch: Sketch | null = null;
  /** It is on the list of panes to publish. */
  unpublished = false;
  base = -1;
  upto = -1;
  version = 0;
  saved = 0;
  queued = false;

  constructor(series: Series, width: PaneWidth, start: number) {
    this.series = series;
    this.width = width;
    this.start = start;
  }
}

/** Which series a human session counts into: one table, complete by what a profile knows. */
const SERIES_OF_PEOPLE: readonly { dimension: Dimension; value: (profile: Profile) => string }[] = [
  { dimension: "total", value: () => ALL },
  { dimension: "channel", value: (profile) => profile.channel },
  { dimension: "country", value: (profile) => profile.country },
  { dimension: "device", value: (profile) => profile.device },
  { dimension: "segment", value: (profile) => profile.segment },
  { dimension: "channel_country", value: (profile) => profile.channel + CROSS + profile.country },
];

export class PaneTable {
  readonly #series = new Map<string, Series>();
  /** By number of store, and category: asked for with every view of a product. */
  readonly #categories: Map<string, Series>[] = [];
  /** By number of store. */
  readonly #totals: Series[] = [];
  readonly #cuts: Cuts;

  constructor(cuts: Cuts) {
    this.#cuts = cuts;
  }

  category(store: number, category: string): Series {
    const known = (this.#categories[store] ??= new Map<string, Series>());
    let series = known.get(category);
    if (!series) known.set(category, (series = this.series(this.#cuts.storeAt(store), "category", category)));
    return series;
  }

  /** The series that 1 s panes are kept for. */
  total(store: number): Series {
    return (this.#totals[store] ??= this.series(this.#cuts.storeAt(store), "total", ALL));
  }

  series(store: string, dimension: Dimension, value: string): Series {
    const text = `${dimension}|${value}|${store}`;
    let series = this.#series.get(text);
    if (!series) {
      series = { store, dimension, value, seconds: new Slices(), minutes: new Slices() };
      this.#series.set(text, series);
    }
    return series;
  }

  /** The series that events of a cut count into. */
  seriesOf(cut: Cut): readonly Series[] {
    return (cut.series ??= cut.bot
      ? [this.series(cut.store, "bot", ALL)]
      : SERIES_OF_PEOPLE.map(({ dimension, value }) => this.series(cut.store, dimension, value(cut))));
  }

  /** Drops the panes of a width that start before `start` (seconds) and that `may` go. */
  evict(width: PaneWidth, start: number, may: (pane: Pane) => boolean): void {
    for (const series of this.#series.values()) {
      const slices = slicesOf(series, width);
      for (const pane of slices.panes.values()) if (pane.start < start && may(pane)) slices.delete(pane);
    }
  }

  /** Forgets series without panes once they are more than the others: a stream of words never seen again must not fill memory. */
  forgetEmpty(): void {
    const empty = [...this.#series].filter(([, { seconds, minutes }]) => seconds.panes.size + minutes.panes.size === 0);
    if (2 * empty.length <= this.#series.size) return;
    for (const [text] of empty) this.#series.delete(text);
    this.#categories.length = 0;
    this.#totals.length = 0;
    this.#cuts.forgetSeries();
  }

  *all(): Generator<Pane> {
    for (const { seconds, minutes } of this.#series.values()) {
      yield* seconds.panes.values();
      yield* minutes.panes.values();
    }
  }

  get size(): number {
    let size = 0;
    for (const { seconds, minutes } of this.#series.values()) size += seconds.panes.size + minutes.panes.size;
    return size;
  }
}

/** Sketch buckets, ascending, and how many orders fell into each. */
export interface Sketch {
  readonly index: number[];
  readonly count: number[];
}

export function addOrderValue(pane: Pane, value: number): void {
  if (value <= 0) return;
  const bucket = bucketOf(value);
  const { index, count } = (pane.sketch ??= { index: [], count: [] });
  let low = 0;
  let high = index.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (index[middle]! < bucket) low = middle + 1;
    else high = middle;
  }
  if (index[low] === bucket) count[low]!++;
  else {
    index.splice(low, 0, bucket);
    count.splice(low, 0, 1);
  }
}

/** Start of the pane that holds a time (ms), in seconds. */
export const paneStart = (time: number, width: PaneWidth): number => Math.floor(time / 1000 / width) * width;
