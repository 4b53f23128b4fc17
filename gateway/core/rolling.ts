// A window over a line of minutes that is kept, not computed: as it moves, the minutes that enter are added and those that leave
// are taken off; where a minute inside it changes, the difference is added. All are integers (sum.ts), so the window always
// equals the sum of its minutes, however it got there.
//
//   minute   …  m-5   m-4   m-3   m-2   m-1    m    m+1  …
//                ├─────────── window ──────────┤                     before
//                      ├─────────── window ──────────┤               a minute later
//               − m-5          ± Δ(m-3)            + m               what that costs: one off, one on, and each late change
//
// Either end may move either way (time goes back when a partition falls behind, today begins anew at midnight). A window that
// leaves its old place altogether begins empty at the new one, as it does when it is made.
import type { ReadonlySum, Total } from "./sum.ts";

/** What a line knows of a minute; undefined: nothing happened in it. */
export type MinuteOf = (minute: number) => ReadonlySum | undefined;

/** The caller's duties: each change of a minute is told once, with no move between the telling and the making; none is forgotten before leave(). */
export class Rolling<Of extends Total> {
  readonly #minuteOf: MinuteOf;
  readonly #empty: () => Of;
  #sum: Of;
  #from = 0;
  #to = 0;

  constructor(minuteOf: MinuteOf, empty: () => Of) {
    this.#minuteOf = minuteOf;
    this.#empty = empty;
    this.#sum = empty();
  }

  /** The sum over minutes [from, to), empty where `to` is not past `from`. It holds until the next move or change. */
  over(from: number, to: number): Readonly<Of> {
    const end = Math.max(from, to);
    if (end <= this.#from || from >= this.#to) this.#beginAt(from);
    while (this.#to < end) this.#enter(this.#to++);
    while (this.#to > end) this.#leave(--this.#to);
    while (this.#from > from) this.#enter(--this.#from);
    while (this.#from < from) this.#leave(this.#from++);
    return this.#sum;
  }

  /** A minute has changed by so much. */
  changed(minute: number, difference: ReadonlySum): void {
    if (minute >= this.#from && minute < this.#to) this.#sum.add(difference);
  }

  /** Minutes before this one are about to be forgotten. */
  leave(before: number): void {
    if (before > this.#from) this.over(before, Math.max(before, this.#to));
  }

  #beginAt(minute: number): void {
    this.#sum = this.#empty();
    this.#from = this.#to = minute;
  }

  #enter(minute: number): void {
    const sum = this.#minuteOf(minute);
    if (sum) this.#sum.add(sum);
  }

  #leave(minute: number): void {
    const sum = this.#minuteOf(minute);
    if (sum) this.#sum.subtract(sum);
  }
}
