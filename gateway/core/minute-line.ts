// One (store, dimension, value) as a line of minutes, with running totals so that any window is one subtraction:
//
//   minute   …  m-1    m   m+1  m+2          window [m, m+2) = total(m+2) − total(m)
//   total    …   a    a+x  …
//
// Totals are made when a window is asked for, from the first changed minute on; lines nobody looks at cost no more than their minutes.
import { WIDTH, zeros, type Vector } from "./vector.ts";

export const MINUTE_MS = 60_000;
/** Whole minutes since 1970 of a time in ms. */
export const minuteOf = (ms: number): number => Math.floor(ms / MINUTE_MS);

export class MinuteLine {
  readonly #minutes = new Map<number, Vector>();
  /** Totals before minute #base + i, at i × WIDTH. */
  #totals: Float64Array | null = null;
  #base = 0;
  /** Minutes before this one are in the totals. */
  #summedTo = 0;
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

  /** Adds to a minute what is not zero; negative amounts take away again. */
  add(minute: number, amounts: ArrayLike<number>): void {
    let sum = this.#minutes.get(minute);
    if (!sum) this.#minutes.set(minute, (sum = zeros()));
    for (let i = 0; i < WIDTH; i++) sum[i]! += amounts[i]!;
    this.#changed(minute);
  }

  /** Forgets minutes before this one. */
  forget(before: number): void {
    for (const minute of this.#minutes.keys()) if (minute < before) this.#minutes.delete(minute);
    this.#totals = null;
  }

  /** What is known of one minute; undefined: nothing happened in it. */
  minute(minute: number): Readonly<Vector> | undefined {
    return this.#minutes.get(minute);
  }

  /** The sum over minutes [from, to). */
  sum(from: number, to: number): Vector {
    const result = zeros();
    if (to <= from) return result;
    const totals = this.#totalsTo(to);
    const start = Math.max(0, from - this.#base) * WIDTH;
    const end = Math.max(0, to - this.#base) * WIDTH;
    for (let i = 0; i < WIDTH; i++) result[i] = totals[end + i]! - totals[start + i]!;
    return result;
  }

  /** The sum over [from, to) in ms, where `from` is a whole minute; of the minute that `to` cuts, the elapsed share, rounded. */
  sumUntil(from: number, to: number): Vector {
    const last = minuteOf(to);
    const result = this.sum(minuteOf(from), last);
    const cut = this.#minutes.get(last);
    const share = (to - last * MINUTE_MS) / MINUTE_MS;
    if (cut && share > 0 && to > from) for (let i = 0; i < WIDTH; i++) result[i]! += Math.round(cut[i]! * share);
    return result;
  }

  #changed(minute: number): void {
    this.version++;
    if (minute < this.#base) this.#totals = null;
    else this.#summedTo = Math.min(this.#summedTo, minute);
  }

  #totalsTo(end: number): Float64Array {
    if (this.#totals === null) {
      this.#base = Math.min(this.first ?? end, end);
      this.#summedTo = this.#base;
      this.#totals = new Float64Array((end - this.#base + 60) * WIDTH);
    }
    const room = (end - this.#base + 1) * WIDTH;
    if (this.#totals.length < room) {
      const larger = new Float64Array(room + 240 * WIDTH);
      larger.set(this.#totals);
      this.#totals = larger;
    }
    for (; this.#summedTo < end; this.#summedTo++) {
      const sum = this.#minutes.get(this.#summedTo);
      const at = (this.#summedTo - this.#base) * WIDTH;
      for (let i = 0; i < WIDTH; i++) this.#totals[at + WIDTH + i] = this.#totals[at + i]! + (sum ? sum[i]! : 0);
    }
    return this.#totals;
  }
}
