// A store's wall clock: its midnights, and the same local time a week before. Days have 23, 24 or 25 hours.
import { Temporal } from "temporal-polyfill";
import { MINUTE_MS } from "./minute-line.ts";

const DAY_MS = 24 * 3600_000;

export class StoreClock {
  readonly #zone: string;
  #today = { from: 0, to: 0 };
  readonly #weeksBefore = new Map<number, number>();

  /** An IANA zone. */
  constructor(zone: string) {
    this.#zone = zone;
  }

  /** Start of the local day that `at` falls into. */
  midnight(at: number): number {
    if (at < this.#today.from || at >= this.#today.to) {
      const start = this.#local(at).startOfDay();
      this.#today = { from: start.epochMilliseconds, to: start.add({ days: 1 }).epochMilliseconds };
    }
    return this.#today.from;
  }

  /**
   * The same local time seven days before. Where the clocks skipped that time, the time as far after the gap; where they
   * showed it twice, the first.
   */
  weekBefore(at: number): number {
    const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    let before = this.#weeksBefore.get(minute);
    if (before === undefined) {
      before = this.#local(minute).subtract({ days: 7 }).epochMilliseconds;
      if (this.#weeksBefore.size > 2000) this.#weeksBefore.clear();
      this.#weeksBefore.set(minute, before);
    }
    return before + (at - minute);
  }

  #local(at: number): Temporal.ZonedDateTime {
    return Temporal.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(this.#zone);
  }
}

/** Longer than any local day: what is older than this belongs to no window. */
export const LONGEST_WINDOW_MS = DAY_MS + 2 * 3600_000;
