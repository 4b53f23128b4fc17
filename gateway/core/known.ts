// From when to when sums are complete. Outside of it, a minute without data is unknown, not zero.
export interface Known {
  /** Nothing is missing from here on, ms; −Infinity: nothing is missing at all; Infinity: nothing is known yet. */
  readonly completeFrom: number;
  /** … up to here; Infinity for what is kept up to date as it happens. */
  readonly completeTo: number;
  /** Start of the first pane of the store that was ever seen, ms; null: none was. */
  readonly firstData: number | null;
}

/** Does a sum over [from, to) lack nothing, and had the store begun by its end? */
export function covers({ completeFrom, completeTo, firstData }: Known, from: number, to: number): boolean {
  return firstData !== null && completeFrom <= from && to <= completeTo && firstData <= to;
}
