// An event adds the same to six panes: total, channel, country and so on; its session's cut says which. So what simple events add
// is added up by cut and minute first, and goes into the panes when somebody is about to look at those:
//
//   event ──▶ tally of its cut ──(stored, published, evicted, asked for)──▶ total │ channel │ country │ device │ segment │ cross
//             two cache lines, found                                        once for all events since the last time
//             by the cut's number
//
// Catching up, a hundred events reach a pane between two looks at it. What may be tallied is the memory's to say (`mayTally`).
import type { Delta } from "./decide.ts";

/** The first of MEASURES, all counts: simple events add to no others. */
export const TALLIED = 9;

const ROW = 16; // doubles
const START = 0;
const UPTO = 1;
const PUBLISH = 2;
const COUNTS = 3;
const NONE = -1;

/** Puts counts into the panes of a cut, by its number, for the minute that starts at `start` (s). `upto`: the last offset in them. */
export type Put = (cut: number, start: number, upto: number, publish: boolean, counts: Float64Array) => void;

export class Tallies {
  readonly #put: Put;
  #rows = new Float64Array(0);
  /** Cuts whose tally is not empty. */
  #open: number[] = [];

  constructor(put: Put) {
    this.#put = put;
  }

  get isEmpty(): boolean {
    return this.#open.length === 0;
  }

  /** `publish`: the minute is young enough for kpi.panes. */
  add(cut: number, start: number, offset: number, publish: boolean, delta: Delta, more: Delta): void {
    const at = cut * ROW;
    if (at >= this.#rows.length) this.#grow(cut);
    const rows = this.#rows;
    if (rows[at + START] !== start) {
      if (rows[at + START] === NONE) this.#open.push(cut);
      else this.#empty(cut);
      rows[at + START] = start;
    }
    if (offset > rows[at + UPTO]!) rows[at + UPTO] = offset; // one that was parked comes late
    if (publish) rows[at + PUBLISH] = 1;
    for (let i = 0; i < delta.length; i += 2) rows[at + COUNTS + delta[i]!]! += delta[i + 1]!;
    for (let i = 0; i < more.length; i += 2) rows[at + COUNTS + more[i]!]! += more[i + 1]!;
  }

  /** Puts everything into the panes. */
  settle(): void {
    for (const cut of this.#open) this.#empty(cut);
    this.#open = [];
  }

  #empty(cut: number): void {
    const rows = this.#rows;
    const at = cut * ROW;
    const counts = rows.subarray(at + COUNTS, at + COUNTS + TALLIED);
    this.#put(cut, rows[at + START]!, rows[at + UPTO]!, rows[at + PUBLISH] === 1, counts);
    rows.fill(0, at, at + ROW);
    rows[at + START] = NONE;
  }

  #grow(cut: number): void {
    const rows = new Float64Array(2 * (cut + 32) * ROW);
    rows.set(this.#rows);
    for (let at = this.#rows.length; at < rows.length; at += ROW) rows[at + START] = NONE;
    this.#rows = rows;
  }
}
