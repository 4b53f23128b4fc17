// UTC to store time. Offsets change on quarter hours at the earliest, so one look-up serves a quarter hour.
import { Temporal } from "temporal-polyfill";

const QUARTER = 15 * 60_000;
const MOST_KEPT = 20_000;

export interface LocalTime {
  /** Hours since local midnight, with a fraction. */
  readonly hour: number;
  /** 0 is Monday. */
  readonly weekday: number;
  /** 1 to 12. */
  readonly month: number;
}

/** The clock on the wall of a shop in this zone; times are ms since 1970 UTC. */
export class StoreTime {
  readonly #zone: string;
  readonly #offsets = new Map<number, number>();

  constructor(timeZone: string) {
    this.#zone = timeZone;
  }

  at(ms: number): LocalTime {
    const local = new Date(ms + this.offset(ms));
    return {
      hour: local.getUTCHours() + local.getUTCMinutes() / 60,
      weekday: (local.getUTCDay() + 6) % 7,
      month: local.getUTCMonth() + 1,
    };
  }

  /** Ms that the wall is ahead of UTC. */
  offset(ms: number): number {
    const quarter = Math.floor(ms / QUARTER);
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    if (this.#offsets.size >= MOST_KEPT) this.#offsets.clear();
    const instant = Temporal.Instant.fromEpochMilliseconds(quarter * QUARTER);
    const offset = instant.toZonedDateTimeISO(this.#zone).offsetNanoseconds / 1e6;
    this.#offsets.set(quarter, offset);
    return offset;
  }

  /** Days since 1970 in store time: it grows by one at each local midnight, on days of 23 and 25 hours, too. */
  day(ms: number): number {
    return Math.floor((ms + this.offset(ms)) / 86_400_000);
  }
}
