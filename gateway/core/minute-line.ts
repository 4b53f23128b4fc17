// One (store, dimension, value) as a line of minutes, and the windows through which someone looks at it. Lines that nobody looks at
// have no window, so a change costs them no more than its minute.
import { M } from "../../stream/contract/measures.ts";
import { Rolling } from "./rolling.ts";
import { Measured, Sum, type ReadonlyMeasures, type ReadonlySum } from "./sum.ts";

export const MINUTE_MS = 60_000;
/** Whole minutes since 1970 of a time in ms. */
export const minuteOf = (ms: number): number => Math.floor(ms / MINUTE_MS);

export class MinuteLine {
  readonly #minutes = new Map<number, Sum>();
  /** Minutes that hold revisions: few, so that they are found without a walk over all. */
  readonly #revised = new Set<number>();
  readonly #windows = new Map<string, Rolling<Sum>>();
  readonly #points = new Map<number, Rolling<Measured>>();
  readonly #minuteOf = (minute: number): ReadonlySum | undefined => this.#minutes.get(minute);
  /** Counts up with every change. */
  version = 0;

  get size(): number {
    return this.#minutes.size;
  }

  /** The first minute that holds anything; null: none does. */
  get first(): number | null {
    let first: number | null = null;
    for (const minute of this.#minutes.keys()) if (first === null || minute < first) first = minute;
    return first;
  }

  /** Adds to a minute; negative amounts take away again. */
  add(minute: number, difference: ReadonlySum): void {
    let sum = this.#minutes.get(minute);
    if (!sum) this.#minutes.set(minute, (sum = new Sum()));
    sum.add(difference);
    if (sum.measures[M.revisions] === 0) this.#revised.delete(minute);
    else this.#revised.add(minute);
    for (const window of this.#kept()) window.changed(minute, difference);
    this.version++;
  }

  /** Forgets minutes before this one. */
  forget(before: number): void {
    for (const window of this.#kept()) window.leave(before);
    for (const minutes of [this.#minutes, this.#revised])
      for (const minute of minutes.keys()) if (minute < before) minutes.delete(minute);
  }

  /** What is known of one minute; undefined: nothing happened in it. */
  minute(minute: number): ReadonlySum | undefined {
    return this.#minutes.get(minute);
  }

  /** Those of the minutes [from, to) that were changed after they had settled, ascending. */
  revised(from: number, to: number): number[] {
    return [...this.#revised].filter((minute) => minute >= from && minute < to).sort((a, b) => a - b);
  }

  /** The sum over minutes [from, to) by the window of this name, which is kept from one look to the next. */
  over(window: string, from: number, to: number): ReadonlySum {
    let kept = this.#windows.get(window);
    if (!kept) this.#windows.set(window, (kept = new Rolling(this.#minuteOf, () => new Sum())));
    return kept.over(from, to);
  }

  /** The same for the points of a chart, without quantiles; points of one width share a window. */
  pointOver(width: number, from: number, to: number): ReadonlyMeasures {
    let kept = this.#points.get(width);
    if (!kept) this.#points.set(width, (kept = new Rolling(this.#minuteOf, () => new Measured())));
    return kept.over(from, to);
  }

  *#kept(): Iterable<Rolling<Sum> | Rolling<Measured>> {
    yield* this.#windows.values();
    yield* this.#points.values();
  }
}
