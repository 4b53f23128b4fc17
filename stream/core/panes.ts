// Panes in memory: a series is (store, dimension, value), interned to a small integer; a pane is a slice of a series.
import { CROSS, ALL, type Dimension, type PaneWidth } from "../contract/dimensions.ts";
import { MEASURES } from "../contract/measures.ts";
import { bucketOf } from "../contract/quantile-sketch.ts";
import type { Delta } from "./decide.ts";
import type { Row } from "./row.ts";
import type { Profile } from "./session.ts";

export interface Series {
  readonly store: string;
  readonly dimension: Dimension;
  readonly value: string;
}

export interface Pane extends Row {
  readonly series: number;
  readonly width: PaneWidth;
  /** Seconds since 1970 UTC. */
  readonly start: number;
  readonly measures: number[];
  /** Order values by sketch bucket; null until there is one. */
  sketch: Map<number, number> | null;
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
  readonly #series: Series[] = [];
  readonly #ids = new Map<string, number>();
  readonly #slices: Record<PaneWidth, Map<number, Pane>[]> = { 1: [], 60: [] };

  seriesId(store: string, dimension: Dimension, value: string): number {
    const text = `${store}\n${dimension}\n${value}`;
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#series.push({ store, dimension, value }) - 1;
    this.#ids.set(text, id);
    this.#slices[1].push(new Map());
    this.#slices[60].push(new Map());
    return id;
  }

  series(id: number): Series {
    return this.#series[id]!;
  }

  /** The series that events of a profile count into; the first is the one that 1 s panes are kept for. */
  seriesOf(profile: Profile): number[] {
    if (profile.bot) return [this.seriesId(profile.store, "bot", ALL)];
    return SERIES_OF_PEOPLE.map(({ dimension, value }) => this.seriesId(profile.store, dimension, value(profile)));
  }

  get(series: number, width: PaneWidth, start: number): Pane | undefined {
    return this.#slices[width][series]!.get(start);
  }

  put(pane: Pane): void {
    this.#slices[pane.width][pane.series]!.set(pane.start, pane);
  }

  /** Drops the panes of a width that start before `start` (seconds) and that `may` go. */
  evict(width: PaneWidth, start: number, may: (pane: Pane) => boolean): void {
    for (const slices of this.#slices[width])
      for (const pane of slices.values()) if (pane.start < start && may(pane)) slices.delete(pane.start);
  }

  *all(): Generator<Pane> {
    for (const width of [1, 60] as const) for (const slices of this.#slices[width]) yield* slices.values();
  }

  get size(): number {
    let size = 0;
    for (const width of [1, 60] as const) for (const slices of this.#slices[width]) size += slices.size;
    return size;
  }
}

const NOTHING_YET: readonly number[] = MEASURES.map(() => 0);

export function newPane(series: number, width: PaneWidth, start: number): Pane {
  const measures = NOTHING_YET.slice();
  return { series, width, start, measures, sketch: null, base: -1, upto: -1, version: 0, saved: 0 };
}

export function addDelta(pane: Pane, delta: Delta): void {
  for (let i = 0; i < delta.length; i += 2) pane.measures[delta[i]!]! += delta[i + 1]!;
}

export function addOrderValue(pane: Pane, value: number): void {
  if (value <= 0) return;
  const bucket = bucketOf(value);
  pane.sketch ??= new Map();
  pane.sketch.set(bucket, (pane.sketch.get(bucket) ?? 0) + 1);
}

/** Start of the pane that holds a time (ms), in seconds. */
export const paneStart = (time: number, width: PaneWidth): number => Math.floor(time / 1000 / width) * width;
